/* SPDX-License-Identifier: MIT */
/* A results folder: results/<scenario>-<time>/ with all that is needed to repeat the run. */
#ifndef SFE_RESULTS_RESULTS_H
#define SFE_RESULTS_RESULTS_H

#include <stdio.h>

#include "emu/run/replay.h"

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

/* The lab's files. Each replay is appended; the first one writes the header. Puts the replay's
 * records in order. */
int sfe_results_write_replay(int fd, const struct sfe_experiment *e, struct sfe_replay *r,
	bool first, struct sfe_error *err);

/* No file of a results folder that sfemu itself reads as a whole is larger. */
#define SFE_RESULTS_MAX_FILE_BYTES (4ull << 30)

/*
 * Opens a file of the folder, as emu/security/beneath.h does: "r" a regular file, "w" a new one,
 * "a" and "r+" one of before. NULL and err on failure.
 */
FILE *sfe_results_open(int fd, const char *name, const char *mode, struct sfe_error *err);
/* Closes it and says whether all was written. */
int sfe_results_close(FILE *f, const char *name, struct sfe_error *err);

#endif
