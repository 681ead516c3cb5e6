/* SPDX-License-Identifier: MIT */
#include "nodes/base/dependencies.h"

bool step_depends(const struct sfe_job *job, uint32_t step, uint32_t state)
{
	const struct sfe_step *s = &job->steps[step];

	for (uint32_t i = 0; i < s->n_deps; i++) {
		if (s->deps[i] == state)
			return true;
	}
	return false;
}

bool state_needed_from(const struct sfe_job *job, uint32_t state, uint32_t next)
{
	for (uint32_t s = next; s < job->n_steps; s++) {
		if (step_depends(job, s, state))
			return true;
	}
	return false;
}

uint64_t state_version_before(const struct sfe_job *job, uint32_t state, uint32_t step)
{
	uint64_t version = 0;

	while (step--)
		version += step_depends(job, step, state);
	return version;
}
