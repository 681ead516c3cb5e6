/* SPDX-License-Identifier: MIT */
#include "emu/security/privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <linux/securebits.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static int fail(const char *what, struct sfe_error *err)
{
	return sfe_fail(
		err, -errno, NULL, NULL, "cannot give up rights (%s): %s", what, strerror(errno));
}

int sfe_privileges_drop(bool change, uid_t uid, gid_t gid, struct sfe_error *err)
{
	const unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
				   SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |
				   SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;

	if (change && setgroups(1, &gid))
		return fail("setgroups", err);
	if (change && setresgid(gid, gid, gid))
		return fail("setresgid", err);
	/* Before the user changes, since a process that is not root any more cannot set these. */
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0))
		return fail("keepcaps", err);
	if (change && setresuid(uid, uid, uid))
		return fail("setresuid", err);
	if (capng_get_caps_process())
		return fail("capget", err);
	if (capng_have_capability(CAPNG_PERMITTED, CAP_SETPCAP)) {
		capng_clear(CAPNG_SELECT_CAPS);
		if (capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_SETPCAP) ||
			capng_apply(CAPNG_SELECT_CAPS))
			return fail("capset", err);
		if (prctl(PR_SET_SECUREBITS, bits, 0, 0, 0))
			return fail("securebits", err);
		capng_clear(CAPNG_SELECT_BOUNDS);
		if (capng_apply(CAPNG_SELECT_BOUNDS))
			return fail("bounding set", err);
	}
	capng_clear(CAPNG_SELECT_BOTH);
	if (capng_apply(CAPNG_SELECT_CAPS))
		return fail("capset", err);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return fail("no_new_privs", err);
	return 0;
}
