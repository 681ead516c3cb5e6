/* SPDX-License-Identifier: MIT */
#include "emu/run/guest_check.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "emu/experiment/channel.h"
#include "emu/experiment/native_probe.h"
#include "emu/vm/console.h"
#include "emu/vm/guest.h"

#define MEMORY_MB 256
#define PATIENCE_MS 30000 /* for each line of the guest, and for a clock that should jump */

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

struct talk {
	struct sfe_guest guest;
	struct sfe_console console;
	char buf[1024];
	size_t len;
	bool spoke;
};

/* Reads the next line of the channel; 0, -ETIME, or -EPIPE at its end. */
static int next_line(struct talk *t, char *line, size_t size)
{
	char *newline;

	while (!(newline = memchr(t->buf, '\n', t->len))) {
		struct pollfd p[] = {{.fd = t->guest.channel, .events = POLLIN},
			{.fd = t->console.fd, .events = POLLIN}};
		size_t room = t->len < sizeof(t->buf) ? sizeof(t->buf) - t->len : 0;
		if (!room)
			return -EPIPE;
		if (poll(p, 2, PATIENCE_MS) == 0)
			return -ETIME;
		if (p[1].revents)
			sfe_console_read(&t->console);
		if (!p[0].revents)
			continue;
		ssize_t n = read(t->guest.channel, t->buf + t->len, room);
		if (n <= 0)
			return -EPIPE;
		t->len += (size_t)n;
		t->spoke = true;
	}
	*newline++ = 0;
	snprintf(line, size, "%.*s", (int)size - 1, t->buf);
	t->len -= (size_t)(newline - t->buf);
	memmove(t->buf, newline, t->len);
	return 0;
}

/* Reads the guest's lines: "release R", then "asleep", "awake", and "end"; or "error WHY". */
static int listen_to(struct talk *t, struct sfe_guest_check *out, struct sfe_error *err)
{
	char line[600];
	double start = now(), asleep = 0;
	int r;

	while (!(r = next_line(t, line, sizeof(line)))) {
		if (!out->boot_s)
			out->boot_s = now() - start;
		if (!strncmp(line, "release ", 8))
			snprintf(out->release, sizeof(out->release), "%.65s", line + 8);
		else if (!strncmp(line, "asleep", 6))
			asleep = now();
		else if (!strncmp(line, "awake", 5))
			out->jump_s = now() - asleep;
		else if (!strncmp(line, "error ", 6))
			return sfe_fail(err, -ENOSYS, "guest kernel", NULL, "%s", line + 6);
		else if (!strncmp(line, "end", 3))
			return 0;
	}
	if (r == -ETIME && asleep > 0)
		return sfe_fail(err, -ENOSYS, "guest kernel", NULL,
			"its clock does not jump over a sleep of %d s", SFE_GUEST_JUMP_S);
	return r;
}

int sfe_guest_check(const char *kernel, bool virtual_clock, const char *program,
	struct sfe_guest_check *out, struct sfe_error *err)
{
	const struct sfe_guest_params params = {
		.kernel = kernel,
		.init = program,
		.virtual_clock = virtual_clock,
		.seed = 1,
		.memory_mb = MEMORY_MB,
		.argument = SFE_GUEST_CHECK_WORD,
		.results = -1,
		.unconfined = true, /* it runs only this program */
	};
	struct talk t = {0};
	int status = 0;

	*out = (struct sfe_guest_check){0};
	int r = sfe_guest_start(&params, &t.guest, err);
	if (r)
		return r;
	sfe_console_begin(&t.console, t.guest.console);
	r = listen_to(&t, out, err);
	if (r != -EPIPE)
		kill(t.guest.pid, SIGKILL);
	waitpid(t.guest.pid, &status, 0);
	sfe_console_close(&t.console);
	close(t.guest.channel);
	if (r == -EPIPE)
		return sfe_console_died(&t.console,
			WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), t.spoke,
			kernel, MEMORY_MB, err);
	if (r == -ETIME)
		return sfe_console_stuck(&t.console, PATIENCE_MS / 1000, MEMORY_MB, err);
	return r;
}

static int check(int channel, struct sfe_error *err)
{
	struct timespec sleep = {.tv_sec = SFE_GUEST_JUMP_S};
	struct sfe_probe probe;
	struct utsname uts;
	char why[160];

	uname(&uts);
	sfe_channel_send(channel, "release", "%s", uts.release);
	int r = sfe_probe_native(&probe, err);
	if (!r && !sfe_probe_ok(&probe, why, sizeof(why)))
		r = sfe_fail(err, -ENOSYS, NULL, NULL, "%s", why);
	if (r)
		return r;
	/* Without time-travel this sleep takes real time: the host stops waiting earlier. */
	sfe_channel_send(channel, "asleep", "%s", "");
	clock_nanosleep(CLOCK_MONOTONIC, 0, &sleep, NULL);
	sfe_channel_send(channel, "awake", "%s", "");
	return 0;
}

_Noreturn void sfe_guest_check_main(void)
{
	struct sfe_error err = {0};
	char text[1100];
	int channel = sfe_guest_init(false, &err);

	if (channel >= 0) {
		if (check(channel, &err))
			sfe_channel_send(
				channel, "error", "%s", sfe_error_text(&err, text, sizeof(text)));
		sfe_channel_send(channel, "end", "%s", "");
	} else {
		fprintf(stderr, "sfemu: %s\n", sfe_error_text(&err, text, sizeof(text)));
	}
	sfe_guest_off();
}
