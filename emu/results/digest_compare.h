/* SPDX-License-Identifier: MIT */
/* The invariant of all strategies: each leaves the same states and return value of a job. */
#ifndef SFE_RESULTS_DIGEST_COMPARE_H
#define SFE_RESULTS_DIGEST_COMPARE_H

#include "emu/experiment/experiment.h"

struct sfe_digest_first;
struct sfe_digests {
	const struct sfe_experiment *e;
	struct sfe_digest_first *first; /* by job */
};

/* 0 or -ENOMEM. */
int sfe_digests_open(struct sfe_digests *d, const struct sfe_experiment *e, struct sfe_error *err);
/*
 * A job that finished under a strategy, in the order of the strategies. Jobs whose states depend on
 * the order of jobs are not compared. -EBADMSG: an earlier strategy left something else.
 */
int sfe_digests_add(struct sfe_digests *d, uint32_t job, const struct sfe_strategy_info *strategy,
	uint64_t digest, struct sfe_error *err);
void sfe_digests_free(struct sfe_digests *d);

#endif
