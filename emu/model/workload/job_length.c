/* SPDX-License-Identifier: MIT */
#include "emu/model/workload/job_length.h"

#include "emu/model/workload/job_graph.h"

uint32_t sfe_job_length(const struct sfe_job *job)
{
	uint32_t to[SFE_MAX_TASKS_PER_JOB]; /* the longest path that ends with each step */
	uint32_t longest = 0;

	if (!job->graph)
		return job->n_steps;
	for (uint32_t s = 0; s < job->n_steps && s < SFE_MAX_TASKS_PER_JOB; s++) {
		to[s] = 1;
		for (uint32_t i = 0; i < sfe_steps_before(job, s); i++) {
			uint32_t before = to[sfe_step_before(job, s, i)];
			to[s] = before >= to[s] ? before + 1 : to[s];
		}
		longest = to[s] > longest ? to[s] : longest;
	}
	return longest;
}
