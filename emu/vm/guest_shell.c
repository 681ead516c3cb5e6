/* SPDX-License-Identifier: MIT */
/* The host's side of a shell in a guest. A pseudoterminal is between the user's terminal and the
 * guest, so that the user's terminal can be restored however the guest ends. */
#include "emu/vm/guest_shell.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "emu/vm/console.h"
#include "emu/vm/guest.h"

struct session {
	const struct sfe_guest_shell *shell;
	struct sfe_guest guest;
	struct sfe_console console;
	bool terminal;     /* the user has a terminal, which is in raw mode */
	int master;        /* of the pseudoterminal; -1 without */
	int out[2];        /* without a terminal: the guest's output and errors */
	int guest_side[2]; /* their other ends, for the guest */
	int signals;
	struct termios before;
	char channel_text[256];
	size_t len;
	bool interrupted;
};

static void copy_size(const struct session *s)
{
	struct winsize size;

	if (s->master >= 0 && !ioctl(0, TIOCGWINSZ, &size))
		ioctl(s->master, TIOCSWINSZ, &size);
}

static int open_terminal(struct session *s, struct sfe_error *err)
{
	char name[64];

	s->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (s->master < 0 || grantpt(s->master) || unlockpt(s->master) ||
		ptsname_r(s->master, name, sizeof(name)) ||
		(s->guest_side[0] = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0)
		return sfe_fail(
			err, -errno, NULL, NULL, "cannot make a terminal: %s", strerror(errno));
	copy_size(s);
	struct termios raw;
	tcgetattr(0, &s->before);
	raw = s->before;
	cfmakeraw(&raw);
	tcsetattr(0, TCSANOW, &raw);
	s->terminal = true;
	return 0;
}

static int open_pipes(struct session *s, struct sfe_error *err)
{
	for (int i = 0; i < 2; i++) {
		int both[2];
		if (pipe2(both, O_CLOEXEC))
			return sfe_fail(
				err, -errno, NULL, NULL, "cannot make a pipe: %s", strerror(errno));
		s->out[i] = both[0];
		s->guest_side[i] = both[1];
	}
	return 0;
}

static int open_signals(struct session *s, sigset_t *old)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGWINCH);
	sigprocmask(SIG_BLOCK, &set, old);
	s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return s->signals;
}

static void read_signals(struct session *s)
{
	struct signalfd_siginfo info;

	while (read(s->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGWINCH)
			copy_size(s);
		else
			s->interrupted = true;
	}
}

/* Writes all bytes, also to a slow reader. False if there is no reader any more. */
static bool put(int fd, const char *buf, ssize_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, buf, (size_t)n);
		if (done < 0 && errno != EINTR)
			return false;
		if (done > 0) {
			buf += done;
			n -= done;
		}
	}
	return true;
}

/* Copies what is available; *from becomes -1 at its end. */
static void move(int *from, int to)
{
	char buf[4096];
	ssize_t n = read(*from, buf, sizeof(buf));

	if (n > 0 && put(to, buf, n))
		return;
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	close(*from);
	*from = -1;
}

/* False at the channel's end. */
static bool read_channel(struct session *s)
{
	char buf[256];
	ssize_t n = read(s->guest.channel, buf, sizeof(buf));

	if (n <= 0)
		return n < 0 && errno == EINTR;
	/* "end STATUS" or "error WHY"; then the guest ends. */
	for (ssize_t i = 0; i < n && s->len + 1 < sizeof(s->channel_text); i++)
		s->channel_text[s->len++] = buf[i];
	s->channel_text[s->len] = 0;
	return true;
}

static void serve(struct session *s)
{
	int input = s->terminal ? 0 : -1;
	bool there = true;

	while (there && !s->interrupted) {
		struct pollfd p[] = {
			{.fd = s->guest.channel, .events = POLLIN},
			{.fd = s->signals, .events = POLLIN},
			{.fd = s->console.fd, .events = POLLIN},
			{.fd = s->master, .events = POLLIN}, {.fd = s->out[0], .events = POLLIN},
			{.fd = s->out[1], .events = POLLIN},
			{.fd = input, .events = POLLIN}, /* poll ignores -1 */
		};
		if (poll(p, 7, -1) < 0)
			continue;
		if (p[1].revents)
			read_signals(s);
		if (p[2].revents)
			sfe_console_read(&s->console);
		if (p[3].revents)
			move(&s->master, 1);
		for (int i = 0; i < 2; i++)
			if (p[4 + i].revents)
				move(&s->out[i], 1 + i);
		if (p[6].revents) {
			char buf[1024];
			ssize_t n = read(0, buf, sizeof(buf));
			if (n <= 0 || !put(s->master, buf, n))
				input = -1;
		}
		if (p[0].revents)
			there = read_channel(s);
	}
}

/* Copies what is left in the terminal or the pipes after the guest has ended. */
static void drain(struct session *s)
{
	int *from[] = {&s->master, &s->out[0], &s->out[1]};

	for (int i = 0; i < 3; i++)
		while (*from[i] >= 0) {
			struct pollfd p = {.fd = *from[i], .events = POLLIN};
			if (poll(&p, 1, 100) <= 0 || !(p.revents & POLLIN))
				break;
			move(from[i], i == 2 ? 2 : 1);
		}
}

static int result(struct session *s, int died, int *status, struct sfe_error *err)
{
	const char *error = strstr(s->channel_text, "error "),
		   *end = strstr(s->channel_text, "end ");

	if (s->interrupted)
		return sfe_fail(err, -EINTR, NULL, NULL, "stopped; nothing of the guest is left");
	if (error)
		return sfe_fail(
			err, -EIO, "guest", NULL, "%.*s", (int)strcspn(error + 6, "\n"), error + 6);
	if (end && sscanf(end, "end %d", status) == 1)
		return 0;
	return sfe_console_died(
		&s->console, died, s->len > 0, s->shell->kernel, s->shell->memory_mb, err);
}

static int run(struct session *s, int *status, struct sfe_error *err)
{
	char word[SFE_GUEST_COMMAND_BYTES];
	int died = 0, r = sfe_guest_command_encode(!s->terminal, s->shell->command, word, err);

	if (r)
		return r;
	const struct sfe_guest_params params = {
		.kernel = s->shell->kernel,
		.init = s->shell->program,
		.virtual_clock = s->shell->virtual_clock,
		.seed = s->shell->seed,
		.memory_mb = s->shell->memory_mb,
		.argument = word,
		.results = -1,
		.unconfined = s->shell->unconfined,
		.n_ttys = s->terminal ? 1 : 2,
		.tty = {s->guest_side[0], s->guest_side[1]},
	};
	r = sfe_guest_start(&params, &s->guest, err);
	if (r)
		return r;
	sfe_console_begin(&s->console, s->guest.console);
	for (int i = 0; i < 2; i++) {
		if (s->guest_side[i] >= 0)
			close(s->guest_side[i]);
		s->guest_side[i] = -1;
	}
	serve(s);
	if (s->interrupted)
		kill(s->guest.pid, SIGKILL);
	while (waitpid(s->guest.pid, &died, 0) < 0 && errno == EINTR)
		;
	drain(s);
	sfe_console_close(&s->console);
	close(s->guest.channel);
	return result(s, WIFEXITED(died) ? WEXITSTATUS(died) : 128 + WTERMSIG(died), status, err);
}

int sfe_guest_shell(const struct sfe_guest_shell *shell, int *status, struct sfe_error *err)
{
	struct session s = {.shell = shell,
		.master = -1,
		.out = {-1, -1},
		.guest_side = {-1, -1},
		.signals = -1,
		.console.fd = -1};
	bool terminal = isatty(0) && isatty(1);
	sigset_t old;

	if (!terminal && !shell->command)
		return sfe_fail(err, -EINVAL, "stdin", "give it a command: `-- COMMAND`",
			"is not a terminal, which a shell needs");
	open_signals(&s, &old);
	int r = terminal ? open_terminal(&s, err) : open_pipes(&s, err);
	if (!r)
		r = run(&s, status, err);
	if (s.terminal)
		tcsetattr(0, TCSADRAIN, &s.before);
	int fds[] = {s.master, s.out[0], s.out[1], s.guest_side[0], s.guest_side[1], s.signals};
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return r;
}
