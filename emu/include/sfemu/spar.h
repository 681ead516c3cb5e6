/* SPDX-License-Identifier: MIT */
/*
 * Synthetic jobs in the path of Spår (github.com/All-less/trace-generator): a DAG of tasks in
 * ranks, from the statistics of Alibaba's cluster trace. The tables are taken as the discrete laws
 * that they are.
 */
#ifndef SFEMU_SPAR_H
#define SFEMU_SPAR_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sfemu/error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SFE_SPAR_MAX_JOBS 10000000u
#define SFE_SPAR_MAX_HOURS 87600.0
#define SFE_SPAR_MIN_FACTOR 1e-3 /* of load and of heterogeneity */
#define SFE_SPAR_MAX_FACTOR 1e3

struct sfe_spar_tables;

/* The laws as figures of the library's own (spar_figures.c). *out is the caller's. */
int sfe_spar_tables_builtin(struct sfe_spar_tables **out, struct sfe_error *err);

/*
 * Reads cpl.csv level.csv task_num.csv task_duration.csv task_cpu.csv task_mem.csv instance_num.csv
 * and job_interval.csv of a folder: quantile tables "p,value", in cpl and level "key,p,value". *out
 * is the caller's.
 */
int sfe_spar_tables_read(const char *folder, struct sfe_spar_tables **out, struct sfe_error *err);
void sfe_spar_tables_free(struct sfe_spar_tables *t);

struct sfe_spar_params {
	uint32_t jobs; /* at most that many are written; 0: as many as arrive */
	double hours;  /* jobs arrive before that time; 0: without end (then jobs is needed) */
	/*
	 * Jobs an hour relative to the tables' own (0 counts as 1). Above 1 the gaps between
	 * arrivals are divided by it, below 1 each job is kept with this probability: Spår's two
	 * paths.
	 */
	double load_factor;
	/*
	 * Spår's heterogeneity, of cpu and memory relative to their averages (0 counts as 1): a
	 * value above its law's average is multiplied by it, any other divided.
	 */
	double heterogeneity;
	uint64_t seed;
	bool as_published;             /* with the published generator's bias: spar_published.c */
	bool stateful_only;            /* only jobs that keep a state after the DAG-to-chain step */
	uint32_t min_chain, max_chain; /* only jobs of that many invocations; max 0: no bound */
};

struct sfe_spar_counts { /* of what was written */
	uint32_t jobs;
	uint64_t tasks;
	double last_s; /* arrival of the last job */
};

/*
 * Writes rows arrival_s,j_N,NAME,duration_s,cpu,mem,instances. Jobs that are not wanted take their
 * time too, so that the arrivals are those of the wanted jobs in the whole trace; numbers N count
 * the wanted. The same tables and params give the same bytes. -ERANGE if jobs as wanted (nearly)
 * never come, or more than SFE_SPAR_MAX_JOBS arrive. counts may be
 * NULL.
 */
int sfe_spar_write(const struct sfe_spar_tables *t, const struct sfe_spar_params *params, FILE *out,
	struct sfe_spar_counts *counts, struct sfe_error *err);

#ifdef __cplusplus
}
#endif

#endif
