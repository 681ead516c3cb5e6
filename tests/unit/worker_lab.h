/* SPDX-License-Identifier: MIT */
/*
 * Workers for a test: processes on 127.0.0.1, 127.0.0.2, … of a network namespace of their own, and
 * what an orchestrator does with them.
 */
#ifndef SFE_TESTS_WORKER_LAB_H
#define SFE_TESTS_WORKER_LAB_H

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "nodes/base/control.h"
#include "nodes/base/deployment.h"
#include "nodes/runtime/worker.h"
#include "tests/unit/unit.h"

#define LAB_MAX_NODES 8
#define LAB_PATIENCE_MS 30000

union lab_message {
	struct sfe_ctl_header header;
	struct sfe_ctl_job job;
	struct sfe_ctl_invocation invocation;
	struct sfe_ctl_transfer transfer;
	struct sfe_ctl_state state;
	struct sfe_ctl_attempt attempt;
	struct sfe_ctl_call call;
	struct sfe_ctl_call_run call_run;
	struct sfe_ctl_shared shared;
	struct sfe_ctl_created created;
	struct sfe_ctl_warmed warmed;
	struct sfe_ctl_error error;
};

enum lab_kind {
	LAB_PROCESSES,
	LAB_SHARED,
	LAB_RING
}; /* one process with libevent, with io_uring */

struct lab {
	const struct sfe_deployment *deployment;
	enum lab_kind kind;
	int control[LAB_MAX_NODES];
	pid_t pid[LAB_MAX_NODES];
};

static inline struct sfe_endpoint lab_node(uint32_t i, const char *name)
{
	return (struct sfe_endpoint){name, htonl(INADDR_LOOPBACK + i), 1e9};
}

/* A network namespace with nothing but a loopback device; false where that is not allowed. */
static inline bool lab_enter(void)
{
	struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int flags = CLONE_NEWNET | (geteuid() ? CLONE_NEWUSER : 0);

	if (unshare(flags))
		return false;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	bool up = fd >= 0 && !ioctl(fd, SIOCSIFFLAGS, &lo);
	close(fd);
	return up;
}

/* The next message of any worker, or of one (node >= 0). 0, -EPIPE: it is gone, -ETIMEDOUT. */
static inline int lab_receive(struct lab *lab, int node, union lab_message *m, int patience_ms)
{
	struct pollfd p[LAB_MAX_NODES];
	uint32_t n = lab->deployment->n_nodes;

	for (uint32_t i = 0; i < n; i++)
		p[i] = (struct pollfd){
			node < 0 || (uint32_t)node == i ? lab->control[i] : -1, POLLIN, 0};
	if (poll(p, n, patience_ms) <= 0)
		return -ETIMEDOUT;
	for (uint32_t i = 0; i < n; i++) {
		if (!p[i].revents)
			continue;
		if (recv(lab->control[i], m, sizeof(*m), 0) > 0)
			return 0;
		close(lab->control[i]);
		lab->control[i] = -1;
		return -EPIPE;
	}
	return -ETIMEDOUT;
}

/* All workers in one process; the last node has its pid, to be stopped last. */
static inline void lab_start_shared(struct lab *lab, const struct sfe_deployment *d)
{
	const struct sfe_worker_place place = {.ring = lab->kind == LAB_RING};
	struct sfe_worker_seat seats[LAB_MAX_NODES];
	int pair[2];

	for (uint32_t i = 0; i < d->n_nodes; i++) {
		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
			abort();
		lab->control[i] = pair[0];
		seats[i] = (struct sfe_worker_seat){i, pair[1]};
	}
	pid_t pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (uint32_t i = 0; i < d->n_nodes; i++)
			close(lab->control[i]);
		exit(sfe_workers_run(d, seats, d->n_nodes, &place, NULL) ? 1 : 0);
	}
	for (uint32_t i = 0; i < d->n_nodes; i++)
		close(seats[i].control_fd);
	lab->pid[d->n_nodes - 1] = pid;
}

static inline void lab_start(struct lab *lab, const struct sfe_deployment *d)
{
	union lab_message m;

	lab->deployment = d;
	fflush(NULL);
	if (lab->kind != LAB_PROCESSES)
		lab_start_shared(lab, d);
	for (uint32_t i = 0; i < d->n_nodes && lab->kind == LAB_PROCESSES; i++) {
		int pair[2];
		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
			abort();
		lab->pid[i] = fork();
		if (!lab->pid[i]) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(pair[0]);
			for (uint32_t k = 0; k < i; k++)
				close(lab->control[k]);
			exit(sfe_worker_run(d, i, pair[1], NULL) ? 1 : 0);
		}
		close(pair[1]);
		lab->control[i] = pair[0];
	}
	for (uint32_t i = 0; i < d->n_nodes; i++) {
		CU_ASSERT_EQUAL_FATAL(lab_receive(lab, (int)i, &m, LAB_PATIENCE_MS), 0);
		CU_ASSERT_EQUAL_FATAL(m.header.type, SFE_CTL_READY);
	}
}

static inline void lab_go(struct lab *lab, uint32_t job, uint64_t at_ns)
{
	uint32_t client = lab->deployment->jobs[job].client;
	struct sfe_ctl_go go = {{SFE_CTL_GO, client}, job, at_ns};

	CU_ASSERT(send(lab->control[client], &go, sizeof(go), MSG_NOSIGNAL) == sizeof(go));
}

/* STOP to one worker; its records go to `take`. Its exit status must be 0. */
static inline void lab_stop(struct lab *lab, uint32_t node,
	void (*take)(void *context, const union lab_message *m), void *context)
{
	struct sfe_ctl_header stop = {SFE_CTL_STOP, node};
	union lab_message m;
	int status = -1;

	if (lab->control[node] >= 0) {
		CU_ASSERT(send(lab->control[node], &stop, sizeof(stop), MSG_NOSIGNAL) ==
			  sizeof(stop));
		while (!lab_receive(lab, (int)node, &m, LAB_PATIENCE_MS) &&
			m.header.type != SFE_CTL_BYE) {
			if (take)
				take(context, &m);
		}
		CU_ASSERT_EQUAL(m.header.type, SFE_CTL_BYE);
		close(lab->control[node]);
	}
	if (lab->kind != LAB_PROCESSES && node + 1 < lab->deployment->n_nodes)
		return;
	waitpid(lab->pid[node], &status, 0);
	CU_ASSERT(WIFEXITED(status) && !WEXITSTATUS(status));
}

/* A socket that is connected to a node's port; -1: it refuses, as nothing listens there. */
static inline int lab_connect(uint32_t node)
{
	const struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons(SFE_PORT),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK + node)};
	const struct timeval patience = {.tv_sec = 10};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (!connect(fd, (const struct sockaddr *)&to, sizeof(to)))
		return fd;
	close(fd);
	return -1;
}

/* Waits until a worker that was told to crash has closed its port, or to restart opened it. */
static inline void lab_wait_for_port(uint32_t node, bool opened)
{
	for (int i = 0; i < LAB_PATIENCE_MS; i++) {
		int fd = lab_connect(node);
		if (fd >= 0)
			close(fd);
		if ((fd >= 0) == opened)
			return;
		usleep(1000);
	}
	CU_FAIL("the port has not changed");
}

/* Sends a head and so many bytes of its body, which are zeros; the descriptor. */
static inline int lab_request(uint32_t node, const char *head, size_t body)
{
	static const char zeros[1u << 16];
	int fd = lab_connect(node);

	CU_ASSERT_FATAL(fd >= 0 && body <= sizeof(zeros));
	CU_ASSERT(send(fd, head, strlen(head), MSG_NOSIGNAL) == (ssize_t)strlen(head));
	send(fd, zeros, body, MSG_NOSIGNAL); /* a head that is refused ends the connection */
	return fd;
}

/* The answer's status, and its head in out; 0 if there is none. Closes fd. */
static inline int lab_answer(int fd, char *out, size_t room)
{
	ssize_t n = recv(fd, out, room - 1, 0);
	int status = 0;

	out[n > 0 ? n : 0] = '\0';
	if (sscanf(out, "HTTP/1.1 %d", &status) != 1)
		status = 0;
	close(fd);
	return status;
}

static inline int lab_ask(uint32_t node, const char *head, size_t body, char *out, size_t room)
{
	return lab_answer(lab_request(node, head, body), out, room);
}

/* A function's file; the caller frees its bytes. */
static inline struct sfe_function_file lab_read_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	char *bytes = malloc(1u << 20);

	if (!f || !bytes)
		abort();
	size_t n = fread(bytes, 1, 1u << 20, f);
	fclose(f);
	return (struct sfe_function_file){strrchr(path, '/') + 1, bytes, n, false};
}

/* The page at / of a worker, without a process for it: empty if it does not answer. */
static inline const char *lab_page(uint32_t node, char *out, size_t room)
{
	static const char request[] = "GET / HTTP/1.1\r\nConnection: close\r\n\r\n";
	size_t got = 0;
	ssize_t n;
	int fd = lab_connect(node);

	if (fd >= 0 && send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) > 0) {
		while (got < room - 1 && (n = recv(fd, out + got, room - 1 - got, 0)) > 0)
			got += (size_t)n;
	}
	out[got] = '\0';
	if (fd >= 0)
		close(fd);
	return out;
}

/* Waits until the page of the node has the words. */
static inline void lab_wait_for(uint32_t node, const char *words)
{
	char page[4096];

	for (int i = 0; i < 5000; i++) {
		if (strstr(lab_page(node, page, sizeof(page)), words))
			return;
		usleep(1000);
	}
	fprintf(stderr, "node %u never says \"%s\":\n%s\n", node, words, page);
	CU_FAIL("what a worker's page should say does not come");
}

/* Waits until an invocation computes on the node. */
static inline void lab_wait_until_computing(uint32_t node)
{
	lab_wait_for(node, "invocations: 1 computing");
}

/* Runs a command: its output. */
static inline const char *lab_output(const char *command, char *out, size_t room)
{
	FILE *f = popen(command, "r");
	size_t n = f ? fread(out, 1, room - 1, f) : 0;

	out[n] = '\0';
	if (f)
		pclose(f);
	return out;
}

#endif
