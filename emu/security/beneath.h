/* SPDX-License-Identifier: MIT */
/*
 * Opens files beneath a folder that another user may have written, or may be changing now.
 *
 * All paths are resolved from the folder's descriptor by openat2: no path leads out of the folder,
 * no symbolic link is followed, and the file that is checked is the file that is opened. How the
 * caller reaches the folder itself is not restricted.
 */
#ifndef SFE_SECURITY_BENEATH_H
#define SFE_SECURITY_BENEATH_H

#include <stdint.h>
#include <sys/types.h>

#include "sfemu/error.h"

/*
 * Opens a file beneath the folder of descriptor dir with the flags and mode of open(2), and
 * close-on-exec. Returns a descriptor, or a negative errno: -ELOOP for a symbolic link anywhere in
 * the path, -EXDEV for a path that leads out of the folder.
 */
int sfe_beneath_open(int dir, const char *path, int flags, mode_t mode);

/*
 * Opens a regular file of at most max_bytes for reading. Never waits for the other end of a FIFO
 * and never opens a device. Returns a descriptor, or a negative errno with the reason in err
 * (-ENOENT if there is no such file).
 */
int sfe_beneath_read(int dir, const char *path, uint64_t max_bytes, struct sfe_error *err);

/* The same for reading and writing or for appending (flags O_RDWR, O_WRONLY | O_APPEND). A file
 * with a second hard link is refused. */
int sfe_beneath_update(int dir, const char *path, int flags, struct sfe_error *err);

/*
 * Makes a new file for writing. An existing file of that name is unlinked, not overwritten. The new
 * file has mode 0666 minus the umask and belongs to the invoker (emu/security/invoker.h). Returns a
 * descriptor, or a negative errno.
 */
int sfe_beneath_create(int dir, const char *path, struct sfe_error *err);

/* Makes a folder in the folder of dir if there is none of that name. It belongs to the invoker.
 * name has no '/'. */
int sfe_beneath_folder(int dir, const char *name, struct sfe_error *err);

/* Whether there is anything of that name beneath the folder: a file, folder, link or other. */
int sfe_beneath_exists(int dir, const char *path);

#endif
