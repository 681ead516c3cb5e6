/* SPDX-License-Identifier: MIT */
#include "nodes/strategies/strategies.h"

#include <string.h>

#include "nodes/strategies/all.h"

static const struct strategy *const strategies[] = {
	&strategy_pure_faas,
	&strategy_state_propagate,
	&strategy_state_local,
	&strategy_unchained_external,
	&strategy_unchained_in_edge,
	&strategy_unchained_in_function,
	&strategy_unchained_in_client,
};

const struct strategy *strategy_find(const struct sfe_strategy_info *info)
{
	for (size_t i = 0; i < sizeof(strategies) / sizeof(*strategies); i++) {
		if (strategies[i]->interface == STRATEGY_INTERFACE &&
			!strcmp(strategies[i]->info->name, info->name))
			return strategies[i];
	}
	return NULL;
}
