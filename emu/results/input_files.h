/* SPDX-License-Identifier: MIT */
/* Copies of a scenario's inputs in a results folder, under inputs/. */
#ifndef SFE_RESULTS_INPUT_FILES_H
#define SFE_RESULTS_INPUT_FILES_H

#include "emu/model/base/input.h"
#include "sfemu/scenario.h"

/* Writes what was read of an input. Who may not read the input may not read that either. in: NULL
 * has failed already, with err. */
int sfe_results_copy_input(
	int dir, const struct sfe_input *in, const char *name, struct sfe_error *err);

/*
 * Copies the files of functions to inputs/functions/NAME/, and gives resolved functions that name
 * the copies; free them with sfe_results_free_functions, also after a failure.
 */
int sfe_results_copy_functions(int dir, const struct sfe_scenario *s, struct sfe_scenario *resolved,
	struct sfe_error *err);
void sfe_results_free_functions(struct sfe_scenario *resolved);

#endif
