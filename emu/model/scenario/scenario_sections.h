/* SPDX-License-Identifier: MIT */
/*
 * The parts of a scenario that are not flat keys but lists or groups of their own shape: one table
 * beside that of the keys. A section is read from its YAML tree, printed as resolved so that
 * reading it back gives the same, and cleared.
 */
#ifndef SFE_SCENARIO_SCENARIO_SECTIONS_H
#define SFE_SCENARIO_SCENARIO_SECTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "emu/model/base/yaml_tree.h"
#include "sfemu/scenario.h"

struct sfe_section {
	const char *path; /* "links", or inside a group of keys: "topology.compose" */
	/*
	 * Reads the section; what a former reading left is replaced. `file` is the place for errors
	 * ("--set PATH" where it comes from there); relative files are looked for in `folder`.
	 */
	int (*read)(const struct sfe_tree *tree, const char *file, const char *folder,
		struct sfe_scenario *s, struct sfe_error *err);
	/* Whether there is anything to print; if so, prints it as one YAML value in flow style. */
	bool (*is_set)(const struct sfe_scenario *s);
	void (*print)(const struct sfe_scenario *s, FILE *out);
	void (*clear)(struct sfe_scenario *s);
};

extern const struct sfe_section sfe_sections[]; /* ended by a path of NULL */

/* By its path, NULL if there is none. */
const struct sfe_section *sfe_section_find(const char *path);

#endif
