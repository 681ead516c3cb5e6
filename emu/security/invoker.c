/* SPDX-License-Identifier: MIT */
#include "emu/security/invoker.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/fsuid.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Reads an id from the environment; false unless it is a number other than 0. */
static bool read_id(const char *name, uint32_t *id)
{
	const char *text = getenv(name);
	char *end;

	if (!text || text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	unsigned long long value = strtoull(text, &end, 10);
	/* The largest number means "no id" to the kernel. */
	if (errno || *end || !value || value >= UINT32_MAX)
		return false;
	*id = (uint32_t)value;
	return true;
}

struct sfe_invoker sfe_invoker(void)
{
	struct sfe_invoker who = {.uid = geteuid(), .gid = getegid()};
	uint32_t uid, gid;

	if (!who.uid && read_id("SUDO_UID", &uid) && read_id("SUDO_GID", &gid))
		who = (struct sfe_invoker){.uid = uid, .gid = gid, .sudo = true};
	return who;
}

/* Changes the groups of this thread alone, which is not what setgroups does. */
static int set_groups(int n, const gid_t *groups)
{
	return (int)syscall(SYS_setgroups, (size_t)n, groups);
}

/* The groups of the user, with the one that sudo says; at most SFE_INVOKER_GROUPS. */
static int groups_of(const struct sfe_invoker *who, gid_t *groups)
{
	char room[16384];
	struct passwd pw, *p = NULL;
	int n = SFE_INVOKER_GROUPS;

	if (!getpwuid_r(who->uid, &pw, room, sizeof(room), &p) && p &&
		getgrouplist(p->pw_name, who->gid, groups, &n) >= 0)
		return n;
	groups[0] = who->gid;
	return 1;
}

struct sfe_as_invoker sfe_as_invoker_begin(void)
{
	struct sfe_invoker who = sfe_invoker();
	struct sfe_as_invoker before = {.changed = who.sudo};
	gid_t groups[SFE_INVOKER_GROUPS];

	if (!who.sudo)
		return before;
	before.n_groups = getgroups(SFE_INVOKER_GROUPS, before.groups);
	if (before.n_groups >= 0)
		set_groups(groups_of(&who, groups), groups);
	before.gid = (gid_t)setfsgid(who.gid);
	before.uid = (uid_t)setfsuid(who.uid);
	return before;
}

void sfe_as_invoker_end(const struct sfe_as_invoker *before)
{
	int code = errno;

	if (before->changed) {
		setfsuid(before->uid);
		setfsgid(before->gid);
		if (before->n_groups >= 0)
			set_groups(before->n_groups, before->groups);
	}
	errno = code;
}
