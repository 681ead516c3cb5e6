/* SPDX-License-Identifier: MIT */
/* The key `strategies`: names of built-in strategies, and paths of the scenario's own. */
#ifndef SFE_SCENARIO_SCENARIO_STRATEGIES_H
#define SFE_SCENARIO_SCENARIO_STRATEGIES_H

#include <stdio.h>

#include "sfemu/scenario.h"

/* Adds one to the list. Relative paths start at `folder`; where: "file:line", for later errors.
 * Errors have no place. */
int sfe_scenario_add_strategy(struct sfe_scenario *s, const char *text, const char *folder,
	const char *where, struct sfe_error *err);
/* Writes the list as YAML. */
void sfe_scenario_print_strategies(const struct sfe_scenario *s, FILE *out);
void sfe_scenario_clear_strategies(struct sfe_scenario *s);

/* NULL: it is built in. */
const struct sfe_strategy_plugin *sfe_scenario_strategy_plugin(
	const struct sfe_scenario *s, const struct sfe_strategy_info *strategy);

/* Whether a text names a plugin: it has a slash, or ends in .so. */
bool sfe_strategy_is_path(const char *text);
#define SFE_STRATEGY_NAME 32
/* The name of a plugin: its file's without suffix. -EINVAL: it cannot be a name. */
int sfe_strategy_name_of(const char *path, char name[SFE_STRATEGY_NAME], struct sfe_error *err);

#endif
