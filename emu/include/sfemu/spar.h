/* SPDX-License-Identifier: MIT */
/*
 * Synthetic jobs in the way of Spår (github.com/All-less/trace-generator): a DAG of tasks in ranks,
 * from the statistics of Alibaba's cluster trace. The tables are taken as the discrete laws that
 * they are.
 */
#ifndef SFEMU_SPAR_H
#define SFEMU_SPAR_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sfemu/error.h"

#define SFE_SPAR_MAX_JOBS 1000000u

struct sfe_spar_tables;

/*
 * Reads cpl.csv level.csv task_num.csv task_duration.csv task_cpu.csv task_mem.csv instance_num.csv
 * and job_interval.csv of a folder: quantile tables "p,value", in cpl and level "key,p,value". *out
 * is the caller's.
 */
int sfe_spar_tables_read(const char *folder, struct sfe_spar_tables **out, struct sfe_error *err);
void sfe_spar_tables_free(struct sfe_spar_tables *t);

struct sfe_spar_params {
	uint32_t jobs; /* how many are written */
	uint64_t seed;
	bool stateful_only;            /* only jobs that keep a state after the DAG-to-chain step */
	uint32_t min_chain, max_chain; /* only jobs of that many invocations; max 0: no bound */
};

/*
 * Writes rows arrival_s,j_N,NAME,duration_s,cpu,mem,instances. Jobs that are not wanted take their
 * time too, so that the arrivals are those of the wanted jobs in the whole trace; numbers N count
 * the wanted. The same tables and params give the same bytes. -ERANGE if jobs as wanted (nearly)
 * never come.
 */
int sfe_spar_write(const struct sfe_spar_tables *t, const struct sfe_spar_params *params, FILE *out,
	struct sfe_error *err);

#endif
