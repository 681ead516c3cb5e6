/* SPDX-License-Identifier: MIT */
/* Landlock: a process and its children may write only beneath some folders, whoever they are. */
#ifndef SFE_SECURITY_LANDLOCK_H
#define SFE_SECURITY_LANDLOCK_H

#include <stdbool.h>

#include "sfemu/error.h"

/* Whether this kernel can. */
bool sfe_landlock_works(void);

/*
 * From now on this process and its children write, make and remove nothing but beneath these n
 * folders, or in these files, by descriptor (O_PATH will do; -1 is passed over). What is open
 * already stays usable. Needs no_new_privs. 0, -ENOSYS where the kernel cannot, or another negative
 * errno.
 */
int sfe_landlock_writable(const int *fds, unsigned n, struct sfe_error *err);

#endif
