/* SPDX-License-Identifier: MIT */
#include "nodes/functions/functions.h"

#include <stddef.h>
#include <string.h>

#include "nodes/functions/mix.h"

static const struct sfe_function_plugin *const plugins[] = {&function_mix};

const struct sfe_function_plugin *function_find(const char *name)
{
	const struct sfe_function_plugin *found = &function_mix;

	for (size_t i = 0; i < sizeof(plugins) / sizeof(*plugins); i++) {
		if (!strcmp(plugins[i]->name, name))
			found = plugins[i];
	}
	return found->abi == SFE_FUNCTION_ABI ? found : NULL;
}
