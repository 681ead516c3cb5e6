/* SPDX-License-Identifier: MIT */
/* How much of a run used the network at all: a job whose invocations all run on its own client, and
 * whose states stay there, sends nothing. */
#ifndef SFE_REPORT_LOCALITY_H
#define SFE_REPORT_LOCALITY_H

#include <stdbool.h>
#include <stdio.h>

#include "emu/results/table_columns.h"

struct sfe_locality { /* of a strategy */
	char strategy[SFE_STRATEGY_BYTES];
	unsigned jobs, network_jobs; /* network_jobs: those that used it */
	uint64_t invocations, own;   /* own: those on their job's client */
};

/* Which keys decide where invocations run. */
extern const char sfe_locality_keys[];

/* Counts, a row a strategy. *out is the caller's (free). The only error is -ENOMEM. */
int sfe_locality_of(const struct sfe_job_row *jobs, unsigned n_jobs,
	const struct sfe_invocation_row *invocations, unsigned n_invocations,
	const struct sfe_transfer_row *transfers, unsigned n_transfers, struct sfe_locality **out,
	unsigned *n);
/* Reads a results folder, and says it in a line, or a line a strategy where they differ. */
int sfe_locality_print(int results_fd, FILE *out, struct sfe_error *err);
/* "20 of 60 jobs used the network; 207 of 281 invocations ran on the job's own client". */
void sfe_locality_say(const struct sfe_locality *l, FILE *out);
/* Whether all rows have the same counts. */
bool sfe_locality_same(const struct sfe_locality *l, unsigned n);

#endif
