/* SPDX-License-Identifier: MIT */
/* The section `programs`, see struct sfe_section. */
#ifndef SFE_SCENARIO_SCENARIO_PROGRAMS_H
#define SFE_SCENARIO_SCENARIO_PROGRAMS_H

#include <stdbool.h>
#include <stdio.h>

#include "emu/model/base/yaml_tree.h"
#include "sfemu/scenario.h"

int sfe_section_programs_read(const struct sfe_tree *tree, const char *file, const char *folder,
	struct sfe_scenario *s, struct sfe_error *err);
bool sfe_section_programs_are_set(const struct sfe_scenario *s);
void sfe_section_programs_print(const struct sfe_scenario *s, FILE *out);
void sfe_section_programs_clear(struct sfe_scenario *s);

#endif
