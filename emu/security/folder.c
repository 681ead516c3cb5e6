/* SPDX-License-Identifier: MIT */
#include "emu/security/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/security/beneath.h"
#include "emu/security/invoker.h"

#define TRIES 16

FILE *sfe_folder_open(int dir, const char *path, uint64_t max_bytes, struct sfe_error *err)
{
	int fd = sfe_beneath_read(dir, path, max_bytes, err);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");

	if (!f && fd >= 0) {
		sfe_fail(err, -errno, path, NULL, "cannot be read: %s", strerror(errno));
		close(fd);
	}
	return f;
}

FILE *sfe_folder_open_single(int dir, const char *path, uint64_t max_bytes, struct sfe_error *err)
{
	FILE *f = sfe_folder_open(dir, path, max_bytes, err);
	struct stat st;

	if (!f || (!fstat(fileno(f), &st) && st.st_nlink == 1))
		return f;
	fclose(f);
	sfe_fail(err, -EMLINK, path, "remove the other name, or put a copy there",
		"has another name beside this one, and is not read");
	return NULL;
}

int sfe_folder_load(int dir, const char *path, uint64_t max_bytes, char **text, size_t *len,
	struct sfe_error *err)
{
	struct stat st;
	int fd = sfe_beneath_read(dir, path, max_bytes, err);
	size_t room, n = 0;
	ssize_t got = 1;

	*text = NULL;
	*len = 0;
	if (fd < 0)
		return fd;
	/* One byte more than the file has now, so that growth is noticed. */
	room = fstat(fd, &st) ? 0 : (size_t)st.st_size + 1;
	char *buf = malloc(room + 1);
	while (buf && got && n <= max_bytes) {
		if (n == room) {
			room = 2 * room < max_bytes + 1 ? 2 * room : (size_t)max_bytes + 1;
			char *more = realloc(buf, room + 1);
			if (!more)
				free(buf);
			buf = more;
			continue;
		}
		got = read(fd, buf + n, room - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			break;
		n += (size_t)got;
	}
	int code = got < 0 ? -errno : !buf ? -ENOMEM : n > max_bytes ? -EFBIG : 0;
	close(fd);
	if (code) {
		free(buf);
		return code == -EFBIG
			       ? sfe_fail(err, code, path, NULL,
					 "has more than the %" PRIu64 " bytes that are read of it",
					 max_bytes)
			       : sfe_fail(err, code, path, NULL, "cannot be read: %s",
					 strerror(-code));
	}
	buf[n] = 0;
	*text = buf;
	*len = n;
	return 0;
}

/* Opens the folder that contains the last component of a path; *name is that component. */
static int open_parent(int dir, const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	char above[4096] = ".";

	*name = slash ? slash + 1 : path;
	if (slash && (size_t)(slash - path) >= sizeof(above))
		return -ENAMETOOLONG;
	if (slash)
		snprintf(above, sizeof(above), "%.*s", (int)(slash - path), path);
	return sfe_beneath_open(dir, above, O_PATH | O_DIRECTORY, 0);
}

int sfe_folder_unlink(int dir, const char *path)
{
	const char *name;
	int parent = open_parent(dir, path, &name);
	int code = parent < 0 ? parent : unlinkat(parent, name, 0) ? -errno : 0;

	if (parent >= 0)
		close(parent);
	return code;
}

/* Makes a file as the invoker. If only root may, makes it as root and gives it to the invoker. */
static int make_new(int dir, const char *name, struct sfe_error *err)
{
	struct sfe_invoker who = sfe_invoker();
	struct sfe_as_invoker before;
	int fd = sfe_as_invoker_begin(&before, err);

	if (fd)
		return fd;
	fd = sfe_beneath_open(dir, name, O_WRONLY | O_CREAT | O_EXCL, 0666);
	sfe_as_invoker_end(&before);
	if (!who.sudo || (fd != -EACCES && fd != -EPERM))
		return fd;
	fd = sfe_beneath_open(dir, name, O_WRONLY | O_CREAT | O_EXCL, 0666);
	if (fd >= 0 && fchown(fd, who.uid, who.gid)) {
		int code = -errno;
		close(fd);
		unlinkat(dir, name, 0);
		fd = code;
	}
	return fd;
}

int sfe_replacement_begin(
	int dir, const char *name, struct sfe_replacement *r, struct sfe_error *err)
{
	int fd = -EEXIST;
	uint64_t random;

	*r = (struct sfe_replacement){.dir = dir};
	if (!*name || strchr(name, '/') || strlen(name) > sizeof(r->name) - 32)
		return sfe_fail(err, -EINVAL, name, "choose another name", "is no file's name");
	snprintf(r->name, sizeof(r->name), "%s", name);
	for (int i = 0; i < TRIES && fd == -EEXIST; i++) {
		if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
			return sfe_fail(err, -EIO, name, NULL, "the kernel gives no random number");
		snprintf(r->temporary, sizeof(r->temporary), ".%.220s.%016" PRIx64 ".part", name,
			random);
		fd = make_new(dir, r->temporary, err);
	}
	r->out = fd < 0 ? NULL : fdopen(fd, "w");
	if (r->out)
		return 0;
	int code = fd < 0 ? fd : -errno;
	if (fd >= 0) {
		close(fd);
		unlinkat(dir, r->temporary, 0);
	}
	if (code == SFE_INVOKER_REFUSED)
		return code;
	return sfe_fail(err, code, name, "is there room, and may you write there?",
		"cannot be written: %s", strerror(-code));
}

static int begin_in(const char *path, const char *name, int dir, struct sfe_replacement *r,
	struct sfe_error *err)
{
	struct stat st;

	if (!fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) && !S_ISREG(st.st_mode))
		return sfe_fail(err, -EEXIST, path, "remove it, or name another file",
			"is %s and no regular file",
			S_ISLNK(st.st_mode)   ? "a link"
			: S_ISDIR(st.st_mode) ? "a folder"
					      : "a device or pipe");
	int code = sfe_replacement_begin(dir, name, r, err);
	r->own_dir = !code;
	if (code && err)
		snprintf(err->where, sizeof(err->where), "%s", path);
	return code;
}

int sfe_replacement_begin_path(const char *path, struct sfe_replacement *r, struct sfe_error *err)
{
	const char *slash = strrchr(path, '/');
	char *folder = !slash          ? strdup(".")
		       : slash == path ? strdup("/")
				       : strndup(path, (size_t)(slash - path));
	int dir = folder ? open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	int code = folder ? -errno : -ENOMEM;

	free(folder);
	*r = (struct sfe_replacement){.dir = -1};
	if (dir < 0)
		return sfe_fail(err, code, path, "check the path", "cannot be written: %s",
			strerror(-code));
	code = begin_in(path, slash ? slash + 1 : path, dir, r, err);
	if (code)
		close(dir);
	return code;
}

static int finish(struct sfe_replacement *r, bool keep, struct sfe_error *err)
{
	int code = ferror(r->out) ? -EIO : 0;

	if (fclose(r->out) && !code)
		code = errno ? -errno : -EIO;
	r->out = NULL;
	if (keep && !code && !renameat(r->dir, r->temporary, r->dir, r->name))
		return 0;
	if (keep && !code)
		code = -errno;
	unlinkat(r->dir, r->temporary, 0);
	return keep ? sfe_fail(err, code, r->name, "is there room, and may you write there?",
			      "cannot be written: %s", strerror(-code))
		    : 0;
}

int sfe_replacement_end(struct sfe_replacement *r, bool keep, struct sfe_error *err)
{
	int code = finish(r, keep, err);

	if (r->own_dir)
		close(r->dir);
	r->own_dir = false;
	return code;
}

/* Removes the contents of a folder and closes its descriptor. */
static int empty(int fd, unsigned depth)
{
	DIR *d = depth ? fdopendir(fd) : NULL;
	struct dirent *e;
	int code = depth ? d ? 0 : -errno : -ELOOP;

	if (!d)
		close(fd);
	while (!code && (errno = 0, e = readdir(d))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (!unlinkat(fd, e->d_name, 0))
			continue;
		code = errno == EISDIR || errno == EPERM ? 0 : -errno;
		int below = code ? -1 : sfe_beneath_open(fd, e->d_name, O_RDONLY | O_DIRECTORY, 0);
		if (!code)
			code = below < 0 ? below : empty(below, depth - 1);
		if (!code && unlinkat(fd, e->d_name, AT_REMOVEDIR))
			code = -errno;
		code = code == -ENOENT ? 0 : code;
	}
	if (d)
		closedir(d);
	return code;
}

int sfe_folder_remove(int dir, const char *path, struct sfe_error *err)
{
	const char *name;
	int parent = open_parent(dir, path, &name);
	int fd = parent < 0 ? parent : sfe_beneath_open(parent, name, O_RDONLY | O_DIRECTORY, 0);
	int code = fd < 0 ? fd : empty(fd, SFE_FOLDER_MAX_DEPTH);

	/* A link or a file of that name is removed itself. */
	if (fd == -ENOTDIR || fd == -ELOOP)
		code = unlinkat(parent, name, 0) ? -errno : 0;
	else if (!code && unlinkat(parent, name, AT_REMOVEDIR))
		code = -errno;
	if (parent >= 0)
		close(parent);
	return !code || code == -ENOENT
		       ? 0
		       : sfe_fail(err, code, path,
				 code == -EACCES || code == -EPERM
					 ? "it is not yours: ask its owner, or root"
					 : NULL,
				 "cannot be removed: %s", strerror(-code));
}
