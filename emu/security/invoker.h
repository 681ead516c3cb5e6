/* SPDX-License-Identifier: MIT */
/*
 * Who started sfemu: the user who typed the command, also where sudo made root of them. What sfemu
 * makes for them belongs to them, and a guest has no more rights than they have.
 */
#ifndef SFE_SECURITY_INVOKER_H
#define SFE_SECURITY_INVOKER_H

#include <stdbool.h>
#include <sys/types.h>

struct sfe_invoker {
	uid_t uid;
	gid_t gid;
	bool sudo; /* root by sudo: uid and gid are SUDO_UID and SUDO_GID, and not root's */
};

/* From the effective ids, and as root from SUDO_UID and SUDO_GID (both numbers, not 0). */
struct sfe_invoker sfe_invoker(void);

/*
 * From here to the end, files are opened and made with the invoker's rights (fsuid, fsgid of this
 * thread), not root's. Nothing changes unless root was reached by sudo.
 */
struct sfe_as_invoker {
	uid_t uid; /* to go back to */
	gid_t gid;
	bool changed;
};
struct sfe_as_invoker sfe_as_invoker_begin(void);
void sfe_as_invoker_end(const struct sfe_as_invoker *before);

#endif
