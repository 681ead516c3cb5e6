/* SPDX-License-Identifier: MIT */
/* The section `workflows`: graphs of steps, their states, and when jobs of them start where. See
 * scenario_sections.h. */
#ifndef SFE_SCENARIO_SCENARIO_WORKFLOWS_H
#define SFE_SCENARIO_SCENARIO_WORKFLOWS_H

#include <stdbool.h>
#include <stdio.h>

#include "emu/model/base/yaml_tree.h"
#include "sfemu/scenario.h"

int sfe_section_workflows_read(const struct sfe_tree *tree, const char *file, const char *folder,
	struct sfe_scenario *s, struct sfe_error *err);
bool sfe_section_workflows_are_set(const struct sfe_scenario *s);
void sfe_section_workflows_print(const struct sfe_scenario *s, FILE *out);
void sfe_section_workflows_clear(struct sfe_scenario *s);

/*
 * The steps call functions of the scenario, and follow from them in operations and sizes. Called
 * when all sections are read.
 */
int sfe_scenario_size_workflows(struct sfe_scenario *s, struct sfe_error *err);

#endif
