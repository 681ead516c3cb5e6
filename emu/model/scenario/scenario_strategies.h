/* SPDX-License-Identifier: MIT */
/* The key `strategies`: names of built-in strategies, and paths of the scenario's own, with options
 * (emu/model/strategies/strategy_options.h). */
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

/* The name that tables have of a strategy, with its options; a plugin's file is not read. Errors
 * have no place. */
int sfe_strategy_label(const char *text, char out[SFE_STRATEGY_BYTES], struct sfe_error *err);
#define SFE_STRATEGY_NAME 32 /* bytes of a name without options, with the final 0 */

/* Whether jobs of `Oracle` can follow it: it is built in, and chooses no other one. */
bool sfe_scenario_can_follow(const struct sfe_scenario *s, uint32_t strategy);
/* Whether one of its strategies chooses one for each job. */
bool sfe_scenario_chooses(const struct sfe_scenario *s);

#endif
