/* SPDX-License-Identifier: MIT */
/* One line a strategy: a row of summary.csv (tables.c describes it) and of the comparison table. */
#ifndef SFE_RUN_SUMMARY_H
#define SFE_RUN_SUMMARY_H

#include <stdio.h>

#include "emu/run/explain.h"

struct sfe_summary {
	char strategy[32];
	uint32_t jobs, done;
	double response_mean_s, response_p50_s, response_p95_s,
		response_p99_s; /* of the jobs done; NaN if none */
	double net_delay_mean_s, processing_mean_s;
	double payload_bytes_hops, wire_bytes, drops;
	/* The closed form, and what the difference is made of (explain.h): means of the jobs done.
	 */
	double predicted_net_delay_mean_s, predicted_processing_mean_s;
	double predicted_payload_bytes_hops;
	double propagation_s, pipelining_s, queueing_s, tcp_start_s, headers_s, unexplained_s;
	char fidelity[160]; /* "virtual", "ok", or why the figures are not valid */
};

int sfe_summary_of(
	const struct sfe_replay *r, const struct sfe_explanation *x, struct sfe_summary *s);

/* Reads summary.csv of a results folder: *rows is the caller's. */
int sfe_summary_read(int dir, struct sfe_summary **rows, unsigned *n, struct sfe_error *err);
/* The comparison, with ratios to PureFaaS (or to the first row where PureFaaS was not run). */
void sfe_summary_table(const struct sfe_summary *rows, unsigned n, FILE *out);
/* The closed form beside it, and what the difference is made of. */
void sfe_summary_model_table(const struct sfe_summary *rows, unsigned n, FILE *out);

#endif
