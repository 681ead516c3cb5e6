/* SPDX-License-Identifier: MIT */
#include "emu/run/control/guest_exec.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emu/beside/node_commands.h"
#include "emu/experiment/channel.h"
#include "sfemu/error.h"

/* One write a line, so that lines never mix. */
static void send_line(int fd, const char *word, const char *text)
{
	char line[SFE_EXEC_WORD_BYTES + 2 * SFE_EXEC_PART + 16];
	int n = snprintf(line, sizeof(line), "\n%s %s\n", word, text);

	sfe_write_all(fd, line, (size_t)n); /* fails if the orchestrator is gone */
}

static void send_output(int fd, const char *word, const void *bytes, size_t n)
{
	char text[2 * SFE_EXEC_PART + 8] = "out ";
	const unsigned char *at = bytes;
	char *end = text + strlen(text);

	for (size_t i = 0; i < n; i++)
		end += snprintf(end, 3, "%02x", at[i]);
	if (n)
		send_line(fd, word, text);
}

static _Noreturn void run_command(const struct sfe_net *net, uint32_t host, const char *folder,
	char **command, int out, const sigset_t *mask)
{
	sigprocmask(SIG_SETMASK, mask, NULL);
	signal(SIGPIPE, SIG_DFL);
	sfe_command_enter(net, host, out);
	if (chdir(folder))
		dprintf(2, "sfemu: the guest cannot go to %s: %s\n", folder, strerror(errno));
	execvp(command[0], command);
	int code = errno;
	dprintf(2, "sfemu: cannot start %s: %s\n", command[0], strerror(code));
	_exit(code == ENOENT ? SFE_NOT_FOUND : SFE_NOT_EXECUTABLE);
}

/* Reads once. 0 or less: nothing is there, or nobody can write any more. */
static ssize_t forward(int out, int fd, const char *word)
{
	unsigned char part[SFE_EXEC_PART];
	ssize_t n = read(out, part, sizeof(part));

	if (n > 0)
		send_output(fd, word, part, (size_t)n);
	return n;
}

/* All that the command has written is in the pipe when it has ended. What it leaves in the
 * background may write for ever. */
static void forward_rest(int out, int fd, const char *word)
{
	int left = 0;
	ssize_t n = 0;

	ioctl(out, FIONREAD, &left);
	for (; left > 0 && (n = forward(out, fd, word)) > 0; left -= (int)n)
		;
}

/* Until the command has ended; processes that it leaves in the background may go on. */
static int watch(pid_t pid, int pidfd, int out, int signals, int fd, const char *word)
{
	struct pollfd p[] = {{.fd = pidfd, .events = POLLIN}, {.fd = out, .events = POLLIN},
		{.fd = signals, .events = POLLIN}};
	struct signalfd_siginfo info;
	int status = 0;

	while (!p[0].revents) {
		if (poll(p, 3, -1) < 0)
			continue;
		if (p[1].revents && forward(out, fd, word) <= 0)
			p[1].fd = -1;
		if (p[2].revents && read(signals, &info, sizeof(info)) == sizeof(info))
			kill(-pid, info.ssi_signo == SIGINT ? SIGINT : SIGKILL);
	}
	waitpid(pid, &status, 0);
	forward_rest(out, fd, word);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int cannot_run(int code, int fd, const char *word)
{
	char text[128];
	int n = snprintf(
		text, sizeof(text), "sfemu: cannot run the command: %.64s\n", strerror(code));

	send_output(fd, word, text, (size_t)n);
	return SFE_NOT_EXECUTABLE;
}

/* Runs the command, and returns its status. */
static int run(const struct sfe_net *net, uint32_t host, const char *folder, char **command,
	const sigset_t *mask, int signals, int fd, const char *word)
{
	int out[2];

	if (signals < 0 || pipe2(out, O_CLOEXEC))
		return cannot_run(errno, fd, word);
	pid_t pid = fork();
	if (pid == 0)
		run_command(net, host, folder, command, out[1], mask);
	if (pid < 0)
		return cannot_run(errno, fd, word);
	setpgid(pid, pid); /* in both processes, so that the group exists whichever runs first */
	close(out[1]);
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	int pidfd = pidfd_open(pid, 0);
	if (pidfd >= 0)
		return watch(pid, pidfd, out[0], signals, fd, word);
	int code = errno;
	kill(-pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return cannot_run(code, fd, word);
}

static _Noreturn void session(const struct sfe_net *net, uint32_t host, const char *folder,
	char **command, int fd, const char *word)
{
	sigset_t ours, before;
	char text[16];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&ours);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGTERM);
	sigprocmask(SIG_BLOCK, &ours, &before);
	int signals = signalfd(-1, &ours, SFD_CLOEXEC);
	int code = errno;
	/* The answer comes before all output, and before signals for this process. */
	send_line(fd, word, SFE_EXEC_STARTED);
	errno = code;
	int status = run(net, host, folder, command, &before, signals, fd, word);
	snprintf(text, sizeof(text), "end %d", status);
	send_line(fd, word, text);
	_exit(0);
}

/* The words of the command; the array ends with NULL, and is the caller's. NULL: no command. */
static char **read_command(json_object *request)
{
	json_object *all;

	if (!json_object_object_get_ex(request, "command", &all) ||
		!json_object_is_type(all, json_type_array))
		return NULL;
	size_t n = json_object_array_length(all);
	char **command = n && n <= SFE_EXEC_WORDS ? calloc(n + 1, sizeof(*command)) : NULL;
	for (size_t i = 0; command && i < n; i++)
		command[i] = (char *)json_object_get_string(json_object_array_get_idx(all, i));
	if (command && !command[0]) {
		free(command);
		command = NULL;
	}
	return command;
}

static const char *text_of(json_object *o, const char *key)
{
	json_object *value;

	return json_object_object_get_ex(o, key, &value) &&
			       json_object_is_type(value, json_type_string)
		       ? json_object_get_string(value)
		       : "";
}

/* The index of a free place, after those that have ended were taken away; SFE_EXEC_SESSIONS: none.
 */
static unsigned free_place(struct sfe_exec_sessions *s)
{
	unsigned at = SFE_EXEC_SESSIONS;

	for (unsigned i = 0; i < SFE_EXEC_SESSIONS; i++) {
		if (s->session[i].pid && waitpid(s->session[i].pid, NULL, WNOHANG))
			s->session[i].pid = 0;
		if (!s->session[i].pid)
			at = i;
	}
	return at;
}

int sfe_exec_start(struct sfe_exec_sessions *s, const struct sfe_net *net, int fd, const char *word,
	json_object *request, struct sfe_error *err)
{
	const char *node = text_of(request, "node");
	uint32_t host = sfe_plan_host(net->plan, node);
	unsigned place = free_place(s);

	if (host == SFE_NONE)
		return sfe_fail(err, -EINVAL, NULL, "`sfemu topology dot` has their names",
			"there is no node, junction or shared link %.100s", node);
	if (place == SFE_EXEC_SESSIONS)
		return sfe_fail(err, -EBUSY, NULL, "try again when one has ended",
			"%u commands are running already", SFE_EXEC_SESSIONS);
	char **command = read_command(request);
	if (!command)
		return sfe_fail(
			err, -EINVAL, NULL, NULL, "not a command of 1 to %u words", SFE_EXEC_WORDS);
	pid_t pid = fork();
	if (pid == 0)
		session(net, host, text_of(request, "folder"), command, fd, word);
	int code = errno;
	free(command);
	if (pid < 0)
		return sfe_fail(err, -code, node, NULL, "cannot fork: %s", strerror(code));
	s->session[place].pid = pid;
	snprintf(s->session[place].word, sizeof(s->session[place].word), "%s", word);
	return 0;
}

void sfe_exec_signal(const struct sfe_exec_sessions *s, const char *word, bool end)
{
	for (unsigned i = 0; i < SFE_EXEC_SESSIONS; i++)
		if (s->session[i].pid && !strcmp(s->session[i].word, word))
			kill(s->session[i].pid, end ? SIGTERM : SIGINT);
}
