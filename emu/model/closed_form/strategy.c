/* SPDX-License-Identifier: MIT */
#include "sfemu/strategy.h"

#include <stddef.h>
#include <string.h>

const struct sfe_strategy_info sfe_pure_faas = {
	.name = "PureFaaS",
	.summary = "all states travel with every call from and to the client",
};
const struct sfe_strategy_info sfe_state_propagate = {
	.name = "StatePropagate",
	.summary = "all states travel along the chain",
};
const struct sfe_strategy_info sfe_state_local = {
	.name = "StateLocal",
	.summary = "states stay on the edge nodes and are fetched when needed",
};

const struct sfe_strategy_info sfe_unchained_external = {
	.name = "UnchainedExternal",
	.summary = "the client invokes each function; states are in a store in the cloud",
	.store = SFE_STORE_CLOUD,
};
const struct sfe_strategy_info sfe_unchained_in_edge = {
	.name = "UnchainedInEdge",
	.summary = "the client invokes each function; states are in a store on the central node",
	.store = SFE_STORE_CENTRAL,
};
const struct sfe_strategy_info sfe_unchained_in_function = {
	.name = "UnchainedInFunction",
	.summary = "the client invokes each function; states stay where they were used last",
};
const struct sfe_strategy_info sfe_unchained_in_client = {
	.name = "UnchainedInClient",
	.summary = "the client invokes each function and sends the states that it needs",
};

static const struct sfe_strategy_info *const strategies[] = {
	&sfe_pure_faas,
	&sfe_state_propagate,
	&sfe_state_local,
	&sfe_unchained_external,
	&sfe_unchained_in_edge,
	&sfe_unchained_in_function,
	&sfe_unchained_in_client,
};

const struct sfe_strategy_info *sfe_strategy_find(const char *name)
{
	for (size_t i = 0; i < sizeof(strategies) / sizeof(strategies[0]); i++)
		if (!strcmp(strategies[i]->name, name))
			return strategies[i];
	return NULL;
}

const struct sfe_strategy_info *sfe_strategy_at(unsigned i)
{
	return i < sizeof(strategies) / sizeof(strategies[0]) ? strategies[i] : NULL;
}
