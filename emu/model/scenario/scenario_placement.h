/* SPDX-License-Identifier: MIT */
/* The key `placement`: a rule, or a group with pins, the nodes of another run, and frozen. */
#ifndef SFE_SCENARIO_SCENARIO_PLACEMENT_H
#define SFE_SCENARIO_SCENARIO_PLACEMENT_H

#include <stdio.h>

#include "emu/model/base/yaml_tree.h"
#include "sfemu/scenario.h"

/* Reads the group; `rule` reads the text of the key `rule` and has errors without a place. */
int sfe_placement_read(const struct sfe_tree *tree, const char *file, const char *folder,
	struct sfe_scenario *s,
	int (*rule)(struct sfe_scenario *, const char *, struct sfe_error *),
	struct sfe_error *err);
/* Writes the group, or the rule alone if it is all there is. */
void sfe_placement_print(const struct sfe_scenario *s, FILE *out);
void sfe_placement_clear(struct sfe_scenario *s);

#endif
