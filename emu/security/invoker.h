/* SPDX-License-Identifier: MIT */
/*
 * The invoker: the user who started sfemu, also if sudo made that user root. Files that sfemu makes
 * belong to the invoker, and a guest has no more rights than the invoker.
 */
#ifndef SFE_SECURITY_INVOKER_H
#define SFE_SECURITY_INVOKER_H

#include <errno.h>
#include <stdbool.h>
#include <sys/types.h>

#include "sfemu/error.h"

struct sfe_invoker {
	uid_t uid;
	gid_t gid;
	bool sudo; /* root by sudo: uid and gid are SUDO_UID and SUDO_GID, not root's */
};

/* The effective ids, or, for root, SUDO_UID and SUDO_GID if both are numbers other than 0. */
struct sfe_invoker sfe_invoker(void);

/*
 * Between begin and end, this thread opens and makes files with the invoker's rights (fsuid, fsgid,
 * all groups of theirs and no other) instead of root's. Changes nothing unless sudo was used.
 */
struct sfe_as_invoker {
	uid_t uid; /* to restore */
	gid_t gid;
	gid_t *groups;
	int n_groups;
	bool changed;
};

/* No call that opens or makes a file ends with this code, so callers can tell what has failed. */
#define SFE_INVOKER_REFUSED (-EKEYREJECTED)

/* 0, or SFE_INVOKER_REFUSED with the reason in err: then nothing is changed, and the caller must
 * not go on with root's rights. After a failure, end does nothing. */
int sfe_as_invoker_begin(struct sfe_as_invoker *before, struct sfe_error *err);
void sfe_as_invoker_end(struct sfe_as_invoker *before);

#endif
