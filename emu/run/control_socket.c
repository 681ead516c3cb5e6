/* SPDX-License-Identifier: MIT */
#include "emu/run/control_socket.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PREFIX "sfemu-run-"
#define MAX_FDS 4
#define PACKET 16384 /* of a long answer */
#define PATIENCE_S 2
#define MAX_ANSWER (64u << 20)

static socklen_t name_of(pid_t pid, struct sockaddr_un *un)
{
	*un = (struct sockaddr_un){.sun_family = AF_UNIX};
	int n = snprintf(un->sun_path + 1, sizeof(un->sun_path) - 1, PREFIX "%d", (int)pid);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n);
}

int sfe_control_listen(struct sfe_error *err)
{
	struct sockaddr_un un;
	socklen_t len = name_of(getpid(), &un);
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&un, len) || listen(fd, 8)) {
		int code = -errno;
		if (fd >= 0)
			close(fd);
		return sfe_fail(err, code, NULL, NULL, "cannot make the control socket: %s",
			strerror(-code));
	}
	return fd;
}

int sfe_control_accept(int listener, struct sfe_control_request *request)
{
	struct timeval patience = {.tv_sec = PATIENCE_S};
	struct ucred who;
	socklen_t len = sizeof(who);
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return -errno;
	/* Abstract sockets have no permissions: whoever asks must be the same user, or root. */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) ||
		(who.uid != geteuid() && who.uid != 0)) {
		close(fd);
		return -EPERM;
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	ssize_t n = recv(fd, request->text, sizeof(request->text) - 1, 0);
	if (n <= 0) {
		close(fd);
		return -EPROTO;
	}
	request->text[n] = 0;
	request->connection = fd;
	return 0;
}

void sfe_control_answer(
	struct sfe_control_request *request, const char *text, const int *fds, int n)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(MAX_FDS * sizeof(int))];
	} control = {0};
	struct iovec iov = {(void *)text, strlen(text)};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	if (n > 0 && n <= MAX_FDS) {
		msg.msg_control = control.room;
		msg.msg_controllen = CMSG_SPACE((size_t)n * sizeof(int));
		struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN((size_t)n * sizeof(int));
		memcpy(CMSG_DATA(c), fds, (size_t)n * sizeof(int));
	}
	/* One who does not wait for the answer loses it. */
	if (sendmsg(request->connection, &msg, MSG_NOSIGNAL) < 0)
		errno = 0;
	close(request->connection);
	request->connection = -1;
}

void sfe_control_answer_all(int connection, const char *text, size_t len)
{
	struct timeval patience = {.tv_sec = PATIENCE_S};

	/* One who does not read it loses it. */
	setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	while (len) {
		size_t part = len < PACKET ? len : PACKET;
		if (send(connection, text, part, MSG_NOSIGNAL) < 0)
			break;
		text += part;
		len -= part;
	}
	close(connection);
}

/* The process ids of running orchestrators, from their sockets' names. Returns how many. */
static int running(pid_t *pids, int max)
{
	char line[512];
	int n = 0;
	FILE *f = fopen("/proc/net/unix", "re");

	while (f && fgets(line, sizeof(line), f) && n < max) {
		char *at = strstr(line, "@" PREFIX);
		int pid;
		if (!at || sscanf(at + sizeof(PREFIX), "%d", &pid) != 1)
			continue;
		bool known = false;
		for (int i = 0; i < n; i++)
			known |= pids[i] == pid;
		if (!known)
			pids[n++] = pid;
	}
	if (f)
		fclose(f);
	return n;
}

static int choose(pid_t *run, struct sfe_error *err)
{
	pid_t pids[16];
	int n = running(pids, 16);

	if (*run)
		return 0;
	if (!n)
		return sfe_fail(err, -ESRCH, NULL, "start one with `sfemu run --hold SCENARIO`",
			"no experiment is running");
	if (n > 1)
		return sfe_fail(err, -EINVAL, NULL, "name one with --run PID",
			"%d experiments are running, among them those of processes %d and %d", n,
			(int)pids[0], (int)pids[1]);
	*run = pids[0];
	return 0;
}

static int take_fds(struct msghdr *msg, int *fds, int n)
{
	int got = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		int here = (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
		for (int i = 0; i < here; i++) {
			int fd;
			memcpy(&fd, CMSG_DATA(c) + (size_t)i * sizeof(int), sizeof(int));
			if (got < n)
				fds[got++] = fd;
			else
				close(fd);
		}
	}
	return got;
}

/* A connection on which it was asked. */
static int ask(pid_t *run, const char *request, struct sfe_error *err)
{
	struct sockaddr_un un;
	int r = choose(run, err);

	if (r)
		return r;
	socklen_t len = name_of(*run, &un);
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&un, len) ||
		send(fd, request, strlen(request), MSG_NOSIGNAL) < 0) {
		int code = errno;
		if (fd >= 0)
			close(fd);
		return sfe_fail(err, -code, NULL, NULL,
			"cannot reach the experiment of process %d: %s", (int)*run, strerror(code));
	}
	return fd;
}

static int no_answer(pid_t run, int code, struct sfe_error *err)
{
	return sfe_fail(err, code, NULL, "are you the user who started it?",
		"the experiment of process %d does not answer", (int)run);
}

int sfe_control_ask_lab(pid_t run, const char *request, char **answer, struct sfe_error *err)
{
	size_t len = 0, room = 0;
	char *text = NULL;
	ssize_t n;
	int fd = ask(&run, request, err);

	if (fd < 0)
		return fd;
	do {
		if (room - len <= PACKET) {
			room = room ? 2 * room : 4 * PACKET;
			char *more = room > MAX_ANSWER ? NULL : realloc(text, room);
			if (!more) {
				free(text);
				close(fd);
				return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
			}
			text = more;
		}
		n = recv(fd, text + len, PACKET, 0);
		len += n > 0 ? (size_t)n : 0;
	} while (n > 0 || (n < 0 && errno == EINTR));
	close(fd);
	text[len] = 0;
	if (!len) {
		free(text);
		return no_answer(run, -EPERM, err);
	}
	*answer = text;
	return 0;
}

int sfe_control_ask(pid_t run, const char *request, int *fds, int n, struct sfe_error *err)
{
	char text[512];
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(MAX_FDS * sizeof(int))];
	} control;
	struct iovec iov = {text, sizeof(text) - 1};
	struct msghdr msg = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room)};
	int fd = ask(&run, request, err);

	if (fd < 0)
		return fd;
	ssize_t got = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
	int code = errno;
	close(fd);
	if (got <= 0)
		return no_answer(run, got ? -code : -EPERM, err);
	text[got] = 0;
	int n_fds = take_fds(&msg, fds, n);
	if (strncmp(text, "ok", 2) || n_fds < n) {
		for (int i = 0; i < n_fds; i++)
			close(fds[i]);
		return sfe_fail(err, -EINVAL, NULL, NULL, "%s",
			!strncmp(text, "error ", 6) ? text + 6 : text);
	}
	return 0;
}
