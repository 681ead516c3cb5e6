/* SPDX-License-Identifier: MIT */
/*
 * UnchainedInClient: the client invokes each step and keeps the states. Those that a step reads go
 * with its call, and those that it has changed come back with its result.
 */
#include "sfemu/strategy.h"

static bool carries(const struct sfe_job *job, uint32_t state, uint32_t from, uint32_t to)
{
	return to == SFE_CLIENT ? sfe_step_changes(&job->steps[from], state)
				: sfe_step_reads(&job->steps[to], state);
}

const struct sfe_strategy_info sfe_unchained_in_client = {
	.abi = SFE_STRATEGY_ABI,
	.name = "UnchainedInClient",
	.summary = "the client invokes each function and sends the states that it needs",
	.client_invokes = true,
	.carries = carries,
};
