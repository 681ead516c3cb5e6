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
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emu/security/invoker.h"
#include "emu/security/syscalls.h"
#include "emu/vm/confine.h"
#include "emu/vm/digest.h"
#include "emu/vm/limits.h"

/* 2023-11-14T22:13:20Z. With a fixed date, no file of a run on the virtual clock depends on the
 * day.
 */
#define VIRTUAL_START_NS 1700000000000000000ull
#define MAX_ARGS 32

struct launch {
	const struct sfe_guest_params *params;
	int channel, console, null, progress;
	int status; /* pipe for a struct sfe_error if the kernel cannot be executed */
	struct sfe_confinement confinement;
	char digest[SFE_DIGEST_TEXT];
	char *argv[MAX_ARGS];
};

#define FIRST_FREE_FD 32 /* above all descriptors of a guest */

struct given {
	int fd, at;
};

/* Moves descriptors to fixed numbers. First all are moved to high numbers, so that none overwrites
 * another. */
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
 * Pins the guest's kernel and processes to one core: a system call in the guest is a switch between
 * host processes, which takes ten times as long across cores.
 */
static void pin(void)
{
	cpu_set_t set;
	int cpu = sched_getcpu();

	CPU_ZERO(&set);
	CPU_SET(cpu < 0 ? 0 : cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* The last preparations before the kernel is executed. Afterwards the process can read what its
 * user may read, write the results and the guest's memory, and make User-Mode Linux's system calls.
 */
static int prepare(const struct launch *l, struct sfe_error *err)
{
	const struct rlimit no_core = {0, 0};
	const struct sfe_confinement *c = &l->confinement;

	/* A kernel that panics aborts. Its console has the reason; no core file is left behind. */
	setrlimit(RLIMIT_CORE, &no_core);
	/* The guest's memory is a file. */
	const char *folder = c->mounts ? SFE_CONFINED_MEMORY : "/dev/shm";
	int memory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (memory < 0)
		return sfe_fail(err, -errno, folder, NULL,
			"cannot be opened for the guest's memory: %s", strerror(errno));
	setenv("TMPDIR", folder, 1);
	/* With random addresses, the guest's memory layout and therefore its behaviour would differ
	 * from run to run. */
	if (personality(ADDR_NO_RANDOMIZE) < 0 && l->params->virtual_clock)
		return sfe_fail(err, -errno, "guest",
			"does a container's seccomp profile forbid personality()?",
			"cannot switch address randomisation off, without which no run repeats: %s",
			strerror(errno));
	/* With mounts, program and results have paths; without, the guest finds them by these
	 * numbers. */
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
	/* The guest gets no other descriptor. */
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

/* Whether the checked kernel can be executed by its own path, so that a list of processes shows
 * which one it is. Otherwise its copy is executed. */
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

	/* For SFE_CONTAIN_NONE: there is no PID namespace that ends it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!prepare(l, &err)) {
		execv(kernel, l->argv);
		sfe_fail(&err, -errno, "guest", "name a guest kernel: `sfemu guest list`",
			"cannot start %s: %s", l->params->kernel, strerror(errno));
	}
	give_up(status, &err);
}

/* Process 1 of the container: confines itself, starts the kernel, waits for it and returns its
 * status. */
static int container_main(void *arg, int alive)
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
		r = r ? r
		      : add_argument(l, "time-travel-start=%llu",
				VIRTUAL_START_NS + p->slot * SFE_GUEST_SLOT_NS);
		r = r ? r : add_argument(l, "um_seed=%u", p->seed);
		r = r ? r : add_argument(l, "um_progress=%d", SFE_GUEST_PROGRESS_FD);
	}
	/* con0: the kernel's output to the console pipe; con1: the init's to the channel. None has
	 * input. */
	r = r ? r : add_argument(l, "con=null");
	r = r ? r : add_argument(l, "con0=null,fd:1");
	r = r ? r : add_argument(l, "con1=null,fd:%d", SFE_GUEST_CHANNEL_FD);
	if (p->n_ttys == 1)
		r = r ? r : add_argument(l, "con2=fd:%d", SFE_GUEST_TTY_FD);
	for (int i = 0; p->n_ttys == 2 && i < 2; i++)
		r = r ? r : add_argument(l, "con%d=null,fd:%d", 2 + i, SFE_GUEST_TTY_FD + i);
	r = r ? r : add_argument(l, "ssl=null");
	/* The kernel's PID file is beside the guest's memory. */
	r = r ? r : add_argument(l, "uml_dir=/proc/self/fd/%d/", SFE_GUEST_MEMORY_FD);
	r = r ? r : add_argument(l, "quiet");
	r = r ? r : add_argument(l, "--");
	r = r ? r : add_argument(l, SFE_GUEST_INIT_VERB);
	if (p->argument)
		r = r ? r : add_argument(l, "%s", p->argument);
	return r;
}

void sfe_guest_forget_progress(const volatile struct sfe_guest_progress *progress)
{
	if (progress)
		munmap((void *)progress, sizeof(*progress));
}

/* Makes the page that guest and host share. Returns its descriptor, or -1 with errno. */
static int share_progress(const volatile struct sfe_guest_progress **out)
{
	int fd = memfd_create("sfemu-progress", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	void *page = MAP_FAILED;

	/* Sealed: if a guest could truncate it, reading the page would end sfemu by SIGBUS. */
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

/* Waits until the kernel is executed, which closes the other end of the pipe, or until the reason
 * arrives why it is not. */
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

/*
 * Tries to start the guest in namespaces of one kind. Closes both ends of the pipe. *contained: the
 * namespaces were made, so that an error is one of the guest and no reason to try others.
 */
static int start_as(struct launch *l, enum sfe_containment how, const int status[2],
	bool *contained, struct sfe_guest *guest, struct sfe_error *err)
{
	l->status = status[1];
	l->confinement.mounts = how != SFE_CONTAIN_NONE;
	/* A user namespace has only one user. */
	l->confinement.change_ids = how != SFE_CONTAIN_USER && sfe_invoker().sudo;
	int r = sfe_contain(how, CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS, l->params->results,
		container_main, l, &guest->pid, err);
	*contained = !r;
	close(status[1]);
	if (!r && (r = wait_for_kernel(status[0], err))) {
		kill(guest->pid, SIGKILL);
		waitpid(guest->pid, NULL, 0);
	}
	close(status[0]);
	guest->containment = how;
	return r;
}

/* What the kernel says of namespaces that are not allowed or not there. A passing shortage (EAGAIN,
 * ENOMEM, ENFILE) is none of these: others can bring that about. */
static bool not_allowed(int code)
{
	return code == -EPERM || code == -EACCES || code == -ENOSPC || code == -EINVAL ||
	       code == -ENOSYS || code == -EUSERS;
}

/*
 * Namespaces that the system does not allow are given up one after the other. Another user must not
 * bring this about, so only sfe_contain's own errors count, and root has to ask for it: whoever is
 * root has the namespaces unless something is wrong.
 */
static int start(struct launch *l, struct sfe_guest *guest, struct sfe_error *err)
{
	const bool weaker = geteuid() || l->params->unconfined;
	/* Linux 5.12 and later. */
	const bool mounts = !mount_setattr(-1, "", 0, NULL, 0) || errno != ENOSYS;
	struct sfe_error own;
	bool contained = false;
	int r = -EPERM;

	err = err ? err : &own;
	for (enum sfe_containment how = weaker && !mounts ? SFE_CONTAIN_NONE : sfe_contain_first();
		how <= SFE_CONTAIN_NONE; how++) {
		int status[2];
		if (pipe2(status, O_CLOEXEC))
			return sfe_fail(err, -errno, "guest", NULL, "cannot make a pipe: %s",
				strerror(errno));
		r = start_as(l, how, status, &contained, guest, err);
		if (!r || contained || !weaker || !not_allowed(r))
			break;
	}
	return r && !contained && !weaker && not_allowed(r)
		       ? sfe_fail(err, r, "guest",
				 "run as an ordinary user, or accept a weaker confinement with "
				 "--unconfined",
				 "this system allows root no PID and mount namespaces (%s), which "
				 "keep the guest from the host's files",
				 strerror(-r))
		       : r;
}

/* Opens kernel and program while the process still has its rights. */
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
	/* Writing to a full pipe would block the guest, which its clock would not notice. */
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
