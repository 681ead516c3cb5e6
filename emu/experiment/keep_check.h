/* SPDX-License-Identifier: MIT */
/* Checks of `keep:`. */
#ifndef SFE_EXPERIMENT_KEEP_CHECK_H
#define SFE_EXPERIMENT_KEEP_CHECK_H

#include "emu/experiment/experiment.h"

/* Below what a guest may make, and what `sfemu diff` compares. */
#define SFE_MAX_KEPT_FILES 80000u

/* Refuses a run that would keep more files, folders included. */
int sfe_keep_check(const struct sfe_experiment *e, struct sfe_error *err);

#endif
