/* SPDX-License-Identifier: MIT */
/* The section `schedule:` for the table of sections (scenario_sections.h). */
#ifndef SFE_SCHEDULE_SCHEDULE_H
#define SFE_SCHEDULE_SCHEDULE_H

#include "emu/model/base/yaml_tree.h"
#include "sfemu/scenario.h"

/* The action keys of an element, by enum sfe_schedule_act. */
extern const char *const sfe_schedule_act_names[];

int sfe_section_schedule_read(const struct sfe_tree *tree, const char *file, const char *folder,
	struct sfe_scenario *s, struct sfe_error *err);
bool sfe_section_schedule_is_set(const struct sfe_scenario *s);
void sfe_section_schedule_print(const struct sfe_scenario *s, FILE *out);
void sfe_section_schedule_clear(struct sfe_scenario *s);

#endif
