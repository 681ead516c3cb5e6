/* SPDX-License-Identifier: MIT */
#include "emu/model/strategies/job_rules.h"

static bool carries(const struct sfe_job_rules *r, uint32_t state, uint32_t from, uint32_t to)
{
	return (r->rules->carries && r->rules->carries(r->job, state, from, to)) ||
	       (r->inlined && sfe_inlined_carries(r->inlined, r->job, state, from, to));
}

uint64_t sfe_carried_bytes(const struct sfe_job_rules *r, uint32_t from, uint32_t to)
{
	uint64_t bytes = 0;

	for (uint32_t i = 0; (r->rules->carries || r->inlined) && i < r->job->n_states; i++)
		if (carries(r, i, from, to))
			bytes += r->job->state_bytes[i];
	return bytes;
}

bool sfe_called_by_client(const struct sfe_job_rules *r, uint32_t step)
{
	return r->rules->client_invokes || !sfe_steps_before(r->job, step);
}

bool sfe_came_with_call(const struct sfe_job_rules *r, uint32_t state, uint32_t step)
{
	bool came = false;

	if (!r->rules->carries && !r->inlined)
		return false;
	if (sfe_called_by_client(r, step))
		return carries(r, state, SFE_CLIENT, step);
	for (uint32_t i = 0; i < sfe_steps_before(r->job, step) && !came; i++)
		came = carries(r, state, sfe_step_before(r->job, step, i), step);
	return came;
}
