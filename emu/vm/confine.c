/* SPDX-License-Identifier: MIT */
#include "emu/vm/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/security/landlock.h"
#include "emu/security/privileges.h"
#include "emu/vm/digest.h"

#define HOME "/run/sfemu"
#define PROGRAM HOME "/program"
#define RESULTS HOME "/results"
#define MEMORY_MORE_MB 16

static int fail(const char *where, const char *what, struct sfe_error *err)
{
	return sfe_fail(err, -errno, where, NULL, "cannot confine the guest: %s: %s", what,
		strerror(errno));
}

/* ---- phase 1: mounts */

/*
 * Clones the mount of the results folder, which is the working directory (sfe_contain), and returns
 * a descriptor of the new mount. No path is walked: nobody can put another folder in its place.
 */
static int clone_folder(int fd, struct sfe_error *err)
{
	struct stat before, now;
	int tree = open_tree(AT_FDCWD, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);

	if (tree < 0)
		return fail("results", "open_tree", err);
	if (fstat(fd, &before) || fstat(tree, &now) || before.st_dev != now.st_dev ||
		before.st_ino != now.st_ino) {
		close(tree);
		return sfe_fail(err, -ESTALE, "results", NULL,
			"the working directory is not the results folder");
	}
	return tree;
}

static int attributes(int fd, const char *path, unsigned flags, uint64_t set, uint64_t clear,
	struct sfe_error *err)
{
	struct mount_attr attr = {.attr_set = set, .attr_clr = clear};

	return mount_setattr(fd, path, flags, &attr, sizeof(attr))
		       ? fail(path[0] ? path : "a mount", "mount_setattr", err)
		       : 0;
}

static int mount_empty(const char *at, const char *options, struct sfe_error *err)
{
	return mount("sfemu", at, "tmpfs", MS_NOSUID | MS_NODEV, options) ? fail(at, "tmpfs", err)
									  : 0;
}

/* Where the guest's memory is. In large pages it takes fewer page faults and fewer misses of the
 * host's TLB; a host without them gives small ones, and the guest the same results. */
static int mount_memory(const char *options, struct sfe_error *err)
{
	char large[96];

	snprintf(large, sizeof(large), "huge=always,%s", options);
	if (!mount("sfemu", SFE_CONFINED_MEMORY, "tmpfs", MS_NOSUID | MS_NODEV, large))
		return 0;
	return errno == EINVAL ? mount_empty(SFE_CONFINED_MEMORY, options, err)
			       : fail(SFE_CONFINED_MEMORY, "tmpfs", err);
}

static int move_to(int tree, const char *at, struct sfe_error *err)
{
	return move_mount(tree, "", AT_FDCWD, at, MOVE_MOUNT_F_EMPTY_PATH)
		       ? fail(at, "move_mount", err)
		       : 0;
}

/* Copies the contents of a descriptor to a new file. */
static int copy_file(int in, const char *to, mode_t mode, const char *digest, const char *name,
	struct sfe_error *err)
{
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (out < 0)
		return fail(to, "open", err);
	int r = lseek(in, 0, SEEK_SET) < 0 && errno != ESPIPE ? fail(name, "lseek", err) : 0;
	r = r ? r : sfe_digest_copy(in, out, digest, name, err);
	if (!r && fchmod(out, mode))
		r = fail(to, "fchmod", err);
	close(out);
	return r;
}

/* User-Mode Linux reads /proc/cpuinfo of the host. No processes are visible. */
static int fill_proc(const struct sfe_confinement *c, struct sfe_error *err)
{
	const struct {
		int number;
		const char *to;
	} links[] = {{c->program_number, PROGRAM}, {c->results_number, RESULTS},
		{c->memory_number, SFE_CONFINED_MEMORY}};
	int cpu = open("/proc/cpuinfo", O_RDONLY | O_CLOEXEC);
	char at[64];
	int r = mount_empty("/proc", "mode=755,size=4m", err);

	if (!r && (mkdir("/proc/self", 0755) || mkdir("/proc/self/fd", 0755)))
		r = fail("/proc", "mkdir", err);
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]) && !r; i++) {
		snprintf(at, sizeof(at), "/proc/self/fd/%d", links[i].number);
		r = symlink(links[i].to, at) ? fail(at, "symlink", err) : 0;
	}
	if (!r && cpu >= 0)
		r = copy_file(cpu, "/proc/cpuinfo", 0444, NULL, "/proc/cpuinfo", err);
	if (cpu >= 0)
		close(cpu);
	return r ? r : attributes(AT_FDCWD, "/proc", 0, MOUNT_ATTR_RDONLY, 0, err);
}

static int fill_run(const struct sfe_confinement *c, int results, struct sfe_error *err)
{
	char options[64];
	int r = mount_empty("/run", "mode=755", err);

	/* The guest's memory, and some room for the kernel's other files. */
	snprintf(options, sizeof(options), "mode=700,size=%um", c->memory_mb + MEMORY_MORE_MB);

	if (!r && (mkdir(HOME, 0755) || mkdir(RESULTS, 0755) || mkdir(SFE_CONFINED_MEMORY, 0700)))
		r = fail(HOME, "mkdir", err);
	r = r ? r
	      : copy_file(
			c->kernel, SFE_CONFINED_KERNEL, 0555, c->digest, "the guest's kernel", err);
	r = r ? r : copy_file(c->program, PROGRAM, 0555, NULL, "sfemu", err);
	if (!r && results >= 0)
		r = move_to(results, RESULTS, err);
	r = r ? r : mount_memory(options, err);
	if (!r && c->change_ids && chown(SFE_CONFINED_MEMORY, c->uid, c->gid))
		r = fail(SFE_CONFINED_MEMORY, "chown", err);
	return r ? r : attributes(AT_FDCWD, "/run", 0, MOUNT_ATTR_RDONLY, 0, err);
}

/* Gives the guest its own terminals, and of the host's devices only /dev/null. */
static int fill_dev(int null, struct sfe_error *err)
{
	int r = move_to(null, "/dev/null", err);

	if (!r && mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
			  "newinstance,ptmxmode=0666,mode=0620"))
		r = fail("/dev/pts", "devpts", err);
	/* If /dev/ptmx is a link, it leads to /dev/pts/ptmx already. */
	struct stat st;
	if (!r && !lstat("/dev/ptmx", &st) && !S_ISLNK(st.st_mode) &&
		mount("/dev/pts/ptmx", "/dev/ptmx", NULL, MS_BIND, NULL))
		r = fail("/dev/ptmx", "bind", err);
	return r;
}

static int mounts(const struct sfe_confinement *c, struct sfe_error *err)
{
	const uint64_t no_rights = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
	int results = -1, null, r = 0;

	/* The invoker goes through these folders, whatever root's umask. */
	mode_t mask = umask(0022);

	/* These mounts must not propagate to the host. */
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return fail("/", "private mounts", err);
	if (c->results >= 0 && (results = clone_folder(c->results, err)) < 0)
		return results;
	if (results >= 0)
		r = attributes(results, "", AT_EMPTY_PATH, no_rights | MOUNT_ATTR_NOEXEC, 0, err);
	null = open_tree(AT_FDCWD, "/dev/null", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (!r && null < 0)
		r = fail("/dev/null", "open_tree", err);
	r = r ? r : attributes(AT_FDCWD, "/", AT_RECURSIVE, no_rights | MOUNT_ATTR_RDONLY, 0, err);
	r = r ? r : fill_proc(c, err);
	r = r ? r : mount_empty("/sys", "mode=755,size=4k", err);
	r = r ? r : fill_run(c, results, err);
	r = r ? r : fill_dev(null, err);
	if (!r && chdir("/"))
		r = fail("/", "chdir", err);
	umask(mask);
	if (results >= 0)
		close(results);
	if (null >= 0)
		close(null);
	return r;
}

/* ---- phase 3: Landlock */

/* Without mounts the terminals are the host's, and the guest must not write to them. */
static int writable(const struct sfe_confinement *c, struct sfe_error *err)
{
	const char *const paths[] = {c->mounts ? SFE_CONFINED_MEMORY : "/dev/shm", "/dev/null",
		c->mounts ? "/dev/ptmx" : NULL, c->mounts ? "/dev/pts" : NULL,
		c->mounts ? RESULTS : NULL};
	const unsigned n = sizeof(paths) / sizeof(paths[0]);
	int fds[sizeof(paths) / sizeof(paths[0]) + 1];

	for (unsigned i = 0; i < n; i++)
		fds[i] = paths[i] ? open(paths[i], O_PATH | O_CLOEXEC) : -1;
	fds[n] = c->mounts ? -1 : c->results;
	int r = sfe_landlock_writable(fds, n + 1, err);
	for (unsigned i = 0; i < n; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	return r;
}

int sfe_confine(const struct sfe_confinement *c, struct sfe_error *err)
{
	int r = c->mounts ? mounts(c, err)
			  : sfe_digest_copy(c->kernel, -1, c->digest, "the guest's kernel", err);

	r = r ? r : sfe_privileges_drop(c->change_ids, c->uid, c->gid, err);
	if (r)
		return r;
	/* With mounts, Landlock is a second protection; without them, it is the only one. */
	if (sfe_landlock_works())
		return writable(c, err);
	return c->mounts || c->unconfined
		       ? 0
		       : sfe_fail(err, -EPERM, "guest",
				 "allow user namespaces (`sfemu check` says what keeps them "
				 "from you), or accept it with --unconfined",
				 "this system allows no mount namespace and has no Landlock: "
				 "commands in the "
				 "guest could write whatever you can");
}
