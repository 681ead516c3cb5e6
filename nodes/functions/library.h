/* SPDX-License-Identifier: MIT */
/* Shared objects of the user's, from memory: what was read when the experiment was made is what
 * runs. Only for a process that has no rights, or is in a guest (docs/security.md). */
#ifndef SFE_NODES_LIBRARY_H
#define SFE_NODES_LIBRARY_H

#include <stddef.h>

#include "sfemu/error.h"

/* Loads the file at a path; *handle is to be closed with dlclose. name: for errors. */
int library_load_file(const char *path, const char *name, void **handle, struct sfe_error *err);
/* The same for bytes. */
int library_load(const char *bytes, size_t size, const char *file, const char *name, void **handle,
	struct sfe_error *err);

#endif
