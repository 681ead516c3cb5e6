/* SPDX-License-Identifier: MIT */
/* The rules of a strategy that is a plugin. Only a process that has no rights, or is in a guest,
 * may load them (docs/security.md). */
#ifndef SFE_NODES_STRATEGY_CODE_H
#define SFE_NODES_STRATEGY_CODE_H

#include "sfemu/scenario.h"

/* *out is the plugin with its rules, for as long as the process lives. */
int strategy_load(const struct sfe_strategy_plugin *plugin, const struct sfe_strategy_info **out,
	struct sfe_error *err);

#endif
