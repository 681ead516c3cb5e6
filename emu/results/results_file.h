/* SPDX-License-Identifier: MIT */
/* A file of a results folder. */
#ifndef SFE_RESULTS_RESULTS_FILE_H
#define SFE_RESULTS_RESULTS_FILE_H

#include <stdio.h>

#include "sfemu/error.h"

/* Larger files are not read as a whole by sfemu. */
#define SFE_RESULTS_MAX_FILE_BYTES (4ull << 30)

/*
 * Opens a file of the folder as emu/security/beneath.h does: "r" a regular file, "w" a new one, "a"
 * and "r+" an existing one. sfe_results_close closes what was opened to write. NULL and err on
 * failure. Only for one thread.
 */
FILE *sfe_results_open(int fd, const char *name, const char *mode, struct sfe_error *err);
/* Closes the file; fails if not everything was written. */
int sfe_results_close(FILE *f, const char *name, struct sfe_error *err);

/* `sfemu run` says this, and the folder, after the error of a run that failed. A sweep that looks
 * for the error in the log passes over it. */
#define SFE_RESULTS_SO_FAR "the results so far are in"

#endif
