/* SPDX-License-Identifier: MIT */
/* Checks of `keep:`. */
#ifndef SFE_EXPERIMENT_KEEP_CHECK_H
#define SFE_EXPERIMENT_KEEP_CHECK_H

#include "emu/experiment/experiment.h"

/* Below what a guest may make, and what `sfemu diff` compares. */
#define SFE_MAX_KEPT_FILES 80000u

/* How many a run may keep that is known before it, folders included. */
uint64_t sfe_keep_files(const struct sfe_experiment *e);
/* Refuses a run that would keep more files than that. */
int sfe_keep_check(const struct sfe_experiment *e, struct sfe_error *err);
/* The same at the end of a run, with those of states that functions created by name: their names
 * are not known before. */
int sfe_keep_check_created(const struct sfe_scenario *s, uint64_t files, struct sfe_error *err);

#endif
