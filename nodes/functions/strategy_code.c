/* SPDX-License-Identifier: MIT */
#include "nodes/functions/strategy_code.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>

#include "nodes/functions/library.h"

/* The file was checked when it was read (emu/model/strategies/strategy_file.c): symbol and ABI are
 * right. */
int strategy_load(const struct sfe_strategy_plugin *plugin, const struct sfe_strategy_info **out,
	struct sfe_error *err)
{
	struct sfe_strategy_info *own = malloc(sizeof(*own));
	void *handle;
	int r = own ? library_load(
			      plugin->bytes, plugin->size, plugin->name, plugin->name, &handle, err)
		    : sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");

	if (r) {
		free(own);
		return r;
	}
	const struct sfe_strategy_info *code = dlsym(handle, SFE_STRATEGY_SYMBOL);
	if (!code || !code->carries == !code->keeper) {
		free(own);
		dlclose(handle);
		return sfe_fail(err, -ELIBBAD, plugin->where, "give it one rule: carries or keeper",
			"strategy %s has %s", plugin->name,
			code && code->keeper ? "both rules" : "no rule");
	}
	*own = *code;
	own->name = plugin->name;
	own->chooses = SFE_CHOOSES_NONE;
	own->options = plugin->info.options; /* with those that the scenario writes */
	*out = own;
	return 0;
}
