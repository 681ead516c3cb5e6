/* SPDX-License-Identifier: MIT */
/* Creates a results folder, results/<scenario>-<time>/, with everything needed to repeat the
 * run. */
#ifndef SFE_RESULTS_RESULTS_FOLDER_H
#define SFE_RESULTS_RESULTS_FOLDER_H

#include "emu/measure/replay_record.h"
#include "emu/results/results_file.h"

/* Creates the folder (and its parents). *path is the caller's; *fd is its descriptor. Refuses a
 * full disk. */
int sfe_results_create(const struct sfe_scenario *s, char **path, int *fd, struct sfe_error *err);

/* The same for a given folder. It is created, or must be empty, belong to the user who started
 * sfemu, and not be writable by others. */
int sfe_results_into(const char *folder, char **path, int *fd, struct sfe_error *err);
/* Creates a folder and its missing parents. */
int sfe_results_parents(const char *path, struct sfe_error *err);

/*
 * Writes scenario.yaml (as resolved), copies of its inputs, and the topology used, so that `sfemu
 * run FOLDER/scenario.yaml` repeats the run wherever the folder is.
 */
int sfe_results_write_scenario(int fd, const struct sfe_experiment *e, struct sfe_error *err);

#endif
