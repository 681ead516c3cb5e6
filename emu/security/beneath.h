/* SPDX-License-Identifier: MIT */
/*
 * Files below a folder that somebody else may have filled, or may be filling now.
 *
 * Everything goes through the folder's descriptor and openat2: no path leads out of the folder, no
 * symbolic link is followed, and what is opened is what was checked. The way to the folder itself
 * is the caller's: it may have links.
 */
#ifndef SFE_SECURITY_BENEATH_H
#define SFE_SECURITY_BENEATH_H

#include <stdint.h>
#include <sys/types.h>

#include "sfemu/error.h"

/*
 * Opens a file below the folder of descriptor dir with the flags and mode of open(2);
 * close-on-exec. Returns a descriptor, or a negative errno: -ELOOP for a symbolic link anywhere in
 * the path, -EXDEV for a path that leads out of the folder.
 */
int sfe_beneath_open(int dir, const char *path, int flags, mode_t mode);

/*
 * Opens a regular file for reading, of at most max_bytes. Never waits for a FIFO's other end and
 * never opens a device. Returns a descriptor, or a negative errno with the reason in err (-ENOENT
 * where there is no such file).
 */
int sfe_beneath_read(int dir, const char *path, uint64_t max_bytes, struct sfe_error *err);

/* The same for reading and writing, or for appending (flags O_RDWR, O_WRONLY | O_APPEND), of a file
 * that has no second name elsewhere. */
int sfe_beneath_update(int dir, const char *path, int flags, struct sfe_error *err);

/*
 * Makes a new file for writing, in the place of one that may be there: that one loses its name and
 * is not written to. Mode 0666 less the umask; it belongs to the invoker (emu/security/invoker.h).
 * Returns a descriptor, or a negative errno.
 */
int sfe_beneath_create(int dir, const char *path, struct sfe_error *err);

/* Makes a folder of that one name in the folder of dir, if it is not there; it belongs to the
 * invoker. */
int sfe_beneath_folder(int dir, const char *name, struct sfe_error *err);

/* Whether there is something of that name below the folder, whatever it is. */
int sfe_beneath_exists(int dir, const char *path);

#endif
