/* SPDX-License-Identifier: MIT */
/* Whether what a path names can be executed or believed: nobody else could have put it there. */
#ifndef SFE_SECURITY_TRUST_H
#define SFE_SECURITY_TRUST_H

#include "sfemu/error.h"

/*
 * Follows the path from the root and looks at every folder, symbolic link and the file itself: each
 * must belong to root or to the user who started sfemu (emu/security/invoker.h), and nobody else
 * may write it. A sticky folder of root's, as /tmp, counts as one that others cannot write: they
 * cannot replace what is in it. Write permission of a group is accepted for root's group, and for
 * the invoker's own group of the same name that has no other members, which some distributions give
 * each user with umask 002.
 *
 * Relative paths begin at the working directory. Returns 0, -ENOENT where something is missing, or
 * -EPERM with the culprit in err.
 */
int sfe_trust_path(const char *path, struct sfe_error *err);

/* The same of one open file or folder alone, not of the way to it. name is for words. */
int sfe_trust_descriptor(int fd, const char *name, struct sfe_error *err);

#endif
