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
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emu/security/invoker.h"
#include "emu/security/syscalls.h"
#include "emu/vm/confine.h"
#include "emu/vm/digest.h"
#include "emu/vm/limits.h"

/* A fixed date, so that no file or log of a virtual run depends on the day: 2023-11-14T22:13:20Z.
 */
#define VIRTUAL_START_NS "1700000000000000000"
#define MAX_ARGS 32

struct launch {
	const struct sfe_guest_params *params;
	int channel, console, null, progress;
	int status; /* where the reason goes if the kernel is not executed: a struct sfe_error */
	struct sfe_confinement confinement;
	char digest[SFE_DIGEST_TEXT];
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

/* The last of the preparations; what may be done after them: read what the user may read, write the
 * results and the guest's memory, and the system calls of User-Mode Linux. */
static int prepare(const struct launch *l, struct sfe_error *err)
{
	const struct rlimit no_core = {0, 0};
	const struct sfe_confinement *c = &l->confinement;

	/* A kernel that panics aborts; what it did then is in its console, not in a file left
	 * behind. */
	setrlimit(RLIMIT_CORE, &no_core);
	/* The guest's memory is a file. */
	const char *folder = c->mounts ? SFE_CONFINED_MEMORY : "/dev/shm";
	int memory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (memory < 0)
		return sfe_fail(err, -errno, folder, NULL,
			"cannot be opened for the guest's memory: %s", strerror(errno));
	setenv("TMPDIR", folder, 1);
	/* With random addresses the guest's memory layout, and then its behaviour, would differ
	 * from run to run. */
	if (personality(ADDR_NO_RANDOMIZE) < 0 && l->params->virtual_clock)
		return sfe_fail(err, -errno, "guest",
			"does a container's seccomp profile forbid personality()?",
			"cannot switch address randomisation off, without which no run repeats: %s",
			strerror(errno));
	/* Program, results and memory have paths of their own where there are mounts; else these
	 * numbers are the paths. */
	struct given given[] = {
		{l->null, 0},
		{l->console, 1},
		{l->console, 2},
		{memory, SFE_GUEST_MEMORY_FD},
		{l->channel, SFE_GUEST_CHANNEL_FD},
		{c->mounts ? l->null : c->program, SFE_GUEST_INIT_FD},
		{c->mounts || c->results < 0 ? l->null : c->results, SFE_GUEST_RESULTS_FD},
		{l->progress, SFE_GUEST_PROGRESS_FD},
		{l->params->tty[0], SFE_GUEST_TTY_FD},
		{l->params->tty[1], SFE_GUEST_TTY_FD + 1},
	};
	if (place(given, sizeof(given) / sizeof(given[0]) - 2 + l->params->n_ttys))
		return sfe_fail(err, -errno, "guest", NULL, "cannot hand its descriptors over: %s",
			strerror(errno));
	/* Nothing else of ours gets in. */
	if (close_range(3, SFE_GUEST_MEMORY_FD - 1, CLOSE_RANGE_CLOEXEC) ||
		close_range(SFE_GUEST_TTY_FD + l->params->n_ttys, ~0u, CLOSE_RANGE_CLOEXEC))
		return sfe_fail(err, -errno, "guest", NULL, "cannot close descriptors: %s",
			strerror(errno));
	return sfe_syscalls_of_guest(c->mounts, err);
}

static _Noreturn void give_up(int status, const struct sfe_error *err)
{
	ssize_t n = write(status, err, sizeof(*err));

	_exit(n == sizeof(*err) ? 126 : 125);
}

/* Whether the kernel that was checked can still be executed by its own path, so that who looks at
 * the process sees which it is; else the copy is. */
static bool reaches_kernel(const struct launch *l)
{
	struct stat opened, there;

	return !l->confinement.mounts ||
	       (!fstat(l->confinement.kernel, &opened) && !stat(l->params->kernel, &there) &&
		       opened.st_dev == there.st_dev && opened.st_ino == there.st_ino &&
		       !access(l->params->kernel, R_OK | X_OK));
}

static _Noreturn void exec_kernel(const struct launch *l)
{
	const char *kernel = reaches_kernel(l) ? l->params->kernel : SFE_CONFINED_KERNEL;
	struct sfe_error err = {0};
	int status = fcntl(l->status, F_DUPFD_CLOEXEC, FIRST_FREE_FD);

	/* Where there is no PID namespace to take it along. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!prepare(l, &err)) {
		execv(kernel, l->argv);
		sfe_fail(&err, -errno, "guest", "name a guest kernel: `sfemu guest list`",
			"cannot start %s: %s", l->params->kernel, strerror(errno));
	}
	give_up(status, &err);
}

/* Process 1 of the container: closes the host's side, starts the kernel, waits for it, passes its
 * status on. */
static int keep(void *arg, int alive)
{
	const struct launch *l = arg;
	struct sfe_error err = {0};
	int status;

	pin();
	if (sfe_confine(&l->confinement, &err))
		give_up(l->status, &err);
	sfe_contain_until_orchestrator_ends(alive);
	pid_t pid = fork();
	if (pid == 0)
		exec_kernel(l);
	if (pid < 0) {
		sfe_fail(&err, -errno, "guest", NULL, "cannot fork: %s", strerror(errno));
		give_up(l->status, &err);
	}
	close(l->status);
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
	/* Its pid file: beside the guest's memory. */
	r = r ? r : add_argument(l, "uml_dir=/proc/self/fd/%d/", SFE_GUEST_MEMORY_FD);
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
	int fd = memfd_create("sfemu-progress", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	void *page = MAP_FAILED;

	/* Sealed: a guest that cut it short would end whoever reads the page, by SIGBUS. */
	if (fd >= 0 && !ftruncate(fd, sizeof(**out)) &&
		!fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL))
		page = mmap(NULL, sizeof(**out), PROT_READ, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	*out = page;
	return fd;
}

/* Waits until the kernel is executed, which closes the pipe's other end, or for the reason why not.
 */
static int wait_for_kernel(int status, struct sfe_error *err)
{
	struct sfe_error reason;
	ssize_t n;

	do
		n = read(status, &reason, sizeof(reason));
	while (n < 0 && errno == EINTR);
	if (n == sizeof(reason)) {
		*err = reason;
		return reason.code;
	}
	return 0;
}

/* One try: in namespaces of that kind. Both ends of the pipe are closed afterwards. */
static int start_as(struct launch *l, enum sfe_containment how, const int status[2],
	struct sfe_guest *guest, struct sfe_error *err)
{
	l->status = status[1];
	l->confinement.mounts = how != SFE_CONTAIN_NONE;
	/* In a user namespace there is only one user to be. */
	l->confinement.change_ids = how != SFE_CONTAIN_USER && sfe_invoker().sudo;
	int r = sfe_contain(
		how, CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS, keep, l, &guest->pid, err);
	close(status[1]);
	if (!r && (r = wait_for_kernel(status[0], err))) {
		kill(guest->pid, SIGKILL);
		waitpid(guest->pid, NULL, 0);
	}
	close(status[0]);
	guest->containment = how;
	return r;
}

/* What a system answers that does not allow namespaces, or mounts in them. */
static bool not_allowed(int code)
{
	return code == -EPERM || code == -EACCES || code == -ENOSPC || code == -EINVAL ||
	       code == -ENOSYS || code == -EUSERS;
}

static int start(struct launch *l, struct sfe_guest *guest, struct sfe_error *err)
{
	struct sfe_error own;
	int r = -EPERM;

	err = err ? err : &own;
	for (enum sfe_containment how = sfe_contain_first(); how <= SFE_CONTAIN_NONE; how++) {
		int status[2];
		if (pipe2(status, O_CLOEXEC))
			return sfe_fail(err, -errno, "guest", NULL, "cannot make a pipe: %s",
				strerror(errno));
		r = start_as(l, how, status, guest, err);
		if (!r || !not_allowed(r))
			break;
	}
	return r;
}

/* What the guest is started from, opened with our rights before they are given up. */
static int open_confinement(struct launch *l, struct sfe_error *err)
{
	const struct sfe_guest_params *p = l->params;
	struct sfe_invoker who = sfe_invoker();
	struct sfe_error none;
	int digest = sfe_digest_beside(p->kernel, l->digest, &none);

	l->confinement = (struct sfe_confinement){
		.unconfined = p->unconfined,
		.uid = who.uid,
		.gid = who.gid,
		.kernel = open(p->kernel, O_RDONLY | O_CLOEXEC),
		.digest = digest ? NULL : l->digest,
		.program = open(p->init, O_RDONLY | O_CLOEXEC),
		.results = p->results,
		.memory_mb = p->memory_mb,
		.program_number = SFE_GUEST_INIT_FD,
		.results_number = SFE_GUEST_RESULTS_FD,
		.memory_number = SFE_GUEST_MEMORY_FD,
	};
	if (digest && digest != -ENOENT) {
		if (err)
			*err = none;
		return digest;
	}
	const char *missing = l->confinement.kernel < 0    ? p->kernel
			      : l->confinement.program < 0 ? p->init
							   : NULL;
	return missing ? sfe_fail(err, -errno, missing, NULL, "cannot be opened: %s",
				 strerror(errno))
		       : 0;
}

int sfe_guest_start(
	const struct sfe_guest_params *params, struct sfe_guest *guest, struct sfe_error *err)
{
	struct launch l = {.params = params,
		.null = -1,
		.progress = -1,
		.confinement = {.kernel = -1, .program = -1}};
	const volatile struct sfe_guest_progress *progress = NULL;
	int channel[2] = {-1, -1}, console[2] = {-1, -1};
	int r = make_arguments(&l);

	if (r) {
		sfe_fail(err, r, NULL, NULL, "cannot make the guest's arguments: %s", strerror(-r));
		goto out;
	}
	r = sfe_limits_check_guest(params->memory_mb, err);
	r = r ? r : open_confinement(&l, err);
	if (r)
		goto out;
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
	r = start(&l, guest, err);
	if (!r) {
		guest->channel = channel[0];
		guest->console = console[0];
		channel[0] = console[0] = -1;
		guest->progress = progress;
		progress = NULL;
	}
out:
	sfe_guest_forget_progress(progress);
	int fds[] = {channel[0], channel[1], console[0], console[1], l.progress, l.null,
		l.confinement.kernel, l.confinement.program};
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	for (int i = 0; l.argv[i]; i++)
		free(l.argv[i]);
	return r;
}
