/* SPDX-License-Identifier: MIT */
#include "emu/vm/contain.h"

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
#include <unistd.h>

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	bool ok = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return ok;
}

/* Maps the caller's ids to themselves in the new user namespace. */
static bool map_ids(uid_t uid, gid_t gid)
{
	char map[64];

	write_file("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "%u %u 1", uid, uid);
	if (!write_file("/proc/self/uid_map", map))
		return false;
	snprintf(map, sizeof(map), "%u %u 1", gid, gid);
	return write_file("/proc/self/gid_map", map);
}

struct child_start {
	int (*main)(void *, int);
	void *arg;
	int alive; /* read end of a pipe; the orchestrator keeps the write end open until it ends */
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

static _Noreturn void child(const struct child_start *b)
{
	struct sigaction normal = {.sa_handler = SIG_DFL};
	sigset_t none;

	if (b->how == SFE_CONTAIN_USER && !map_ids(b->uid, b->gid))
		_exit(125);
	/* After the ids are set, since a change of credentials clears the signal. */
	sfe_contain_until_orchestrator_ends(b->alive);
	sigaction(SIGINT, &normal, NULL);
	sigaction(SIGTERM, &normal, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	if (b->how != SFE_CONTAIN_NONE && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		_exit(125);
	_exit(b->main(b->arg, b->alive));
}

enum sfe_containment sfe_contain_first(void)
{
	return geteuid() ? SFE_CONTAIN_USER : SFE_CONTAIN_ROOT;
}

int sfe_contain(enum sfe_containment how, unsigned long more, int (*main)(void *, int), void *arg,
	pid_t *pid, struct sfe_error *err)
{
	static const unsigned long flags[] = {
		[SFE_CONTAIN_ROOT] = CLONE_NEWPID | CLONE_NEWNS,
		[SFE_CONTAIN_USER] = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUSER,
		[SFE_CONTAIN_NONE] = 0,
	};
	int alive[2];

	if (pipe2(alive, O_CLOEXEC))
		return sfe_fail(err, -errno, NULL, NULL, "cannot make a pipe: %s", strerror(errno));
	const struct child_start b = {main, arg, alive[0], geteuid(), getegid(), how};
	fflush(NULL);
	long r = syscall(
		SYS_clone, flags[how] | (how == SFE_CONTAIN_NONE ? 0 : more) | SIGCHLD, 0, 0, 0, 0);
	int code = errno;
	if (r == 0) {
		close(alive[1]);
		child(&b);
	}
	close(alive[0]);
	if (r < 0) {
		close(alive[1]);
		return sfe_fail(err, -code, NULL, NULL, "cannot fork: %s", strerror(code));
	}
	/* alive[1] stays open on purpose: the child sees by it whether this process has ended. */
	*pid = (pid_t)r;
	return 0;
}
