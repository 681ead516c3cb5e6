/* SPDX-License-Identifier: MIT */
/*
 * UnchainedInEdge and UnchainedExternal: the client invokes each step. The states are in a store,
 * on the network's central node or in a cloud. A step fetches the states that it reads from the
 * store, and gives those that it has changed to it before it answers. The published model counts
 * these transfers between client and store; here they are between the step's node and the store.
 */
#include "sfemu/strategy.h"

static uint32_t keeper(const struct sfe_placed_job *j, uint32_t state, uint32_t step)
{
	(void)state, (void)step;

	return j->store;
}

const struct sfe_strategy_info sfe_unchained_external = {
	.abi = SFE_STRATEGY_ABI,
	.name = "UnchainedExternal",
	.summary = "the client invokes each function; states are in a store in the cloud",
	.store = SFE_STORE_CLOUD,
	.client_invokes = true,
	.created_on_use = true,
	.keeper = keeper,
};

const struct sfe_strategy_info sfe_unchained_in_edge = {
	.abi = SFE_STRATEGY_ABI,
	.name = "UnchainedInEdge",
	.summary = "the client invokes each function; states are in a store on the central node",
	.store = SFE_STORE_CENTRAL,
	.client_invokes = true,
	.created_on_use = true,
	.keeper = keeper,
};
