/* SPDX-License-Identifier: MIT */
#include "emu/security/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "emu/security/invoker.h"

#define MAX_LINKS 40 /* as the kernel's own limit */
#define MAX_LOOKUP_BYTES (1 << 20)

/* Whether a group is the one that Debian's adduser makes for a user: it has the user's name and no
 * other member. */
static bool own_group(gid_t gid, uid_t uid)
{
	struct passwd pw, *p = NULL;
	struct group gr, *g = NULL;
	bool own = false;
	size_t size = 16384;
	char *user = malloc(size), *room = NULL;

	if (!user || getpwuid_r(uid, &pw, user, size, &p) || !p)
		goto out;
	for (; size <= MAX_LOOKUP_BYTES; size *= 4) {
		char *more = realloc(room, size);
		if (!more)
			goto out;
		room = more;
		if (getgrgid_r(gid, &gr, room, size, &g) != ERANGE)
			break;
	}
	own = g && !strcmp(g->gr_name, p->pw_name);
	for (char **member = own ? g->gr_mem : NULL; member && *member; member++)
		own &= !strcmp(*member, p->pw_name);
out:
	free(user);
	free(room);
	return own;
}

/* With an access control list, the bits of the group are what any of its entries may have. */
static bool has_acl(int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return getxattr(path, "system.posix_acl_access", NULL, 0) >= 0 ||
	       (errno != ENODATA && errno != ENOTSUP);
}

/* The reason why a file is not trusted, or NULL. */
static const char *blame(int fd, const struct stat *st, uid_t uid, char *buf, size_t size)
{
	bool sticky = S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX) && !st->st_uid;

	if (st->st_uid && st->st_uid != uid)
		snprintf(buf, size, "belongs to uid %u", st->st_uid);
	else if (S_ISLNK(st->st_mode) || sticky)
		return NULL; /* a link's own mode means nothing */
	else if (st->st_mode & S_IWOTH)
		snprintf(buf, size, "may be written by everybody (mode %03o)", st->st_mode & 07777);
	else if ((st->st_mode & S_IWGRP) && st->st_gid && !own_group(st->st_gid, uid))
		snprintf(buf, size, "may be written by group %u (mode %03o)", st->st_gid,
			st->st_mode & 07777);
	else if ((st->st_mode & S_IWGRP) && has_acl(fd))
		snprintf(buf, size, "may be written by others (access control list)");
	else
		return NULL;
	return buf;
}

struct walk {
	int at;                  /* the folder that has been reached, O_PATH */
	char reached[PATH_MAX];  /* its path, for error texts */
	char rest[2 * PATH_MAX]; /* the components that follow */
	unsigned links;
	uid_t uid;
	const char *asked;
	bool (*system)(const char *path); /* what is not looked at; NULL: all is */
	struct sfe_error *err;
};

static int begin_at(struct walk *w, const char *folder)
{
	if (w->at >= 0)
		close(w->at);
	snprintf(w->reached, sizeof(w->reached), "%s", folder);
	w->at = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return w->at < 0 ? sfe_fail(w->err, -errno, folder, NULL, "cannot be opened: %s",
				   strerror(errno))
			 : 0;
}

static int refuse(const struct walk *w, const char *path, const char *why)
{
	char todo[256];

	snprintf(todo, sizeof(todo),
		"sfemu executes and believes only what root or you alone can write; correct it: "
		"chown or chmod go-w %.150s",
		path);
	return sfe_fail(w->err, -EPERM, w->asked, todo, "%.200s %s, so it is not used", path, why);
}

static int look(const struct walk *w, int fd, const char *path, struct stat *st)
{
	char why[80];

	if (fstat(fd, st))
		return sfe_fail(w->err, -errno, path, NULL, "stat: %s", strerror(errno));
	if (w->system && w->system(path))
		return 0;
	return blame(fd, st, w->uid, why, sizeof(why)) ? refuse(w, path, why) : 0;
}

/* Puts a link's target in front of the remaining components. */
static int follow(struct walk *w, int link, const char *path)
{
	char target[PATH_MAX], whole[2 * PATH_MAX];
	ssize_t n = readlinkat(link, "", target, sizeof(target) - 1);

	if (n <= 0 || ++w->links > MAX_LINKS)
		return sfe_fail(
			w->err, -ELOOP, path, NULL, "is a symbolic link that leads nowhere");
	target[n] = 0;
	if ((size_t)snprintf(whole, sizeof(whole), "%s/%s", target, w->rest) >= sizeof(whole))
		return sfe_fail(
			w->err, -ENAMETOOLONG, path, NULL, "leads to a path that is too long");
	memcpy(w->rest, whole, sizeof(whole));
	return target[0] == '/' ? begin_at(w, "/") : 0;
}

/* Follows one component, which was removed from w->rest. */
static int step(struct walk *w, const char *name)
{
	char path[2 * PATH_MAX];
	struct stat st;
	int fd = openat(w->at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	snprintf(
		path, sizeof(path), "%s%s%s", w->reached, strcmp(w->reached, "/") ? "/" : "", name);
	if (fd < 0)
		return sfe_fail(w->err, -errno, path, NULL, "%s", strerror(errno));
	int r = look(w, fd, path, &st);
	if (!r && S_ISLNK(st.st_mode)) {
		r = follow(w, fd, path);
		close(fd);
		return r;
	}
	if (r) {
		close(fd);
		return r;
	}
	close(w->at);
	w->at = fd;
	snprintf(w->reached, sizeof(w->reached), "%.*s", (int)sizeof(w->reached) - 1, path);
	return 0;
}

static int walk(struct walk *w)
{
	char name[NAME_MAX + 1];
	struct stat st;
	int r = look(w, w->at, w->reached, &st);

	while (!r) {
		size_t skip = strspn(w->rest, "/"), len = strcspn(w->rest + skip, "/");
		if (!len)
			break;
		if (len > NAME_MAX)
			return sfe_fail(
				w->err, -ENAMETOOLONG, w->asked, NULL, "has too long a name");
		memcpy(name, w->rest + skip, len);
		name[len] = 0;
		memmove(w->rest, w->rest + skip + len, strlen(w->rest + skip + len) + 1);
		r = step(w, name);
	}
	return r;
}

/* file: what the path must lead to; NULL: anything. */
static int trust(const char *path, bool (*system)(const char *), const struct stat *file,
	struct sfe_error *err)
{
	struct sfe_error own;
	struct walk w = {.at = -1,
		.uid = sfe_invoker().uid,
		.asked = path,
		.system = system,
		.err = err ? err : &own};
	struct stat st = {0};
	char *here = NULL;

	if (path[0] != '/' && !(here = getcwd(NULL, 0)))
		return sfe_fail(w.err, -errno, path, NULL, "getcwd: %s", strerror(errno));
	int n = snprintf(w.rest, sizeof(w.rest), "%s/%s", here ? here : "", path);
	free(here);
	if (n < 0 || (size_t)n >= PATH_MAX)
		return sfe_fail(w.err, -ENAMETOOLONG, path, NULL, "is too long");
	int r = begin_at(&w, "/");
	r = r ? r : walk(&w);
	if (!r && file &&
		(fstat(w.at, &st) || st.st_dev != file->st_dev || st.st_ino != file->st_ino))
		r = sfe_fail(w.err, -ESTALE, path, "run it again",
			"%.200s is another file than the one that was read, so it is not used",
			path);
	if (w.at >= 0)
		close(w.at);
	return r;
}

int sfe_trust_path(const char *path, struct sfe_error *err)
{
	return trust(path, NULL, NULL, err);
}

int sfe_trust_read(const char *path, dev_t device, ino_t inode, struct sfe_error *err)
{
	const struct stat file = {.st_dev = device, .st_ino = inode};

	return trust(path, NULL, &file, err);
}

int sfe_trust_until(const char *path, bool (*system)(const char *path), dev_t device, ino_t inode,
	struct sfe_error *err)
{
	const struct stat file = {.st_dev = device, .st_ino = inode};

	return trust(path, system, &file, err);
}

int sfe_trust_descriptor(int fd, const char *name, struct sfe_error *err)
{
	struct sfe_error own;
	const struct walk w = {.uid = sfe_invoker().uid, .asked = name, .err = err ? err : &own};
	struct stat st;

	return look(&w, fd, name, &st);
}
