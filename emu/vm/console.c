/* SPDX-License-Identifier: MIT */
#include "emu/vm/console.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PANIC "Kernel panic - not syncing: "
#define OOM "Out of memory: Killed process "
#define MORE_MEMORY "give it more with --set guest_memory_mb=N"
#define DRAIN_MS 300
#define SHOW_BYTES 360

/* Looks for the OOM killer's message in the complete lines from an offset on. */
static bool find_killed(struct sfe_console *c, size_t from)
{
	const char *at = strstr(c->tail + from, OOM), *next;

	if (!at || !strchr(at, '\n'))
		return false;
	while ((next = strstr(at + 1, OOM)))
		at = next;
	return sscanf(at, OOM "%*u (%63[^)]", c->killed) == 1;
}

void sfe_console_begin(struct sfe_console *c, int fd)
{
	c->fd = fd;
	sfe_oom_kills_read(&c->kills);
}

bool sfe_console_read(struct sfe_console *c)
{
	char buf[1024];
	ssize_t n = read(c->fd, buf, sizeof(buf));

	if (n <= 0) {
		if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
			close(c->fd);
			c->fd = -1;
		}
		return false;
	}
	if (c->len + (size_t)n > SFE_CONSOLE_TAIL) {
		size_t drop = c->len + (size_t)n - SFE_CONSOLE_TAIL;
		memmove(c->tail, c->tail + drop, c->len - drop);
		c->len -= drop;
	}
	/* The line may have begun in an earlier read. */
	size_t from = c->len;
	while (from && c->tail[from - 1] != '\n')
		from--;
	for (ssize_t i = 0; i < n; i++)
		c->tail[c->len++] = buf[i] ? buf[i] : ' ';
	c->tail[c->len] = 0;
	return find_killed(c, from);
}

void sfe_console_close(struct sfe_console *c)
{
	while (c->fd >= 0) {
		struct pollfd p = {.fd = c->fd, .events = POLLIN};
		if (poll(&p, 1, DRAIN_MS) <= 0)
			break;
		sfe_console_read(c);
	}
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

/* The last lines as one line, without control characters. */
static void console_end(const struct sfe_console *c, char *buf, size_t size)
{
	const char *at = c->len > SHOW_BYTES ? c->tail + c->len - SHOW_BYTES : c->tail;
	size_t n = 0;

	/* Begin with a whole line if there is one. */
	if (at != c->tail && strchr(at, '\n') && strchr(at, '\n')[1])
		at = strchr(at, '\n') + 1;
	for (; *at && n + 1 < size; at++)
		if (*at != '\r')
			buf[n++] = *at == '\n' ? '|' : *at >= ' ' && *at < 0x7f ? *at : '?';
	while (n && (buf[n - 1] == '|' || buf[n - 1] == ' '))
		n--;
	buf[n] = 0;
}

static void cause(const struct sfe_console *c, int status, bool spoke, const char *kernel,
	unsigned memory_mb, char *buf, size_t size)
{
	const char *panic = strstr(c->tail, PANIC);
	char whose[160] = "";

	if (status == 128 + SIGKILL)
		sfe_oom_kills_why(&c->kills, whose, sizeof(whose));

	if (strstr(c->tail, "Out of memory and no killable") ||
		(panic && strstr(panic, "System is deadlocked on memory")))
		snprintf(buf, size, "it ran out of its %u MB of memory", memory_mb);
	else if (panic)
		snprintf(buf, size, "its kernel panicked (%.*s)",
			(int)strcspn(panic + strlen(PANIC), "\r\n"), panic + strlen(PANIC));
	else if (whose[0])
		snprintf(buf, size, "%s, and the kernel killed it", whose);
	else if (!spoke && strstr(c->tail, "sfemu: "))
		snprintf(buf, size, "its first process failed");
	else if (!spoke)
		snprintf(buf, size,
			"it ended with status %d before its first process reported anything: is "
			"%.200s a "
			"guest kernel?",
			status, kernel);
	else if (status == 128 + SIGBUS)
		snprintf(buf, size,
			"it was killed for touching memory that the host has not (SIGBUS)");
	else if (status > 128)
		snprintf(buf, size, "it was killed by signal %d (%s)", status - 128,
			strsignal(status - 128));
	else
		snprintf(buf, size, "it ended with status %d in the middle of its work", status);
}

int sfe_console_died(const struct sfe_console *c, int status, bool spoke, const char *kernel,
	unsigned memory_mb, struct sfe_error *err)
{
	char why[340], end[SHOW_BYTES + 1];
	bool memory = c->killed[0];

	cause(c, status, spoke, kernel, memory_mb, why, sizeof(why));
	console_end(c, end, sizeof(end));
	/* The guest may have run out of memory earlier. */
	if (memory)
		snprintf(why + strlen(why), sizeof(why) - strlen(why),
			", after it had run out of its %u MB of memory and killed %s", memory_mb,
			c->killed);
	memory |= strstr(why, "out of its") != NULL;
	/* The host ran out of memory, not the guest. */
	bool host = strstr(why, "the kernel killed it") != NULL;
	return sfe_fail(err, -EIO, "guest",
		host     ? "free memory, raise the limit, or give the guest less: --set "
			   "guest_memory_mb=N"
		: memory ? MORE_MEMORY
		: status == 128 + SIGBUS ? "free memory, or run fewer guests at a time"
					 : NULL,
		"it died: %s%s%s", why, end[0] ? "; its console ends with: " : "", end);
}

int sfe_console_stuck(
	const struct sfe_console *c, unsigned silent_s, unsigned memory_mb, struct sfe_error *err)
{
	char end[SHOW_BYTES + 1], why[200] = "it hangs";

	if (c->killed[0])
		snprintf(why, sizeof(why), "it ran out of its %u MB of memory, killed %s and hangs",
			memory_mb, c->killed);
	console_end(c, end, sizeof(end));
	return sfe_fail(err, -ETIME, "guest",
		c->killed[0] ? MORE_MEMORY : "raise --watchdog if it is only slow",
		"no sign of life for %u s: %s%s%s", silent_s, why,
		end[0] ? "; its console ends with: " : "", end);
}

int sfe_console_add(const struct sfe_console *c, struct sfe_error *err)
{
	size_t n = strlen(err->what);
	char end[SHOW_BYTES + 1];

	console_end(c, end, sizeof(end));
	if (end[0])
		snprintf(err->what + n, sizeof(err->what) - n, "; its console ends with: %s", end);
	return err->code;
}
