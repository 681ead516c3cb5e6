/* SPDX-License-Identifier: MIT */
/* The section `functions`: what runs under the name of a function. See scenario_sections.h. */
#ifndef SFE_SCENARIO_SCENARIO_FUNCTIONS_H
#define SFE_SCENARIO_SCENARIO_FUNCTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "emu/model/base/yaml_tree.h"
#include "sfemu/scenario.h"

int sfe_section_functions_read(const struct sfe_tree *tree, const char *file, const char *folder,
	struct sfe_scenario *s, struct sfe_error *err);
bool sfe_section_functions_are_set(const struct sfe_scenario *s);
void sfe_section_functions_print(const struct sfe_scenario *s, FILE *out);
void sfe_section_functions_clear(struct sfe_scenario *s);

/* By its name; NULL: the scenario does not define it. */
const struct sfe_function_spec *sfe_scenario_function(
	const struct sfe_scenario *s, const char *name);

/* Whether an absolute path is of the system, and not of the user's files: such a program is not
 * read as a file of the scenario. */
bool sfe_function_of_system(const char *path);

/*
 * Gives the workload's jobs the operations and sizes of the scenario's synthetic functions, and the
 * operations of the others. An entry of `functions:` that no step calls is refused.
 */
int sfe_scenario_apply_functions(
	const struct sfe_scenario *s, struct sfe_workload *w, struct sfe_error *err);

/*
 * A sentence on the functions of the workload's steps whose outputs or operations `functions:` does
 * not say, since only their code knows them: a prediction goes without. *text is the caller's;
 * NULL: there are none. 0 or -ENOMEM.
 */
int sfe_functions_unpredicted(
	const struct sfe_scenario *s, const struct sfe_workload *w, char **text);

#endif
