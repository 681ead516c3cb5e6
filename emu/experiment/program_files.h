/* SPDX-License-Identifier: MIT */
/* Whether the programs that a scenario runs beside its jobs are there, seen without running any. */
#ifndef SFE_EXPERIMENT_PROGRAM_FILES_H
#define SFE_EXPERIMENT_PROGRAM_FILES_H

#include "sfemu/scenario.h"

/*
 * Refuses a program of `programs:` that cannot be found when its time comes: a name that is in no
 * folder of the guest's path, or of this process's one; a path that is not there, in a guest, which
 * writes no file of the host. What a command line for /bin/sh needs is not known.
 */
int sfe_programs_runnable(const struct sfe_scenario *s, bool guest, struct sfe_error *err);

#endif
