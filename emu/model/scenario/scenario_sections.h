/* SPDX-License-Identifier: MIT */
/*
 * The parts of a scenario that are lists or groups with a form of their own: a table beside that of
 * the keys. A section is read from its YAML tree, printed as resolved so that it reads back as the
 * same, and cleared. New sections are added here.
 */
#ifndef SFE_SCENARIO_SCENARIO_SECTIONS_H
#define SFE_SCENARIO_SCENARIO_SECTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "emu/model/base/yaml_tree.h"
#include "sfemu/scenario.h"

struct sfe_section {
	const char *path; /* "links", or within a group of keys: "topology.compose" */
	/*
	 * Reads the section and replaces a former one. `file` is the place for errors ("--set PATH"
	 * for a --set); relative files start at `folder`.
	 */
	int (*read)(const struct sfe_tree *tree, const char *file, const char *folder,
		struct sfe_scenario *s, struct sfe_error *err);
	/* Whether there is anything to print; print writes it as one YAML value in flow style. */
	bool (*is_set)(const struct sfe_scenario *s);
	void (*print)(const struct sfe_scenario *s, FILE *out);
	void (*clear)(struct sfe_scenario *s);
};

extern const struct sfe_section sfe_sections[]; /* ends with a NULL path */

/* By its path; NULL: unknown. */
const struct sfe_section *sfe_section_find(const char *path);

#endif
