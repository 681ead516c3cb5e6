/* SPDX-License-Identifier: MIT */
#include "emu/vm/guest.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* A fixed date, so that no file or log of a virtual run depends on the day: 2023-11-14T22:13:20Z.
 */
#define VIRTUAL_START_NS "1700000000000000000"
#define MAX_ARGS 32

struct launch {
	const struct sfe_guest_params *params;
	int channel, console, null, progress;
	char *argv[MAX_ARGS];
};

#define FIRST_FREE_FD 32 /* above all that a guest is given */

struct given {
	int fd, at;
};

/* Puts descriptors at fixed numbers: first all out of the way, so that none takes another's place
 * before that is moved. */
static int place(struct given *given, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if ((given[i].fd = fcntl(given[i].fd, F_DUPFD, FIRST_FREE_FD)) < 0)
			return -1;
	for (unsigned i = 0; i < n; i++)
		if (dup2(given[i].fd, given[i].at) < 0)
			return -1;
	return 0;
}

/*
 * One core for kernel and processes of the guest: a system call there is a hand-over between host
 * processes, which costs ten times as much across cores.
 */
static void pin(void)
{
	cpu_set_t set;
	int cpu = sched_getcpu();

	CPU_ZERO(&set);
	CPU_SET(cpu < 0 ? 0 : cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static _Noreturn void exec_kernel(const struct launch *l)
{
	/* Where there is no PID namespace to take it along. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	const struct rlimit no_core = {0, 0};
	/*
	 * Opened here and not by the caller: the guest reads where this descriptor points to as a
	 * path, which must be one of the mount namespace that the guest is in (a chroot shows the
	 * difference).
	 */
	const char *folder = l->params->results ? l->params->results : "/dev/null";
	int results = open(folder, O_RDONLY | O_CLOEXEC);
	/* Named by its descriptor too: the guest's command line and the first bytes of its first
	 * process are then the same wherever this program is. */
	int init = open(l->params->init, O_RDONLY | O_CLOEXEC);

	/* A kernel that panics aborts; what it did then is in its console, not in a file left
	 * behind. */
	setrlimit(RLIMIT_CORE, &no_core);
	/* The guest's memory is a file: where it may be large and is gone with the mount namespace.
	 */
	setenv("TMPDIR", "/dev/shm", 1);
	/* With random addresses the guest's memory layout, and then its behaviour, would differ
	 * from run to run. */
	if (personality(ADDR_NO_RANDOMIZE) < 0 && l->params->virtual_clock) {
		dprintf(2,
			"cannot switch address randomisation off, without which no run repeats: "
			"%s; does a container's seccomp profile forbid personality()?\n",
			strerror(errno));
		_exit(126);
	}
	struct given given[] = {
		{l->null, 0},
		{l->console, 1},
		{l->console, 2},
		{l->channel, SFE_GUEST_CHANNEL_FD},
		{init, SFE_GUEST_INIT_FD},
		{results, SFE_GUEST_RESULTS_FD},
		{l->progress, SFE_GUEST_PROGRESS_FD},
		{l->params->tty[0], SFE_GUEST_TTY_FD},
		{l->params->tty[1], SFE_GUEST_TTY_FD + 1},
	};
	if (place(given, sizeof(given) / sizeof(given[0]) - 2 + l->params->n_ttys)) {
		dprintf(l->console, "cannot hand over %s and %s: %s\n", l->params->init, folder,
			strerror(errno));
		_exit(126);
	}
	/* Nothing else of ours gets in. */
	close_range(3, SFE_GUEST_CHANNEL_FD - 1, 0);
	close_range(SFE_GUEST_TTY_FD + l->params->n_ttys, ~0u, 0);
	execv(l->params->kernel, l->argv);
	dprintf(2, "cannot start %s: %s\n", l->params->kernel, strerror(errno));
	_exit(127);
}

/* Process 1 of the container: starts the kernel, waits for it, passes its status on. */
static int keep(void *arg)
{
	const struct launch *l = arg;
	int status;

	pin();
	mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "size=100%");
	pid_t pid = fork();
	if (pid == 0)
		exec_kernel(l);
	if (pid < 0)
		return 126;
	close(l->channel);
	close(l->console);
	for (;;) {
		pid_t gone = wait(&status);
		if (gone == pid)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		if (gone < 0 && errno != EINTR)
			return 126;
	}
}

static int add_argument(struct launch *l, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static int add_argument(struct launch *l, const char *fmt, ...)
{
	va_list ap;
	int i = 0, r;

	while (l->argv[i])
		i++;
	if (i == MAX_ARGS - 1)
		return -E2BIG;
	va_start(ap, fmt);
	r = vasprintf(&l->argv[i], fmt, ap);
	va_end(ap);
	if (r < 0) {
		l->argv[i] = NULL;
		return -ENOMEM;
	}
	return 0;
}

static int make_arguments(struct launch *l)
{
	const struct sfe_guest_params *p = l->params;
	int r = add_argument(l, "linux");

	r = r ? r : add_argument(l, "mem=%uM", p->memory_mb);
	r = r ? r : add_argument(l, "root=/dev/root");
	r = r ? r : add_argument(l, "rootfstype=hostfs");
	r = r ? r : add_argument(l, "rootflags=/");
	r = r ? r : add_argument(l, "ro");
	r = r ? r : add_argument(l, "init=/proc/self/fd/%d", SFE_GUEST_INIT_FD);
	if (p->virtual_clock) {
		r = r ? r : add_argument(l, "time-travel=inf-cpu");
		r = r ? r : add_argument(l, "time-travel-start=" VIRTUAL_START_NS);
		r = r ? r : add_argument(l, "um_seed=%u", p->seed);
		r = r ? r : add_argument(l, "um_progress=%d", SFE_GUEST_PROGRESS_FD);
	}
	/* The kernel's words go to the console pipe, the lab's to the channel, nothing is read. */
	r = r ? r : add_argument(l, "con=null");
	r = r ? r : add_argument(l, "con0=null,fd:1");
	r = r ? r : add_argument(l, "con1=null,fd:%d", SFE_GUEST_CHANNEL_FD);
	if (p->n_ttys == 1)
		r = r ? r : add_argument(l, "con2=fd:%d", SFE_GUEST_TTY_FD);
	for (int i = 0; p->n_ttys == 2 && i < 2; i++)
		r = r ? r : add_argument(l, "con%d=null,fd:%d", 2 + i, SFE_GUEST_TTY_FD + i);
	r = r ? r : add_argument(l, "ssl=null");
	/* The management socket and the pid file: in the container's own tmpfs, gone with it. */
	r = r ? r : add_argument(l, "uml_dir=/dev/shm/");
	r = r ? r : add_argument(l, "quiet");
	r = r ? r : add_argument(l, "--");
	r = r ? r : add_argument(l, SFE_GUEST_INIT_WORD);
	if (p->argument)
		r = r ? r : add_argument(l, "%s", p->argument);
	return r;
}

void sfe_guest_forget_progress(const volatile struct sfe_guest_progress *progress)
{
	if (progress)
		munmap((void *)progress, sizeof(*progress));
}

/* A page that the guest and we see: its descriptor, or -1 with errno. */
static int share_progress(const volatile struct sfe_guest_progress **out)
{
	int fd = memfd_create("sfemu-progress", MFD_CLOEXEC);
	void *page = MAP_FAILED;

	if (fd >= 0 && !ftruncate(fd, sizeof(**out)))
		page = mmap(NULL, sizeof(**out), PROT_READ, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	*out = page;
	return fd;
}

int sfe_guest_start(
	const struct sfe_guest_params *params, struct sfe_guest *guest, struct sfe_error *err)
{
	struct launch l = {.params = params, .null = -1, .progress = -1};
	const volatile struct sfe_guest_progress *progress = NULL;
	int channel[2] = {-1, -1}, console[2] = {-1, -1};
	int r = make_arguments(&l);

	if (r) {
		sfe_fail(err, r, NULL, NULL, "cannot make the guest's arguments: %s", strerror(-r));
		goto out;
	}
	l.null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (l.null >= 0)
		l.progress = share_progress(&progress);
	if (l.progress < 0 || pipe2(channel, O_CLOEXEC) || pipe2(console, O_CLOEXEC)) {
		r = sfe_fail(err, -errno, NULL, NULL,
			"cannot make the guest's pipes and its page: %s", strerror(errno));
		goto out;
	}
	/* Writing to a full pipe would stop the guest in a way that its clock does not know. */
	fcntl(channel[1], F_SETPIPE_SZ, 1 << 20);
	l.channel = channel[1];
	l.console = console[1];
	r = sfe_contain(keep, &l, &guest->pid, &guest->containment, err);
	if (!r) {
		guest->channel = channel[0];
		guest->console = console[0];
		channel[0] = console[0] = -1;
		guest->progress = progress;
		progress = NULL;
	}
out:
	sfe_guest_forget_progress(progress);
	if (l.progress >= 0)
		close(l.progress);
	for (int i = 0; i < 2; i++) {
		if (channel[i] >= 0)
			close(channel[i]);
		if (console[i] >= 0)
			close(console[i]);
	}
	if (l.null >= 0)
		close(l.null);
	for (int i = 0; l.argv[i]; i++)
		free(l.argv[i]);
	return r;
}
