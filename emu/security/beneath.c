/* SPDX-License-Identifier: MIT */
#include "emu/security/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "emu/security/invoker.h"

/* openat2 gives up with EAGAIN if something is renamed during the walk. Some tries are enough; if
 * the renaming never stops, the result is -EAGAIN. */
#define TRIES 32

int sfe_beneath_open(int dir, const char *path, int flags, mode_t mode)
{
	const struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC | O_NOFOLLOW),
		.mode = flags & O_CREAT ? mode : 0,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	long fd = -1;

	for (int i = 0; i < TRIES; i++) {
		fd = syscall(SYS_openat2, dir, path, &how, sizeof(how));
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	return fd < 0 ? -errno : (int)fd;
}

static const char *kind(mode_t mode)
{
	return S_ISDIR(mode)    ? "folder"
	       : S_ISFIFO(mode) ? "FIFO"
	       : S_ISSOCK(mode) ? "socket"
				: "device";
}

static int fail(int code, const char *path, struct sfe_error *err)
{
	if (code == -ELOOP)
		return sfe_fail(err, code, path, "put the file itself there",
			"is or passes through a symbolic link, and none is followed here");
	if (code == -EXDEV)
		return sfe_fail(err, code, path, NULL, "leads out of the folder");
	/* openat2 exists from Linux 5.6; a container's seccomp filter may not allow it. */
	if (code == -ENOSYS || code == -EPERM)
		return sfe_fail(err, code, path, "use Linux 5.6 or newer, or allow openat2",
			"cannot be opened safely here (openat2: %s)", strerror(-code));
	return sfe_fail(err, code, path, NULL, "cannot be opened: %s", strerror(-code));
}

/* Fails and closes the descriptor if it is not a regular file. */
static int check(int fd, const char *path, struct stat *st, struct sfe_error *err)
{
	if (!fstat(fd, st) && S_ISREG(st->st_mode))
		return 0;
	close(fd);
	return sfe_fail(
		err, -EINVAL, path, NULL, "is a %s and not a regular file", kind(st->st_mode));
}

int sfe_beneath_read(int dir, const char *path, uint64_t max_bytes, struct sfe_error *err)
{
	struct stat st = {0};
	int fd = sfe_beneath_open(dir, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);

	if (fd < 0)
		return fail(fd, path, err);
	int r = check(fd, path, &st, err);
	if (!r && (uint64_t)st.st_size > max_bytes) {
		close(fd);
		r = sfe_fail(err, -EFBIG, path, NULL,
			"has %" PRIu64 " bytes, more than the %" PRIu64 " that are read of it",
			(uint64_t)st.st_size, max_bytes);
	}
	return r ? r : fd;
}

int sfe_beneath_update(int dir, const char *path, int flags, struct sfe_error *err)
{
	struct stat st = {0};
	int fd = sfe_beneath_open(dir, path, flags | O_NONBLOCK | O_NOCTTY, 0);

	if (fd < 0)
		return fail(fd, path, err);
	int r = check(fd, path, &st, err);
	if (!r && st.st_nlink != 1) {
		close(fd);
		r = sfe_fail(err, -EMLINK, path, NULL, "has a second name, and is not written to");
	}
	return r ? r : fd;
}

/* Unlinks a file. The folder that contains it is opened with the same restrictions. */
static int remove_name(int dir, const char *path)
{
	const char *slash = strrchr(path, '/');
	char above[256] = ".";

	if (slash && (size_t)(slash - path) >= sizeof(above))
		return -ENAMETOOLONG;
	if (slash) {
		memcpy(above, path, (size_t)(slash - path));
		above[slash - path] = 0;
	}
	int parent = sfe_beneath_open(dir, above, O_PATH | O_DIRECTORY, 0);
	if (parent < 0)
		return parent;
	int r = unlinkat(parent, slash ? slash + 1 : path, 0) && errno != ENOENT ? -errno : 0;
	close(parent);
	return r;
}

static int create(int dir, const char *path)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOCTTY;
	int fd = sfe_beneath_open(dir, path, flags, 0666);

	if (fd != -EEXIST)
		return fd;
	int r = remove_name(dir, path);
	return r ? r : sfe_beneath_open(dir, path, flags, 0666);
}

int sfe_beneath_create(int dir, const char *path, struct sfe_error *err)
{
	struct sfe_as_invoker before;
	int r = sfe_as_invoker_begin(&before, err);

	if (r)
		return r;
	int fd = create(dir, path);
	sfe_as_invoker_end(&before);
	return fd < 0 ? fail(fd, path, err) : fd;
}

int sfe_beneath_folder(int dir, const char *name, struct sfe_error *err)
{
	struct sfe_as_invoker before;
	int r = sfe_as_invoker_begin(&before, err);

	if (r)
		return r;
	r = mkdirat(dir, name, 0777) && errno != EEXIST ? -errno : 0;
	sfe_as_invoker_end(&before);
	return r ? fail(r, name, err) : 0;
}

int sfe_beneath_exists(int dir, const char *path)
{
	int fd = sfe_beneath_open(dir, path, O_PATH, 0);

	if (fd >= 0)
		close(fd);
	/* -ELOOP: a symbolic link exists. */
	return fd >= 0 || fd == -ELOOP;
}
