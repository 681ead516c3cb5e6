/* SPDX-License-Identifier: MIT */
/*
 * Reads, replaces and removes whole files beneath a folder that another user may have written, with
 * the restrictions of beneath.h.
 */
#ifndef SFE_SECURITY_FOLDER_H
#define SFE_SECURITY_FOLDER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sfemu/error.h"

/* Opens a regular file of at most max_bytes as a stream for reading. NULL and err on failure. */
FILE *sfe_folder_open(int dir, const char *path, uint64_t max_bytes, struct sfe_error *err);
/* The same of a file that has no other name: whoever owns the folder could have linked a file there
 * that only root may read. -EMLINK if it has. */
FILE *sfe_folder_open_single(int dir, const char *path, uint64_t max_bytes, struct sfe_error *err);

/* Reads a whole regular file. The caller frees *text, which ends with a 0 that *len does not count.
 * A file of more than max_bytes is -EFBIG, also if it grows while it is read. */
int sfe_folder_load(int dir, const char *path, uint64_t max_bytes, char **text, size_t *len,
	struct sfe_error *err);

/* A new file that replaces another as a whole, or not at all. */
struct sfe_replacement {
	FILE *out;
	int dir;
	bool own_dir; /* closed at the end */
	char name[256], temporary[256];
};

/* Begins the new file under a random temporary name in the same folder. name has no '/'; dir is
 * borrowed until the end. The new file belongs to the invoker (emu/security/invoker.h). */
int sfe_replacement_begin(
	int dir, const char *name, struct sfe_replacement *r, struct sfe_error *err);
/*
 * The same for a path that the user gave: its folder may be reached by links, but a link or another
 * thing that is no regular file in the place of the file itself is refused. Somebody else may have
 * put it there.
 */
int sfe_replacement_begin_path(const char *path, struct sfe_replacement *r, struct sfe_error *err);
/* Renames the new file to its name (keep), or removes it. A failure leaves the old file. */
int sfe_replacement_end(struct sfe_replacement *r, bool keep, struct sfe_error *err);

/* Removes anything of that name that is not a folder. 0 or a negative errno. */
int sfe_folder_unlink(int dir, const char *path);

#define SFE_FOLDER_MAX_DEPTH 32u
/* Removes a folder with its contents. It is no error if there is none. */
int sfe_folder_remove(int dir, const char *path, struct sfe_error *err);

#endif
