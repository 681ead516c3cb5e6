/* SPDX-License-Identifier: MIT */
#include "emu/run/control/control_socket.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "emu/model/base/printable.h"
#include "emu/run/control/signals.h"
#include "emu/security/runtime_folder.h"

#define PREFIX "run-"
#define GONE " (deleted)" /* suffix of a deleted file's path in /proc */
#define MAX_FDS 4
#define MAX_RUNS 64
#define PACKET 16384 /* bytes per packet of a long answer */
#define PATIENCE_S 2
#define BACKLOG 128 /* clients do not wait for room: see connect_to() */

static int no_socket(int code, struct sfe_error *err)
{
	return sfe_fail(
		err, code, NULL, NULL, "cannot make the control socket: %s", strerror(-code));
}

/* A socket address for a name in a folder. The folder's path may be too long for an address. */
static void address(struct sockaddr_un *un, int folder, const char *name)
{
	*un = (struct sockaddr_un){.sun_family = AF_UNIX};
	snprintf(un->sun_path, sizeof(un->sun_path), "/proc/self/fd/%d/%s", folder, name);
}

static int bind_in(int folder, int *listener, int *door)
{
	struct sockaddr_un un;
	char name[32];

	snprintf(name, sizeof(name), PREFIX "%d", (int)getpid());
	address(&un, folder, name);
	/* left by a process that was killed between the next lines */
	unlinkat(folder, name, 0);
	*listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*listener < 0 || bind(*listener, (struct sockaddr *)&un, sizeof(un)) ||
		listen(*listener, BACKLOG))
		return -errno;
	*door = openat(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	int code = *door < 0 ? -errno : 0;
	unlinkat(folder, name, 0);
	return code;
}

/* -ENOENT: another sfemu removed the folder, which was empty, before the socket was in it. */
static int try_to_listen(int *listener, int *door, struct sfe_error *err)
{
	char path[4096];
	int folder = sfe_runtime_folder(path, sizeof(path), err);

	*listener = *door = -1;
	if (folder < 0)
		return folder;
	int r = bind_in(folder, listener, door);
	close(folder);
	rmdir(path); /* fails while another socket is being created there */
	if (!r)
		return 0;
	if (*listener >= 0)
		close(*listener);
	*listener = -1;
	return no_socket(r, err);
}

int sfe_control_listen(int *listener, int *door, struct sfe_error *err)
{
	struct sfe_error why = {0};
	int r = -ENOENT;

	for (int i = 0; i < 1000 && r == -ENOENT; i++)
		r = try_to_listen(listener, door, &why);
	if (r && err)
		*err = why;
	return r;
}

int sfe_control_accept(int listener, struct sfe_control_request *request)
{
	struct timeval patience = {.tv_sec = PATIENCE_S};
	struct ucred who;
	socklen_t len = sizeof(who);
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return -errno;
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
	/* a client that does not wait loses its answer */
	if (sendmsg(request->connection, &msg, MSG_NOSIGNAL) < 0)
		errno = 0;
	close(request->connection);
	request->connection = -1;
}

void sfe_control_patience(int connection)
{
	struct timeval patience = {.tv_sec = PATIENCE_S};

	setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
}

void sfe_control_answer_all(int connection, const char *text, size_t len)
{
	/* a client that does not read loses its answer */
	sfe_control_patience(connection);
	while (len) {
		size_t part = len < PACKET ? len : PACKET;
		if (send(connection, text, part, MSG_NOSIGNAL) < 0)
			break;
		text += part;
		len -= part;
	}
	close(connection);
}

struct run {
	pid_t pid;
	int door; /* descriptor number in that process */
};

/* Finds the door among a process's descriptors: a path descriptor of a deleted socket made for
 * that process. */
static bool find_door(struct run *run)
{
	char path[64], link[4096], end[64];
	struct dirent *e;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)run->pid);
	snprintf(end, sizeof(end), "/" PREFIX "%d" GONE, (int)run->pid);
	DIR *fds = opendir(path);
	run->door = -1;
	while (fds && run->door < 0 && (e = readdir(fds))) {
		ssize_t n = readlinkat(dirfd(fds), e->d_name, link, sizeof(link) - 1);
		size_t len = strlen(end);
		if (n < (ssize_t)len)
			continue;
		link[n] = 0;
		if (!strcmp(link + n - len, end) && strstr(link, "/sfemu"))
			run->door = atoi(e->d_name);
	}
	if (fds)
		closedir(fds);
	return run->door >= 0;
}

/* Answers are trusted, and commands join the namespaces they bring, so they must come from root
 * or the same user. */
static int check_peer(int fd, pid_t run, struct sfe_error *err)
{
	struct ucred who;
	socklen_t len = sizeof(who);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len))
		return sfe_fail(err, -errno, NULL, NULL, "process %d: SO_PEERCRED: %s", (int)run,
			strerror(errno));
	return who.uid == 0 || who.uid == geteuid()
		       ? 0
		       : sfe_fail(err, -EPERM, NULL,
				 "a run of another user is reached with sudo -u USER",
				 "process %d is of uid %u, whose answers are not trusted", (int)run,
				 who.uid);
}

/* Never waits for room in the backlog: the socket may be of somebody who keeps it full. */
static int connect_to(const struct run *run, struct sfe_error *err)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), r = 0;

	snprintf(un.sun_path, sizeof(un.sun_path), "/proc/%d/fd/%d", (int)run->pid, run->door);
	if (fd < 0 || connect(fd, (struct sockaddr *)&un, sizeof(un)) || fcntl(fd, F_SETFL, 0))
		r = sfe_fail(err, -errno, NULL, NULL,
			"cannot reach the experiment of process %d: %s", (int)run->pid,
			strerror(errno));
	r = r ? r : check_peer(fd, run->pid, err);
	if (r && fd >= 0)
		close(fd);
	return r ? r : fd;
}

/* A set-user-ID program belongs to root, and may hold a socket of the user who started it. */
static bool is_ours(const struct run *run)
{
	int fd = connect_to(run, NULL);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Lists the running orchestrators that this user may reach. */
static int find_runs(struct run *runs, int max)
{
	DIR *proc = opendir("/proc");
	struct dirent *e;
	struct stat st;
	int n = 0;

	while (proc && n < max && (e = readdir(proc))) {
		runs[n].pid = atoi(e->d_name);
		if (runs[n].pid <= 0 || fstatat(dirfd(proc), e->d_name, &st, 0) ||
			st.st_uid != geteuid())
			continue;
		n += find_door(&runs[n]) && is_ours(&runs[n]);
	}
	if (proc)
		closedir(proc);
	return n;
}

/* Says on stderr which run was taken for want of --run. */
static void say_taken(pid_t pid)
{
	char path[64], folder[4096] = "";

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	FILE *f = fopen(path, "re");
	size_t n = f ? fread(folder, 1, sizeof(folder) - 1, f) : 0;
	if (f)
		fclose(f);
	for (size_t i = 0; i + 1 < n; i++)
		if (!folder[i])
			folder[i] = ' ';
	fprintf(stderr, "sfemu: the experiment of process %d%s", (int)pid, n ? ": " : "");
	sfe_print_text(folder, stderr);
	fputc('\n', stderr);
}

static int choose(pid_t pid, struct run *run, struct sfe_error *err)
{
	struct run runs[MAX_RUNS];

	if (pid) {
		run->pid = pid;
		return find_door(run) ? 0
				      : sfe_fail(err, -ESRCH, NULL,
						"a run of another user is that user's to reach: "
						"sudo -u USER",
						"cannot reach the experiment of process %d: no "
						"experiment of yours has that number",
						(int)pid);
	}
	int n = find_runs(runs, MAX_RUNS);
	if (!n)
		return sfe_fail(err, -ESRCH, NULL,
			"start one with `sfemu run --hold SCENARIO`; one of another user is "
			"reached with "
			"`sudo -u USER`",
			"no experiment of yours is running");
	if (n > 1)
		return sfe_fail(err, -EINVAL, NULL, "name one with --run PID",
			"%d experiments are running, among them those of processes %d and %d", n,
			(int)runs[0].pid, (int)runs[1].pid);
	*run = runs[0];
	say_taken(run->pid);
	return 0;
}

static int receive_fds(struct msghdr *msg, int *fds, int n)
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

/* Returns a connection with the request sent. */
static int ask(pid_t *pid, const char *request, struct sfe_error *err)
{
	struct run run;
	int r = choose(*pid, &run, err);

	if (r)
		return r;
	*pid = run.pid;
	int fd = connect_to(&run, err);
	if (fd < 0)
		return fd;
	if (send(fd, request, strlen(request), MSG_NOSIGNAL) < 0)
		r = sfe_fail(err, -errno, NULL, NULL, "cannot ask the experiment of process %d: %s",
			(int)run.pid, strerror(errno));
	if (r)
		close(fd);
	return r ? r : fd;
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
			char *more =
				room > 2 * SFE_CONTROL_ANSWER_BYTES ? NULL : realloc(text, room);
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

int sfe_control_ask(pid_t *run, const char *request, int *fds, int n, struct sfe_error *err)
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
	int fd = ask(run, request, err);

	if (fd < 0)
		return fd;
	ssize_t got = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
	int code = errno;
	close(fd);
	if (got <= 0)
		return no_answer(*run, got ? -code : -EPERM, err);
	text[got] = 0;
	int n_fds = receive_fds(&msg, fds, n);
	if (!n_fds && !strcmp(text, "guest"))
		return SFE_CONTROL_GUEST;
	if (strncmp(text, "ok", 2) || n_fds < n) {
		for (int i = 0; i < n_fds; i++)
			close(fds[i]);
		return sfe_fail(err, -EINVAL, NULL, NULL, "%s",
			!strncmp(text, "error ", 6) ? text + 6 : text);
	}
	return 0;
}

/* Writes what a guest sent: as it is, but without control characters to a terminal. At the end of
 * the text, what begins a character and is not printed yet is kept for the next part. */
struct output {
	char text[PACKET + 4];
	size_t kept;
};

static int write_output(struct output *o, const char *part, size_t n, bool end)
{
	size_t all = o->kept + n, done;

	memcpy(o->text + o->kept, part, n);
	done = isatty(1) ? sfe_print_lines(o->text, all, end, stdout)
			 : fwrite(o->text, 1, all, stdout);
	o->kept = all - done < sizeof(o->text) - PACKET ? all - done : 0;
	memmove(o->text, o->text + done, o->kept);
	return fflush(stdout) || ferror(stdout) ? -EIO : 0;
}

/* Waits for a packet, or for Ctrl-C: the first interrupts the command, the next ends it together
 * with the connection. */
static int wait_for_packet(int fd, int signals, bool *interrupted)
{
	struct pollfd p[] = {{.fd = fd, .events = POLLIN}, {.fd = signals, .events = POLLIN}};

	while (!p[0].revents) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return -errno;
		if (!p[1].revents || !sfe_signals_read(signals))
			continue;
		if (*interrupted)
			return -EINTR;
		*interrupted = true;
		shutdown(fd, SHUT_WR); /* the command gets SIGINT */
	}
	return 0;
}

/* The first packet that is no output: the status, or why the lab refused. */
static int follow(int fd, int signals, char text[PACKET + 1], struct sfe_error *err)
{
	struct output output = {.kept = 0};
	bool interrupted = false, more;
	int r;

	do {
		r = wait_for_packet(fd, signals, &interrupted);
		ssize_t n = r ? 0 : recv(fd, text, PACKET, 0);
		text[n > 0 ? n : 0] = 0;
		more = n > 0 && *text == 'o';
		if (write_output(&output, text + 1, more ? (size_t)n - 1 : 0, !more))
			return sfe_fail(err, -EIO, "stdout", NULL, "cannot write to it");
		r = r || n > 0 ? r : -EPIPE;
	} while (more);
	return r;
}

/* A descriptor for SIGINT; SIGTERM and SIGHUP do what they did. */
static int open_interrupts(int *signals, struct sfe_error *err)
{
	sigset_t mask;
	int r = sfe_signals_open(false, signals, &mask, err);

	sigaddset(&mask, SIGINT);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return r;
}

int sfe_control_exec(pid_t run, const char *request, struct sfe_error *err)
{
	char text[PACKET + 1], *end;
	int signals, fd = ask(&run, request, err);

	if (fd < 0)
		return fd;
	int r = open_interrupts(&signals, err);
	if (r) {
		close(fd);
		return r;
	}
	r = follow(fd, signals, text, err);
	close(signals);
	close(fd);
	if (r == -EINTR)
		return 128 + SIGINT;
	if (r == -EIO)
		return r;
	long status = *text == 'x' ? strtol(text + 1, &end, 10) : -1;
	if (!r && *text == 'x' && end != text + 1 && !*end && status >= 0 && status <= 255)
		return (int)status;
	if (r || *text == 'x')
		return sfe_fail(err, -EPIPE, NULL, NULL, "the experiment of process %d has ended",
			(int)run);
	json_object *answer = json_tokener_parse(text), *why = NULL, *code = NULL;
	json_object_object_get_ex(answer, "error", &why);
	json_object_object_get_ex(answer, "code", &code);
	r = code ? json_object_get_int(code) : 0;
	sfe_fail(err, r < 0 ? r : -EPROTO, NULL, NULL, "%s",
		why ? json_object_get_string(why) : "the experiment gives no answer that is one");
	json_object_put(answer);
	sfe_make_printable(err->what);
	return err->code;
}
