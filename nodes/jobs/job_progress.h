/* SPDX-License-Identifier: MIT */
/* How far a job is: what its client has got of it so far. */
#ifndef SFE_NODES_JOB_PROGRESS_H
#define SFE_NODES_JOB_PROGRESS_H

#include "nodes/base/deployment.h"
#include "nodes/recovery/join.h"

struct job_progress {
	const struct sfe_job *job;
	struct slice argument;
	struct step_result {
		bool there;
		struct slice output;
	} * result;      /* of each step */
	uint32_t n_left; /* results that are not there yet: of all steps if the client invokes
			    them, else of those without a successor */
};

/* 0 or -ENOMEM; to be cleared in any case. */
int progress_init(struct job_progress *p, const struct sfe_job *job, bool client_invokes);
void progress_clear(struct job_progress *p);

/* A step's result has come. Takes over the output; false: it was there already. */
bool progress_add(struct job_progress *p, uint32_t step, struct slice *output);
/* Whether the results of all predecessors are there. */
bool progress_may_call(const struct job_progress *p, uint32_t step);
/* The argument of such a step. 0 or -ENOMEM. */
int progress_argument(
	const struct job_progress *p, struct buffer_pool *pool, uint32_t step, struct slice *out);
/* The job's return value, when nothing is left. 0 or -ENOMEM. */
int progress_return_value(
	const struct job_progress *p, struct buffer_pool *pool, struct slice *out);

#endif
