/* SPDX-License-Identifier: MIT */
#include "emu/security/contain.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	bool ok = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	int code = errno;
	close(fd);
	errno = code;
	return ok;
}

/* Maps the caller's ids to themselves in the new user namespace. 0 or a negative errno. */
static int map_ids(uid_t uid, gid_t gid)
{
	char map[64];

	write_file("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "%u %u 1", uid, uid);
	if (!write_file("/proc/self/uid_map", map))
		return -errno;
	snprintf(map, sizeof(map), "%u %u 1", gid, gid);
	return write_file("/proc/self/gid_map", map) ? 0 : -errno;
}

struct child_start {
	int (*main)(void *, int);
	void *arg;
	int alive; /* read end of a pipe; the orchestrator keeps the write end open until it ends */
	int ready; /* write end of a pipe for a negative errno; closed if there is none */
	int folder;
	uid_t uid;
	gid_t gid;
	enum sfe_containment how;
};

void sfe_contain_until_orchestrator_ends(int alive)
{
	struct pollfd p = {.fd = alive};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* If it ended before prctl, its end of the pipe is closed. */
	if (poll(&p, 1, 0) > 0)
		_exit(125);
}

/*
 * Finishes the namespaces of the child. The folder is its working directory when the mount
 * namespace is made: the kernel then moves the working directory to the copy of its mount, whatever
 * is mounted over the folder's path meanwhile.
 */
static int enter(const struct child_start *b)
{
	int r = b->how == SFE_CONTAIN_USER ? map_ids(b->uid, b->gid) : 0;

	if (r || b->how == SFE_CONTAIN_NONE)
		return r;
	if (b->folder >= 0 && fchdir(b->folder))
		return -errno;
	/* Its mounts must not propagate to the host. */
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return -errno;
	return 0;
}

static _Noreturn void child(const struct child_start *b)
{
	struct sigaction normal = {.sa_handler = SIG_DFL};
	sigset_t none;
	int r = enter(b);

	if (r)
		_exit(write(b->ready, &r, sizeof(r)) == sizeof(r) ? 125 : 124);
	close(b->ready);
	/* After the ids are set, since a change of credentials clears the signal. */
	sfe_contain_until_orchestrator_ends(b->alive);
	sigaction(SIGINT, &normal, NULL);
	sigaction(SIGTERM, &normal, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	_exit(b->main(b->arg, b->alive));
}

enum sfe_containment sfe_contain_first(void)
{
	return geteuid() ? SFE_CONTAIN_USER : SFE_CONTAIN_ROOT;
}

/* Waits until the child has closed the pipe, or until it has written why it cannot go on. */
static int wait_for_child(int ready, pid_t pid)
{
	int code = 0;
	ssize_t n;

	do
		n = read(ready, &code, sizeof(code));
	while (n < 0 && errno == EINTR);
	if (!n)
		return 0;
	if (n != sizeof(code)) {
		code = n < 0 ? -errno : -EIO;
		kill(pid, SIGKILL);
	}
	waitpid(pid, NULL, 0);
	return code;
}

int sfe_contain(enum sfe_containment how, unsigned long more, int folder, int (*main)(void *, int),
	void *arg, pid_t *pid, struct sfe_error *err)
{
	static const unsigned long flags[] = {
		[SFE_CONTAIN_ROOT] = CLONE_NEWPID,
		[SFE_CONTAIN_USER] = CLONE_NEWPID | CLONE_NEWUSER,
		[SFE_CONTAIN_NONE] = 0,
	};
	int alive[2], ready[2];

	if (pipe2(alive, O_CLOEXEC))
		return sfe_fail(err, -errno, NULL, NULL, "cannot make a pipe: %s", strerror(errno));
	if (pipe2(ready, O_CLOEXEC)) {
		int code = errno;
		close(alive[0]);
		close(alive[1]);
		return sfe_fail(err, -code, NULL, NULL, "cannot make a pipe: %s", strerror(code));
	}
	const struct child_start b = {
		main, arg, alive[0], ready[1], folder, geteuid(), getegid(), how};
	fflush(NULL);
	long r = syscall(
		SYS_clone, flags[how] | (how == SFE_CONTAIN_NONE ? 0 : more) | SIGCHLD, 0, 0, 0, 0);
	int code = r < 0 ? -errno : 0;
	if (r == 0) {
		close(alive[1]);
		close(ready[0]);
		child(&b);
	}
	close(alive[0]);
	close(ready[1]);
	code = code ? code : wait_for_child(ready[0], (pid_t)r);
	close(ready[0]);
	if (code) {
		close(alive[1]);
		return sfe_fail(err, code, NULL, NULL, "cannot start a process%s: %s",
			how == SFE_CONTAIN_NONE ? "" : " in namespaces of its own",
			strerror(-code));
	}
	/* alive[1] stays open on purpose: the child sees by it whether this process has ended. */
	*pid = (pid_t)r;
	return 0;
}
