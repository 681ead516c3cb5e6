/* SPDX-License-Identifier: MIT */
#include "emu/security/invoker.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_LOOKUP_BYTES (1 << 20)
#define MAX_GROUPS 65536 /* NGROUPS_MAX of Linux */

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

/* Changes the groups of this thread alone, which is not what setgroups does. 0 or -1 with errno. */
static int set_groups(int n, const gid_t *groups)
{
	return (int)syscall(SYS_setgroups, (size_t)n, groups);
}

/* All groups of this thread. Their number, or a negative errno. */
static int own_groups(gid_t **groups)
{
	int n = getgroups(0, NULL);

	*groups = n < 0 ? NULL : calloc((size_t)n + 1, sizeof(**groups));
	if (n >= 0 && !*groups)
		return -ENOMEM;
	n = n < 0 ? n : getgroups(n, *groups);
	return n < 0 ? -errno : n;
}

/* The user's name. NULL with *code 0: the user has none, and so no groups but the one of sudo. */
static char *name_of(uid_t uid, int *code)
{
	struct passwd pw, *p = NULL;
	char *room = NULL, *name = NULL;

	*code = ERANGE;
	for (size_t size = 16384; *code == ERANGE && size <= MAX_LOOKUP_BYTES; size *= 4) {
		char *more = realloc(room, size);
		if (!more) {
			*code = ENOMEM;
			break;
		}
		room = more;
		*code = getpwuid_r(uid, &pw, room, size, &p);
	}
	/* What some of the C library's services return for a user that they do not know. */
	if (*code == ENOENT || *code == ESRCH)
		*code = 0;
	if (!*code && p && !(name = strdup(p->pw_name)))
		*code = ENOMEM;
	free(room);
	*code = -*code;
	return name;
}

/* All groups of the user, with the one that sudo says. Their number, or a negative errno. */
static int groups_of(const struct sfe_invoker *who, gid_t **groups)
{
	int room = 64, n, code;
	char *name = name_of(who->uid, &code);

	*groups = NULL;
	if (code)
		return code;
	for (n = -1; n < 0 && room <= MAX_GROUPS;) {
		gid_t *more = reallocarray(*groups, (size_t)room, sizeof(*more));
		if (!more) {
			free(name);
			return -ENOMEM;
		}
		*groups = more;
		n = room;
		if (name && getgrouplist(name, who->gid, *groups, &n) < 0) {
			/* n is now how many there are, if the C library says so. */
			room = n > room ? n : 2 * room;
			n = -1;
		} else if (!name) {
			(*groups)[0] = who->gid;
			n = 1;
		}
	}
	free(name);
	return n < 0 ? -E2BIG : n;
}

/* Neither setfsuid nor setfsgid says whether it has done anything; an id that is none asks. */
static bool set_ids(uid_t uid, gid_t gid)
{
	int signal = 0;

	prctl(PR_GET_PDEATHSIG, &signal);
	setfsgid(gid);
	setfsuid(uid);
	/* The kernel has cleared it: who ends with its parent does so still. */
	if (signal)
		prctl(PR_SET_PDEATHSIG, signal);
	return (gid_t)setfsgid((gid_t)-1) == gid && (uid_t)setfsuid((uid_t)-1) == uid;
}

static int begin(const struct sfe_invoker *who, struct sfe_as_invoker *before)
{
	gid_t *groups = NULL;
	int n = groups_of(who, &groups);
	int code = n < 0 ? n : 0;

	before->n_groups = code ? 0 : own_groups(&before->groups);
	if (before->n_groups < 0)
		code = before->n_groups;
	before->uid = (uid_t)setfsuid((uid_t)-1);
	before->gid = (gid_t)setfsgid((gid_t)-1);
	if (!code && set_groups(n, groups))
		code = -errno;
	before->changed = !code;
	if (!code && !set_ids(who->uid, who->gid))
		code = -EPERM;
	free(groups);
	return code;
}

int sfe_as_invoker_begin(struct sfe_as_invoker *before, struct sfe_error *err)
{
	const struct sfe_invoker who = sfe_invoker();

	*before = (struct sfe_as_invoker){0};
	if (!who.sudo)
		return 0;
	int code = begin(&who, before);
	if (!code)
		return 0;
	sfe_as_invoker_end(before);
	return sfe_fail(err, SFE_INVOKER_REFUSED, NULL,
		"start sfemu as that user, or unset SUDO_UID and SUDO_GID to work as root",
		"cannot take the rights of uid %u, who used sudo, with all groups of theirs: %s",
		(unsigned)who.uid, strerror(-code));
}

void sfe_as_invoker_end(struct sfe_as_invoker *before)
{
	int code = errno;

	if (before->changed) {
		set_ids(before->uid, before->gid);
		/* If the kernel has no memory for them, the groups stay the invoker's. */
		set_groups(before->n_groups, before->groups);
	}
	free(before->groups);
	*before = (struct sfe_as_invoker){0};
	errno = code;
}
