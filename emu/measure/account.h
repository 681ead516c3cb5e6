/* SPDX-License-Identifier: MIT */
/*
 * What the workers of a replay say, kept in its results, and whether it can be true: each job ends
 * once, each state of a job that is done is there in its last version and has one owner, nothing
 * was applied twice. Nothing here waits or talks.
 */
#ifndef SFE_MEASURE_ACCOUNT_H
#define SFE_MEASURE_ACCOUNT_H

#include "emu/measure/record.h"

struct sfe_restart { /* of a worker that had crashed */
	uint32_t node;
	uint64_t ns; /* CLOCK_MONOTONIC, before it was told */
};

struct sfe_account {
	const struct sfe_deployment *deployment;
	struct sfe_replay *out; /* its jobs are there */
	struct sfe_ctl_state *states;
	struct sfe_restart *restarts;
	uint32_t n_states, n_restarts;
	uint32_t room_invocations, room_transfers, room_attempts, room_states, room_restarts;
};

enum { SFE_ACCOUNT_BYE = 1, SFE_ACCOUNT_JOB_ENDED };

/* Takes a message of that worker. 0, one of the above, or what makes no sense of it. */
int sfe_account_take(struct sfe_account *a, uint32_t node, const void *message, size_t size,
	struct sfe_error *err);
/* Ends a job of which nothing was heard; what is heard later does not count. */
void sfe_account_give_up(struct sfe_account *a, uint32_t job, uint64_t start_ns, uint64_t now_ns);
int sfe_account_restarted(
	struct sfe_account *a, uint32_t node, uint64_t now_ns, struct sfe_error *err);
/*
 * After the last message: sums up, finds each job's digest, and refuses what a strategy must not
 * do. hops: for payload x hops.
 */
int sfe_account_close(struct sfe_account *a, const struct sfe_routing *hops, struct sfe_error *err);
void sfe_account_free(struct sfe_account *a);

#endif
