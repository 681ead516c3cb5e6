/* SPDX-License-Identifier: MIT */
/*
 * What a guest tells its orchestrator without being asked: the lines of its channel, the text of
 * its kernel's console, and the page of its progress. The first byte says how it ends (bit 0: by a
 * signal) and whether progress is shown on a terminal (bit 1); the parts are the page, the console
 * and the lines, each of which is read as it comes, in pieces of up to 64 bytes (bit 2) or whole.
 */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "emu/run/supervise_lines.h"
#include "tests/fuzz/fuzz.h"

#define MAX_NODES 3
#define PIPE_BYTES 4096 /* what a pipe takes at once, whatever it holds */

static const char *node_of(const void *context, uint32_t netns)
{
	const struct supervisor *s = context;

	for (unsigned i = 0; i < s->n_nodes; i++)
		if (s->nodes[i].netns == netns)
			return s->nodes[i].name;
	return NULL;
}

static void check_page(struct supervisor *s, struct part p)
{
	struct sfe_guest_progress page = {.magic = SFE_GUEST_PROGRESS_MAGIC};
	struct sfe_error err = {0};

	memcpy(&page, p.at, p.len < sizeof(page) ? p.len : sizeof(page));
	CHECK(sfe_watchdog_available(&page) == (page.magic == SFE_GUEST_PROGRESS_MAGIC));
	sfe_watchdog_begin(&s->watchdog, 1);
	s->watchdog.time_ns = page.time_ns; /* it has stood for long */
	s->watchdog.time_stood_ms = s->watchdog.process_ran_ms = 1000000;
	int rc = sfe_watchdog_check(&s->watchdog, &page, node_of, s, &err);
	CHECK(!rc == !sfe_watchdog_available(&page));
	if (rc)
		check_error(&err, rc);
}

static void feed(int fd, struct part *p, size_t most)
{
	size_t n = p->len < most ? p->len : most;

	CHECK(write(fd, p->at, n) == (ssize_t)n);
	*p = (struct part){p->at + n, p->len - n};
}

/* What the user would see goes nowhere; what CHECK says does not. */
static bool read_once(struct supervisor *s)
{
	static FILE *nowhere;
	FILE *out = stdout, *messages = stderr;

	if (!nowhere)
		CHECK((nowhere = fopen("/dev/null", "we")));
	stdout = stderr = nowhere;
	bool open = sfe_supervisor_read_lines(s);
	stdout = out;
	stderr = messages;
	return open;
}

static void read_lines(struct supervisor *s, struct part p, size_t most)
{
	int ends[2];

	CHECK(!pipe2(ends, O_CLOEXEC));
	s->channel = ends[0];
	while (p.len) {
		feed(ends[1], &p, most);
		CHECK(read_once(s));
		CHECK(s->channel_lines.len < LINE_MAX_BYTES);
		CHECK(s->n_nodes <= MAX_NODES && s->n_stages <= 2);
		CHECK(s->end_code <= 0 && s->end_code > -4096);
	}
	close(ends[1]);
	while (read_once(s))
		;
	close(ends[0]);
}

static void read_console(struct supervisor *s, struct part p, size_t most, int status)
{
	struct sfe_error err = {0};
	int ends[2];

	CHECK(!pipe2(ends, O_CLOEXEC));
	sfe_console_begin(&s->console, ends[0]);
	while (p.len) {
		feed(ends[1], &p, most);
		sfe_console_read(&s->console);
		CHECK(s->console.len <= SFE_CONSOLE_TAIL);
	}
	close(ends[1]);
	sfe_console_close(&s->console);
	CHECK(s->console.fd == -1);
	check_error(&err, sfe_console_died(&s->console, status, s->spoke, "kernel", 64, &err));
	check_error(&err, sfe_console_stuck(&s->console, 3, 64, &err));
	check_error(&err, sfe_console_add(&s->console, &err));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct sfe_supervise_options options = {.output_to_stderr = false};
	struct supervisor s = {.options = &options, .max_nodes = MAX_NODES, .relay.lab = -1};

	if (!size)
		return 0;
	struct part rest = {(const char *)data + 1, size - 1};
	struct part page = next_part(&rest), console = next_part(&rest), lines = next_part(&rest);
	size_t most = data[0] & 4 ? 64 : PIPE_BYTES;
	sfe_progress_start(&s.progress, false);
	s.progress.terminal = data[0] & 2;
	s.progress.n_strategies = 2;
	read_lines(&s, lines, most);
	read_console(&s, console, most, data[0] & 1 ? 128 + SIGKILL : 1);
	check_page(&s, page);
	free(s.nodes);
	return 0;
}
