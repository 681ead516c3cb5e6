/* SPDX-License-Identifier: MIT */
/* One file of a results folder. */
#ifndef SFE_RESULTS_RESULTS_FILE_H
#define SFE_RESULTS_RESULTS_FILE_H

#include <stdio.h>

#include "sfemu/error.h"

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
