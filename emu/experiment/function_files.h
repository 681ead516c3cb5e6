/* SPDX-License-Identifier: MIT */
/* Whether the functions that a scenario brings can run at all, seen without running anything. */
#ifndef SFE_EXPERIMENT_FUNCTION_FILES_H
#define SFE_EXPERIMENT_FUNCTION_FILES_H

#include <stdbool.h>

#include "emu/model/base/input.h"
#include "sfemu/scenario.h"

/* Refuses what loading the plugin would refuse: only workers load code. */
int sfe_function_plugin_check(
	const struct sfe_function_spec *spec, const struct sfe_input *in, struct sfe_error *err);

/* Refuses a program that is not there, or not executable. path: folders with colons, in which
 * programs are looked for. */
int sfe_function_program_check(const struct sfe_scenario *s, const struct sfe_function_spec *spec,
	const char *path, struct sfe_error *err);

/* Where this process, and with it a native worker, looks for programs. */
const char *sfe_function_path(void);

/* All functions of the scenario, with the folders of the guest or of this process. */
int sfe_functions_runnable(const struct sfe_scenario *s, bool guest, struct sfe_error *err);

#endif
