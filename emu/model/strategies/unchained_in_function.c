/* SPDX-License-Identifier: MIT */
/*
 * UnchainedInFunction: the client invokes each step. A state lives with the function that uses it,
 * from its first use on. In the published model no state ever moves. Here that holds as long as all
 * steps that use a state are on one node; a later step on another node fetches the state from the
 * node of the last one that changed it, which is traffic that the model does not count. The client
 * knows the placement of all steps, so each call names the keepers of the states.
 */
#include "sfemu/strategy.h"

/* Before any step has changed it: the node of the first one that uses it. */
static uint32_t keeper(const struct sfe_placed_job *j, uint32_t state, uint32_t step)
{
	uint32_t at = sfe_writer_before(j->job, state, step);

	for (uint32_t s = 0; at == SFE_CLIENT && s < j->job->n_steps; s++)
		if (sfe_step_uses(&j->job->steps[s], state))
			at = s;
	return at == SFE_CLIENT ? j->client : j->node[at];
}

const struct sfe_strategy_info sfe_unchained_in_function = {
	.abi = SFE_STRATEGY_ABI,
	.name = "UnchainedInFunction",
	.summary = "the client invokes each function; states stay where they were used last",
	.client_invokes = true,
	.created_on_use = true,
	.keeper = keeper,
	.names_keepers = true,
};
