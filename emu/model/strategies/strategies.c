/* SPDX-License-Identifier: MIT */
/* The strategies by name. To add one, write its file and name it here and in the header. */
#include "sfemu/strategy.h"

#include <errno.h>
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

/* Which are in no list of strategies to compare. */
static const struct sfe_strategy_info *const choosing[] = {&sfe_adaptive, &sfe_oracle};

static const struct sfe_strategy_info *registered[SFE_MAX_REGISTERED];
static unsigned n_registered;

const struct sfe_strategy_info *sfe_strategy_find(const char *name)
{
	for (size_t i = 0; i < sizeof(strategies) / sizeof(strategies[0]); i++)
		if (!strcmp(strategies[i]->name, name))
			return strategies[i];
	for (size_t i = 0; i < sizeof(choosing) / sizeof(choosing[0]); i++)
		if (!strcmp(choosing[i]->name, name))
			return choosing[i];
	for (unsigned i = 0; i < n_registered; i++)
		if (!strcmp(registered[i]->name, name))
			return registered[i];
	return NULL;
}

int sfe_strategy_register(const struct sfe_strategy_info *info)
{
	if (sfe_strategy_find(info->name))
		return -EEXIST;
	if (n_registered == SFE_MAX_REGISTERED)
		return -ENOSPC;
	registered[n_registered++] = info;
	return 0;
}

const struct sfe_strategy_info *sfe_strategy_at(unsigned i)
{
	return i < sizeof(strategies) / sizeof(strategies[0]) ? strategies[i] : NULL;
}
