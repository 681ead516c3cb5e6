/* SPDX-License-Identifier: MIT */
/* Giving rights up, for good. */
#ifndef SFE_SECURITY_PRIVILEGES_H
#define SFE_SECURITY_PRIVILEGES_H

#include <stdbool.h>
#include <sys/types.h>

#include "sfemu/error.h"

/*
 * Becomes that user and group, with no other groups where it changes, and without any capability,
 * now or after an execve (empty bounding set, no_new_privs). With change false the ids stay, as in
 * a user namespace that maps one user only; uid 0 stays uid 0 and owns root's files, but may no
 * more.
 *
 * Afterwards the process may use what it has open, what files' modes give to its user, and nothing
 * else. The signal of prctl(PR_SET_PDEATHSIG) is lost: set it again.
 */
int sfe_privileges_drop(bool change, uid_t uid, gid_t gid, struct sfe_error *err);

#endif
