/* SPDX-License-Identifier: MIT */
/*
 * StatePropagate: each step calls the next ones. All states go along the chain, and return to the
 * client with the result. Where the access of steps is declared, a state goes along each branch
 * that leads to a reader of this version, and the client gets those that were changed.
 */
#include "sfemu/strategy.h"

static bool carries(const struct sfe_job *job, uint32_t state, uint32_t from, uint32_t to)
{
	return !job->declared || sfe_state_travels(job, state, from, to);
}

const struct sfe_strategy_info sfe_state_propagate = {
	.abi = SFE_STRATEGY_ABI,
	.name = "StatePropagate",
	.summary = "all states travel along the chain",
	.carries = carries,
	.restarts = true,
};
