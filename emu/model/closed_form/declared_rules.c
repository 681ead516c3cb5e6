/* SPDX-License-Identifier: MIT */
#include "emu/model/closed_form/declared_rules.h"

static bool carries_all(const struct sfe_job *job, uint32_t state, uint32_t from, uint32_t to)
{
	return to == SFE_CLIENT ? sfe_step_changes(&job->steps[from], state)
				: sfe_state_accompanies(job, state, to);
}

static bool carries_needed(const struct sfe_job *job, uint32_t state, uint32_t from, uint32_t to)
{
	return to == SFE_CLIENT ? sfe_step_changes(&job->steps[from], state)
				: sfe_step_reads(&job->steps[to], state);
}

/* The node of the last step that changed it; at first the client. */
static uint32_t last_writer(const struct sfe_declared_job *j, uint32_t state, uint32_t step)
{
	uint32_t writer = sfe_writer_before(j->job, state, step);

	return writer == SFE_CLIENT ? j->client : j->node[writer];
}

/* The node of the last step that changed it; at first that of the first step that uses it. */
static uint32_t function_of(const struct sfe_declared_job *j, uint32_t state, uint32_t step)
{
	uint32_t at = sfe_writer_before(j->job, state, step);

	for (uint32_t s = 0; at == SFE_CLIENT && s < j->job->n_steps; s++)
		if (sfe_step_uses(&j->job->steps[s], state))
			at = s;
	return at == SFE_CLIENT ? j->client : j->node[at];
}

static uint32_t store(const struct sfe_declared_job *j, uint32_t state, uint32_t step)
{
	(void)state, (void)step;

	return j->store;
}

const struct sfe_declared_rules sfe_declared_pure_faas = {
	.client_invokes = true, .carries = carries_all};
const struct sfe_declared_rules sfe_declared_state_propagate = {.carries = sfe_state_travels};
const struct sfe_declared_rules sfe_declared_state_local = {.keeper = last_writer};
const struct sfe_declared_rules sfe_declared_stored = {.client_invokes = true, .keeper = store};
const struct sfe_declared_rules sfe_declared_in_function = {
	.client_invokes = true, .keeper = function_of};
const struct sfe_declared_rules sfe_declared_in_client = {
	.client_invokes = true, .carries = carries_needed};
