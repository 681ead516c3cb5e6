/* SPDX-License-Identifier: MIT */
/*
 * Strategies that choose one of others for each job, whose rules the job's states follow. What
 * outlives jobs is where StateLocal has it, whatever a job follows.
 *
 * Adaptive: of PureFaaS, StatePropagate and StateLocal the one whose predicted response time is
 * least. Its options are those of the chosen one, where it can have them.
 * Oracle: the one of the strategies before it in the scenario under which the job's measured
 * response time was least.
 */
#include "sfemu/strategy.h"

static uint32_t keeper(const struct sfe_placed_job *j, uint32_t state, uint32_t step)
{
	return sfe_state_local.keeper(j, state, step);
}

const struct sfe_strategy_info sfe_adaptive = {
	.abi = SFE_STRATEGY_ABI,
	.name = "Adaptive",
	.summary = "for each job the strategy whose predicted response time is least",
	.keeper = keeper,
	.copies = true,
	.chooses = SFE_CHOOSES_PREDICTED,
};

const struct sfe_strategy_info sfe_oracle = {
	.abi = SFE_STRATEGY_ABI,
	.name = "Oracle",
	.summary = "for each job the strategy under which it was fastest before",
	.keeper = keeper,
	.copies = true,
	.chooses = SFE_CHOOSES_MEASURED,
};
