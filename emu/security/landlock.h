/* SPDX-License-Identifier: MIT */
/* Landlock: a process and its children may write only beneath some folders, even as root. */
#ifndef SFE_SECURITY_LANDLOCK_H
#define SFE_SECURITY_LANDLOCK_H

#include <stdbool.h>

#include "sfemu/error.h"

/* Whether the kernel supports Landlock. */
bool sfe_landlock_works(void);

/*
 * From now on, this process and its children can write, make and remove files only beneath these n
 * folders, and write these files. They are given as descriptors (O_PATH is enough; -1 is ignored).
 * Files that are open already stay usable. Needs no_new_privs. Returns 0, -ENOSYS without Landlock,
 * or another negative errno.
 */
int sfe_landlock_writable(const int *fds, unsigned n, struct sfe_error *err);

#endif
