/* SPDX-License-Identifier: MIT */
#include "emu/vm/userns.h"

#include <stdio.h>

/* A sysctl's number; absent, as most of these are on most systems: -1. */
static long setting(const char *proc, const char *name)
{
	char path[4096];
	long value;

	snprintf(path, sizeof(path), "%s/sys/%s", proc, name);
	FILE *f = fopen(path, "re");
	if (!f)
		return -1;
	if (fscanf(f, "%ld", &value) != 1)
		value = -1;
	fclose(f);
	return value;
}

const char *sfe_userns_refusal(const char *proc)
{
	if (!setting(proc, "user/max_user_namespaces"))
		return "user namespaces are off (sysctl user.max_user_namespaces is 0)";
	if (!setting(proc, "kernel/unprivileged_userns_clone")) /* Debian's, until 11 */
		return "user namespaces are off for ordinary users (sysctl "
		       "kernel.unprivileged_userns_clone is 0)";
	if (setting(proc, "kernel/apparmor_restrict_unprivileged_userns") > 0) /* Ubuntu's */
		return "AppArmor refuses user namespaces to programs without a profile (sysctl "
		       "kernel.apparmor_restrict_unprivileged_userns is 1): the package sfemu "
		       "has one for /usr/bin/sfemu; for a program elsewhere see "
		       "tools/packaging/apparmor/sfemu";
	return "user namespaces are refused, as in most containers; no sysctl says why";
}
