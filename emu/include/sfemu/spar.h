/* SPDX-License-Identifier: MIT */
/*
 * Synthetic jobs in the manner of Spår (github.com/All-less/trace-generator): each job is a DAG of
 * tasks in ranks, drawn from the statistics of Alibaba's cluster trace. The tables are used as
 * discrete distributions.
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

/* The built-in tables (spar_builtin.c). *out is the caller's. */
int sfe_spar_tables_builtin(struct sfe_spar_tables **out, struct sfe_error *err);

/*
 * Reads cpl.csv level.csv task_num.csv task_duration.csv task_cpu.csv task_mem.csv instance_num.csv
 * and job_interval.csv from a folder: quantile tables "p,value"; cpl and level have "key,p,value".
 * *out is the caller's.
 */
int sfe_spar_tables_read(const char *folder, struct sfe_spar_tables **out, struct sfe_error *err);
void sfe_spar_tables_free(struct sfe_spar_tables *t);

struct sfe_spar_params {
	uint32_t jobs; /* most jobs that are written; 0: all that arrive */
	double hours;  /* jobs arrive before this time; 0: no end (then jobs is needed) */
	/*
	 * Jobs per hour relative to the tables (0 counts as 1). Above 1 the gaps between arrivals
	 * are divided by it; below 1 each job is kept with this probability. Both as in Spår.
	 */
	double load_factor;
	/*
	 * Spår's heterogeneity of cpu and memory (0 counts as 1): a value above its distribution's
	 * mean is multiplied by it, any other divided.
	 */
	double heterogeneity;
	uint64_t seed;
	bool as_published;  /* with the bias of the published generator: spar_published.c */
	bool stateful_only; /* only jobs with a state after the DAG-to-chain step */
	uint32_t min_chain, max_chain; /* only jobs with this many invocations; max 0: no bound */
};

struct sfe_spar_counts { /* counts of what was written */
	uint32_t jobs;
	uint64_t tasks;
	double last_s; /* arrival of the last job */
};

/*
 * Writes rows arrival_s,j_N,NAME,duration_s,cpu,mem,instances. Jobs that do not match are drawn too
 * and take their time, so that arrivals are those in the whole trace; N numbers the written jobs.
 * Equal tables and params give equal bytes. -ERANGE if matching jobs are too rare, or if more than
 * SFE_SPAR_MAX_JOBS arrive. counts may be NULL.
 */
int sfe_spar_write(const struct sfe_spar_tables *t, const struct sfe_spar_params *params, FILE *out,
	struct sfe_spar_counts *counts, struct sfe_error *err);

#ifdef __cplusplus
}
#endif

#endif
