/* SPDX-License-Identifier: MIT */
/* The strategies by name. To add one, write its file and name it here and in the header. */
#include "sfemu/strategy.h"

#include <stddef.h>
#include <string.h>

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
