/* SPDX-License-Identifier: MIT */
/*
 * The invoker: the user who started sfemu, also if sudo made that user root. Files that sfemu makes
 * belong to the invoker, and a guest has no more rights than the invoker.
 */
#ifndef SFE_SECURITY_INVOKER_H
#define SFE_SECURITY_INVOKER_H

#include <stdbool.h>
#include <sys/types.h>

struct sfe_invoker {
	uid_t uid;
	gid_t gid;
	bool sudo; /* root by sudo: uid and gid are SUDO_UID and SUDO_GID, not root's */
};

/* The effective ids, or, for root, SUDO_UID and SUDO_GID if both are numbers other than 0. */
struct sfe_invoker sfe_invoker(void);

#define SFE_INVOKER_GROUPS 1024

/*
 * Between begin and end, this thread opens and makes files with the invoker's rights (fsuid, fsgid,
 * groups) instead of root's. Changes nothing unless sudo was used.
 */
struct sfe_as_invoker {
	uid_t uid; /* to restore */
	gid_t gid;
	int n_groups; /* negative: there are more than fit, and they stayed */
	gid_t groups[SFE_INVOKER_GROUPS];
	bool changed;
};
struct sfe_as_invoker sfe_as_invoker_begin(void);
void sfe_as_invoker_end(const struct sfe_as_invoker *before);

#endif
