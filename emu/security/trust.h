/* SPDX-License-Identifier: MIT */
/* Whether a file can be trusted to be executed or read: no other user could have put it there. */
#ifndef SFE_SECURITY_TRUST_H
#define SFE_SECURITY_TRUST_H

#include <stdbool.h>
#include <sys/types.h>

#include "sfemu/error.h"

/*
 * Follows the path from the root and checks each folder, each symbolic link and the file itself:
 * each must belong to root or to the invoker (emu/security/invoker.h), and no other user may write
 * it. A sticky folder of root, such as /tmp, is accepted, since other users cannot replace files in
 * it. Group write permission is accepted for root's group, and for a group with the invoker's name
 * and no other member, which some distributions make for each user along with umask 002.
 *
 * Relative paths begin at the working directory. Returns 0, -ENOENT if something is missing, or
 * -EPERM with the offending path in err.
 */
int sfe_trust_path(const char *path, struct sfe_error *err);

/*
 * The same for a file that was read: -ESTALE if the path leads to another one now. Give the path as
 * it was written: of one whose links were resolved, nobody sees any more who owns them.
 */
int sfe_trust_read(const char *path, dev_t device, ino_t inode, struct sfe_error *err);

/* The same without a look at what is where system(path) is true: a path of the system's. What leads
 * there, and back from there, is checked. */
int sfe_trust_until(const char *path, bool (*system)(const char *path), dev_t device, ino_t inode,
	struct sfe_error *err);

/* The same check for one open file or folder, without the path to it. name is for error texts. */
int sfe_trust_descriptor(int fd, const char *name, struct sfe_error *err);

#endif
