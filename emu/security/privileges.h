/* SPDX-License-Identifier: MIT */
/* Gives up privileges irrevocably. */
#ifndef SFE_SECURITY_PRIVILEGES_H
#define SFE_SECURITY_PRIVILEGES_H

#include <stdbool.h>
#include <sys/types.h>

#include "sfemu/error.h"

/*
 * Drops all capabilities, also those that an execve would give (empty bounding set, no_new_privs).
 * With change, becomes the given user and group, without supplementary groups. Without change the
 * ids stay, as in a user namespace that maps one user only; uid 0 then still owns root's files, but
 * has no other privilege.
 *
 * Afterwards the process can use its open descriptors and what file modes give to its user. The
 * signal of prctl(PR_SET_PDEATHSIG) is lost and must be set again.
 */
int sfe_privileges_drop(bool change, uid_t uid, gid_t gid, struct sfe_error *err);

#endif
