/* SPDX-License-Identifier: MIT */
/*
 * PureFaaS: the client invokes each step. All states of the job go with every call and come back
 * with its result. Where the access of steps is declared, those that a step only writes, or that
 * may change meanwhile, do not go with its call, and only those that it has changed come back.
 */
#include "sfemu/strategy.h"

static bool carries(const struct sfe_job *job, uint32_t state, uint32_t from, uint32_t to)
{
	if (!job->declared)
		return true;
	return to == SFE_CLIENT ? sfe_step_changes(&job->steps[from], state)
				: sfe_state_accompanies(job, state, to);
}

const struct sfe_strategy_info sfe_pure_faas = {
	.abi = SFE_STRATEGY_ABI,
	.name = "PureFaaS",
	.summary = "all states travel with every call from and to the client",
	.client_invokes = true,
	.carries = carries,
};
