/* SPDX-License-Identifier: MIT */
/* A summary of a workload, for people and programs. */
#ifndef SFEMU_WORKLOAD_SUMMARY_H
#define SFEMU_WORKLOAD_SUMMARY_H

#include <stdio.h>

#include "sfemu/workload.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SFE_CHAIN_BINS 33u /* lengths of longest paths, 0 … 31; the last bin has all from 32 */
#define SFE_SIZE_BINS 42u  /* 0 bytes; then 2^(i-1) … 2^i - 1 bytes */
#define SFE_ARRIVAL_BINS 16u

struct sfe_spread { /* of n values; all 0 if n is 0 */
	uint64_t n;
	double mean, min, p50, p95, max;
};

struct sfe_workload_summary {
	uint32_t jobs, stateless, skipped;
	uint32_t left_out[SFE_LEFT_OUT_REASONS]; /* of Alibaba's trace */
	double first_s, last_s;                  /* arrivals */
	uint32_t graphs;                         /* jobs that are no chains */
	struct sfe_spread chain; /* invocations on the longest path of a job: all of a chain */
	struct sfe_spread invocations, operations, argument_bytes, states, state_bytes, gap_s;
	uint64_t chain_bins[SFE_CHAIN_BINS], size_bins[SFE_SIZE_BINS];
	double arrival_width_s; /* width of a bin; the first begins at first_s */
	uint64_t arrival_bins[SFE_ARRIVAL_BINS];
	/* Of the workload, which may be freed before; NULL: none. */
	const struct sfe_workflows *workflows;
};

/* 0 or -ENOMEM. */
int sfe_workload_summarise(const struct sfe_workload *w, struct sfe_workload_summary *out);

enum sfe_bars { SFE_BARS_PLAIN, SFE_BARS_BLOCKS }; /* '#', or Unicode's blocks in eighths */

/* Prints a table and three histograms, at most 80 columns wide. Write errors stay on the stream. */
void sfe_workload_summary_print(
	const struct sfe_workload_summary *s, const char *file, enum sfe_bars bars, FILE *out);
void sfe_workload_summary_json(const struct sfe_workload_summary *s, const char *file, FILE *out);

#ifdef __cplusplus
}
#endif

#endif
