/* SPDX-License-Identifier: MIT */
/* A results folder: results/<scenario>-<time>/ with all that is needed to repeat the run. */
#ifndef SFE_RESULTS_RESULTS_H
#define SFE_RESULTS_RESULTS_H

#include "emu/measure/record.h"
#include "emu/results/results_file.h"

/* Makes the folder (and its parents); *path is the caller's; *fd is a descriptor of it. Refuses a
 * full disk. */
int sfe_results_create(const struct sfe_scenario *s, char **path, int *fd, struct sfe_error *err);

/* The same in just that folder, which is made or is empty, belongs to who started sfemu, and which
 * nobody else may write. */
int sfe_results_into(const char *folder, char **path, int *fd, struct sfe_error *err);
/* Makes a folder and all above it, as far as they are missing. */
int sfe_results_parents(const char *path, struct sfe_error *err);

/*
 * Writes scenario.yaml (as resolved) and copies its inputs beside it, so that `sfemu run
 * FOLDER/scenario.yaml` repeats the run wherever the folder is; and the topology that it made.
 */
int sfe_results_write_scenario(int fd, const struct sfe_experiment *e, struct sfe_error *err);

#endif
