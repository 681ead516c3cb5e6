/* SPDX-License-Identifier: MIT */
/* The section `links:` as a scenario's section (scenario_sections.h). */
#ifndef SFE_MODEL_LINK_RULES_H
#define SFE_MODEL_LINK_RULES_H

#include "emu/model/yaml_tree.h"
#include "sfemu/scenario.h"

int sfe_link_rules_read(const struct sfe_tree *tree, const char *file, const char *folder,
	struct sfe_scenario *s, struct sfe_error *err);
bool sfe_link_rules_are_set(const struct sfe_scenario *s);
void sfe_link_rules_print(const struct sfe_scenario *s, FILE *out);
void sfe_link_rules_clear(struct sfe_scenario *s);

#endif
