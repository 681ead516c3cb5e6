/* SPDX-License-Identifier: MIT */
#include "emu/run/workers.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emu/model/base/text.h"
#include "emu/security/function_rights.h"
#include "nodes/runtime/worker.h"

#define CONTROL_FD 3
#define KEEP_FD 4
#define START_TIMEOUT_S 60
#define END_PATIENCE_MS 1000

static void report(int control, uint32_t node, int code, const struct sfe_error *err)
{
	struct sfe_ctl_error e = {.header = {SFE_CTL_ERROR, node}, .code = code};

	snprintf(e.text, sizeof(e.text), "%.*s", (int)sizeof(e.text) - 1, err->what);
	send(control, &e, sizeof(e), MSG_NOSIGNAL);
}

static _Noreturn void worker_process(const struct sfe_net *net, const struct sfe_deployment *d,
	uint32_t node, int control, struct sfe_running_code *running)
{
	struct sfe_error err = {0};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, d->nodes[node].name);
	signal(SIGPIPE, SIG_IGN);
	int r = sfe_net_enter(net, net->plan->host_of_vertex[node], &err);
	struct sfe_deployment own = *d;
	own.running = running;
	const struct sfe_keep keep = {KEEP_FD, d->keep ? d->keep->end : NULL};
	/* Has only the control socket, and the memory of kept states: no other worker's socket,
	 * and no namespace that would outlive its network. */
	if (!r && control != CONTROL_FD && dup2(control, CONTROL_FD) < 0)
		r = sfe_fail(&err, -errno, d->nodes[node].name, NULL, "dup2: %s", strerror(errno));
	if (!r && d->keep && dup3(d->keep->fd, KEEP_FD, O_CLOEXEC) < 0)
		r = sfe_fail(&err, -errno, d->nodes[node].name, NULL, "dup3: %s", strerror(errno));
	if (r) {
		report(control, node, r, &err);
		_exit(1);
	}
	own.keep = d->keep ? &keep : NULL;
	close_range(d->keep ? KEEP_FD + 1 : CONTROL_FD + 1, ~0u, 0);
	r = d->scratch ? sfe_function_rights(true, &err) : 0;
	if (r) {
		report(CONTROL_FD, node, r, &err);
		_exit(1);
	}
	r = sfe_worker_run(&own, node, CONTROL_FD, &err);
	_exit(r ? 1 : 0);
}

/* The first end is this process's, the second the worker's. */
static int control_pair(
	const struct sfe_deployment *d, uint32_t node, int pair[2], struct sfe_error *err)
{
	const struct timeval patience = {.tv_sec = START_TIMEOUT_S};

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return sfe_fail(err, -errno, d->nodes[node].name,
			"raise the limit of open files (ulimit -n)",
			"cannot make its control socket: %s", strerror(errno));
	setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	/* A worker that asks, and reads no answer, does not stop the orchestrator. */
	setsockopt(pair[0], SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	return 0;
}

static int start_one(const struct sfe_net *net, const struct sfe_deployment *d, uint32_t node,
	struct sfe_running_code *running, struct sfe_worker *w, struct sfe_error *err)
{
	int pair[2];
	int r = control_pair(d, node, pair, err);

	if (r)
		return r;
	pid_t pid = fork();
	if (pid == 0) {
		close(pair[0]);
		worker_process(net, d, node, pair[1], running);
	}
	int code = errno;
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		return sfe_fail(err, -code, d->nodes[node].name, NULL, "cannot fork its worker: %s",
			strerror(code));
	}
	*w = (struct sfe_worker){pid, pair[0]};
	return 0;
}

static int enter_node(void *net, uint32_t node, struct sfe_error *err)
{
	const struct sfe_net *n = net;

	return sfe_net_enter(n, n->plan->host_of_vertex[node], err);
}

static _Noreturn void shared_process(const struct sfe_net *net, const struct sfe_deployment *d,
	const struct sfe_workers *workers, const struct sfe_worker_seat *seats)
{
	const struct sfe_worker_place place = {
		.enter = enter_node, .context = (void *)net, .ring = true, .clock_stands = true};
	struct sfe_error err = {0};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "sfemu-workers");
	signal(SIGPIPE, SIG_IGN);
	/* else no worker would notice the orchestrator's end */
	for (uint32_t i = 0; i < d->n_nodes; i++)
		close(workers->worker[i].control);
	int r = d->scratch ? sfe_function_rights(false, &err) : 0;
	if (r) {
		report(seats[0].control_fd, 0, r, &err);
		_exit(1);
	}
	struct sfe_deployment own = *d;
	own.running = workers->running;
	_exit(sfe_workers_run(&own, seats, d->n_nodes, &place, &err) ? 1 : 0);
}

/*
 * A record wakes this process, but it runs only once the workers wait: they send many records at
 * once, and each would be collected alone, with three system calls. What is due at the same
 * instant, as a change of a link, also comes after the workers' turn. Where the kernel refuses it,
 * only time is lost. What this process starts is scheduled as ever.
 */
static void collect_after_workers(void)
{
	sched_setscheduler(0, SCHED_BATCH | SCHED_RESET_ON_FORK, &(struct sched_param){0});
}

static int start_shared(const struct sfe_net *net, const struct sfe_deployment *d,
	struct sfe_workers *workers, struct sfe_error *err)
{
	struct sfe_worker_seat *seats = calloc(d->n_nodes, sizeof(*seats));
	int r = seats ? 0 : sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	pid_t pid = -1;

	for (uint32_t i = 0; i < d->n_nodes && !r; i++) {
		int pair[2];
		r = control_pair(d, i, pair, err);
		if (r)
			break;
		workers->worker[workers->n++] = (struct sfe_worker){0, pair[0]};
		seats[i] = (struct sfe_worker_seat){i, pair[1]};
	}
	if (!r)
		pid = fork();
	if (pid == 0)
		shared_process(net, d, workers, seats);
	if (!r && pid < 0)
		r = sfe_fail(
			err, -errno, NULL, NULL, "cannot fork the workers: %s", strerror(errno));
	for (uint32_t i = 0; i < workers->n; i++) {
		close(seats[i].control_fd);
		workers->worker[i].pid = pid;
	}
	free(seats);
	if (!r)
		collect_after_workers();
	return r;
}

/* What a worker has said in n bytes, or why recv gave none: as sfe_workers_receive. */
static int heard(const struct sfe_deployment *d, uint32_t node, const void *message, ssize_t n,
	struct sfe_error *err)
{
	const struct sfe_ctl_error *e = message;

	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return sfe_fail(
			err, -ETIMEDOUT, d->nodes[node].name, NULL, "its worker does not answer");
	if (n < 0 && errno != ECONNRESET)
		return sfe_fail(err, -errno, d->nodes[node].name, NULL,
			"cannot hear its worker: %s", strerror(errno));
	if (n <= 0)
		return 0;
	if ((size_t)n < sizeof(struct sfe_ctl_header))
		return sfe_fail(
			err, -EPROTO, d->nodes[node].name, NULL, "its worker sent %zd bytes", n);
	if (e->header.type == SFE_CTL_ERROR && (size_t)n >= sizeof(*e) && e->code == -EFAULT)
		return sfe_fail(err, -EFAULT, NULL,
			"`sfemu call` runs it in a debugger: docs/programming.md, A function "
			"without a network",
			"%.*s; it ends the run", (int)sizeof(e->text), e->text);
	if (e->header.type == SFE_CTL_ERROR && (size_t)n >= sizeof(*e))
		return sfe_fail(err, e->code < 0 ? e->code : -EIO, d->nodes[node].name, NULL,
			"its worker failed: %.*s", (int)sizeof(e->text), e->text);
	return (int)n;
}

int sfe_workers_receive(const struct sfe_workers *workers, const struct sfe_deployment *d,
	uint32_t node, void *message, size_t size, struct sfe_error *err)
{
	ssize_t n;

	do {
		n = recv(workers->worker[node].control, message, size, 0);
	} while (n < 0 && errno == EINTR);
	return heard(d, node, message, n, err);
}

int sfe_workers_take(const struct sfe_workers *workers, const struct sfe_deployment *d,
	uint32_t node, struct sfe_inbox *in, uint32_t most, const void **message,
	struct sfe_error *err)
{
	if (in->at == in->n) {
		int n;
		for (uint32_t i = 0; i < most; i++) {
			in->vectors[i] = (struct iovec){in->bytes[i], sizeof(in->bytes[i])};
			in->headers[i] = (struct mmsghdr){
				.msg_hdr = {.msg_iov = &in->vectors[i], .msg_iovlen = 1}};
		}
		do {
			n = recvmmsg(workers->worker[node].control, in->headers, most,
				MSG_WAITFORONE, NULL);
		} while (n < 0 && errno == EINTR);
		in->at = 0;
		in->n = n < 0 ? 0 : (uint32_t)n;
		if (n <= 0)
			return heard(d, node, NULL, n, err);
	}
	const struct mmsghdr *next = &in->headers[in->at];
	*message = in->bytes[in->at++];
	return heard(d, node, *message, (ssize_t)next->msg_len, err);
}

/* How the process ended, as "exit status 3"; "" if that is not known. It is left to be reaped. */
static void describe_end(pid_t pid, char *text, size_t size)
{
	struct pollfd ended = {.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};
	siginfo_t info = {0};

	*text = 0;
	/* Its sockets close a moment before it is known to have ended. */
	if (ended.fd >= 0)
		poll(&ended, 1, END_PATIENCE_MS);
	if (ended.fd >= 0)
		close(ended.fd);
	if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) || !info.si_pid)
		return;
	snprintf(text, size, info.si_code == CLD_EXITED ? "exit status %d" : "signal %d",
		info.si_status);
}

int sfe_workers_died(const struct sfe_workers *workers, const struct sfe_deployment *d,
	uint32_t node, struct sfe_error *err)
{
	const struct sfe_running_code *shared =
		!workers->running ? NULL : &workers->running[workers->one_process ? 0 : node];
	char end[32];

	describe_end(workers->worker[node].pid, end, sizeof(end));
	if (!shared || !shared->runs)
		return sfe_fail(err, -ECHILD, d->nodes[node].name, NULL, "its worker died%s%s%s",
			*end ? " (" : "", end, *end ? ")" : "");
	struct sfe_running_code last = *shared;
	last.function[RUNNING_NAME - 1] = last.step[RUNNING_NAME - 1] =
		last.node[RUNNING_NAME - 1] = 0;
	return sfe_fail(err, -EFAULT, NULL,
		"let it return: 0, or sfe_refuse(call, \"the reason\") for a failure of the job",
		"function %s (job %u, step %s) on %s ends its worker by exit, _exit or a "
		"signal%s%s%s; "
		"it ends the run",
		last.function, last.job, last.step, last.node, *end ? " (" : "", end,
		*end ? ")" : "");
}

static int share_running(struct sfe_workers *workers, uint32_t n, struct sfe_error *err)
{
	workers->running_bytes = n * sizeof(*workers->running);
	workers->running = mmap(NULL, workers->running_bytes, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (workers->running != MAP_FAILED)
		return 0;
	workers->running = NULL;
	return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
}

int sfe_workers_start(const struct sfe_net *net, const struct sfe_deployment *d, bool one_process,
	struct sfe_workers *workers, struct sfe_error *err)
{
	int r = 0;

	*workers = (struct sfe_workers){.one_process = one_process};
	workers->worker = calloc(d->n_nodes, sizeof(*workers->worker));
	if (!workers->worker)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	if (d->scratch)
		r = share_running(workers, one_process ? 1 : d->n_nodes, err);
	if (one_process && !r)
		r = start_shared(net, d, workers, err);
	for (; workers->n < d->n_nodes && !r; workers->n += !r)
		r = start_one(net, d, workers->n,
			workers->running ? &workers->running[workers->n] : NULL,
			&workers->worker[workers->n], err);
	for (uint32_t node = 0; node < d->n_nodes && !r; node++) {
		char buf[512];
		int n = sfe_workers_receive(workers, d, node, buf, sizeof(buf), err);
		if (n == 0)
			r = sfe_fail(err, -ECHILD, d->nodes[node].name, NULL,
				"its worker died as it started");
		else if (n < 0)
			r = n;
		else if (((struct sfe_ctl_header *)buf)->type != SFE_CTL_READY)
			r = sfe_fail(err, -EPROTO, d->nodes[node].name, NULL,
				"its worker did not say that it is ready");
	}
	if (r)
		sfe_workers_end(workers);
	return r;
}

void sfe_workers_end(struct sfe_workers *workers)
{
	uint32_t processes = workers->one_process && workers->n ? 1 : workers->n;

	for (uint32_t i = 0; i < processes; i++) {
		if (workers->worker[i].pid > 0)
			kill(workers->worker[i].pid, SIGKILL);
	}
	for (uint32_t i = 0; i < workers->n; i++)
		close(workers->worker[i].control);
	for (uint32_t i = 0; i < processes; i++) {
		if (workers->worker[i].pid > 0)
			waitpid(workers->worker[i].pid, NULL, 0);
	}
	free(workers->worker);
	if (workers->running)
		munmap(workers->running, workers->running_bytes);
	*workers = (struct sfe_workers){0};
}
