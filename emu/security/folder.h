/* SPDX-License-Identifier: MIT */
/*
 * What is done with whole files below a folder that somebody else may have filled: read as text,
 * replaced, removed. By the folder's descriptor, as beneath.h opens them.
 */
#ifndef SFE_SECURITY_FOLDER_H
#define SFE_SECURITY_FOLDER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sfemu/error.h"

/* A regular file as a stream for reading, of at most max_bytes. NULL and err on failure. */
FILE *sfe_folder_open(int dir, const char *path, uint64_t max_bytes, struct sfe_error *err);

/* A whole regular file; *text is the caller's and ends with a 0 that *len does not count. More than
 * max_bytes, also of a file that grows meanwhile, is -EFBIG. */
int sfe_folder_load(int dir, const char *path, uint64_t max_bytes, char **text, size_t *len,
	struct sfe_error *err);

/* A file that takes the place of another as a whole, or not at all. */
struct sfe_replacement {
	FILE *out;
	int dir;
	char name[256], temporary[256];
};

/* Begins it beside the file, under a name that nothing had before. name has no '/'; dir is borrowed
 * until the end. The new file belongs to the invoker (emu/security/invoker.h). */
int sfe_replacement_begin(
	int dir, const char *name, struct sfe_replacement *r, struct sfe_error *err);
/* Puts it in place (keep), or throws it away. A failure leaves what was there before. */
int sfe_replacement_end(struct sfe_replacement *r, bool keep, struct sfe_error *err);

/* Removes what is of that name, but no folder. 0 or a negative errno. */
int sfe_folder_unlink(int dir, const char *path);

#define SFE_FOLDER_MAX_DEPTH 32u
/* Removes a folder with all that is in it; nothing to do if it is not there. */
int sfe_folder_remove(int dir, const char *path, struct sfe_error *err);

#endif
