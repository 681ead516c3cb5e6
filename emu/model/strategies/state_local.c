/* SPDX-License-Identifier: MIT */
/*
 * StateLocal: each step calls the next ones with its output only. A step fetches the states that it
 * reads from their keeper: the node of the last step that changed it, at first the client. A state
 * that it changes moves to its node; one that it only reads is copied. Calls name the keepers.
 */
#include "sfemu/strategy.h"

static uint32_t keeper(const struct sfe_placed_job *j, uint32_t state, uint32_t step)
{
	uint32_t writer = sfe_writer_before(j->job, state, step);

	return writer == SFE_CLIENT ? j->client : j->node[writer];
}

const struct sfe_strategy_info sfe_state_local = {
	.abi = SFE_STRATEGY_ABI,
	.name = "StateLocal",
	.summary = "states stay on the edge nodes and are fetched when needed",
	.keeper = keeper,
	.names_keepers = true,
	.resumes = true,
	.copies = true,
};
