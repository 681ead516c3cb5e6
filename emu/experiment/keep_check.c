/* SPDX-License-Identifier: MIT */
#include "emu/experiment/keep_check.h"

#include <errno.h>
#include <inttypes.h>

uint64_t sfe_keep_files(const struct sfe_experiment *e)
{
	uint64_t files = 0;

	if (e->scenario->keep != SFE_KEEP_STATES)
		return 0;
	for (uint32_t j = 0; j < e->n_jobs; j++) {
		const struct sfe_job *job = e->jobs[j].job;
		/* Strategies leave the same bytes, once, unless the order of jobs is in them. */
		uint64_t times =
			sfe_job_depends_on_order(e->workload, job) ? e->scenario->n_strategies : 1;
		files += times * (2 + (uint64_t)job->n_states); /* a folder and the return value */
	}
	if (e->shared.n) /* those that outlive jobs, and their folders */
		files += e->scenario->n_strategies *
			 (1 + (uint64_t)e->shared.n + e->scenario->workflows.n);
	return files;
}

int sfe_keep_check(const struct sfe_experiment *e, struct sfe_error *err)
{
	uint64_t files = sfe_keep_files(e);

	return files > SFE_MAX_KEPT_FILES
		       ? sfe_fail(err, -EINVAL, e->scenario->file,
				 "run fewer jobs, or write keep: nothing",
				 "keep: the states of %u jobs are %" PRIu64
				 " files and folders, more than the %u that a run may keep",
				 e->n_jobs, files, SFE_MAX_KEPT_FILES)
		       : 0;
}

int sfe_keep_check_created(const struct sfe_scenario *s, uint64_t files, struct sfe_error *err)
{
	return files > SFE_MAX_KEPT_FILES
		       ? sfe_fail(err, -E2BIG, s->file,
				 "run fewer jobs, put fewer names, or write keep: nothing",
				 "keep: with the states that functions created by name there may "
				 "be "
				 "%" PRIu64
				 " files and folders, more than the %u that a run may keep",
				 files, SFE_MAX_KEPT_FILES)
		       : 0;
}
