/* SPDX-License-Identifier: MIT */
#include "emu/run/supervise_lines.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/model/base/printable.h"

#define MAX_ERRNO 4095

static void add_node(struct supervisor *s, const char *text, bool by_number)
{
	struct node_fd n = {.fd = -1};

	/* A guest is not trusted to send few of them. */
	if (s->n_nodes >= s->max_nodes)
		return;
	struct node_fd *more = reallocarray(s->nodes, s->n_nodes + 1, sizeof(*more));

	if (!more)
		return;
	s->nodes = more;
	if (by_number ? sscanf(text, "%129s %" SCNu32, n.name, &n.netns) == 2
		      : sscanf(text, "%129s %d", n.name, &n.fd) == 2)
		more[s->n_nodes++] = n;
}

static void handle_jobs(struct supervisor *s, const char *text)
{
	char strategy[SFE_STRATEGY_BYTES];
	unsigned done, all;

	if (sscanf(text, "%127s %u %u", strategy, &done, &all) == 3)
		sfe_progress_jobs(&s->progress, strategy, done, all);
}

static void handle_part(struct supervisor *s, const char *text)
{
	unsigned done, all;
	int at = 0;

	if (sscanf(text, "%u %u %n", &done, &all, &at) == 2 && at)
		sfe_progress_part(&s->progress, text + at, done, all, "directions");
}

static void note_manual_change(struct supervisor *s, const char *text)
{
	char note[512];

	s->manual_changes += !s->up; /* changes after the results were written do not count */
	snprintf(note, sizeof(note), "manual change: %.480s", text);
	sfe_progress_note(&s->progress, note);
}

static void note_failed_command(struct supervisor *s, const char *text)
{
	if (!s->failed.n++)
		snprintf(s->failed.first, sizeof(s->failed.first), "%.590s", text);
	sfe_progress_note(&s->progress, text);
}

/* 0 or a negative errno; -EPROTO for what is none. */
static int end_code(const char *text)
{
	char *end;
	long code = strtol(text, &end, 10);

	return end != text && !*end && code <= 0 && code >= -MAX_ERRNO ? (int)code : -EPROTO;
}

static void handle_line(struct supervisor *s, char *line)
{
	char *text = strchr(line, ' ');

	if (!text)
		return;
	/* A guest's text is not trusted. */
	sfe_make_printable(text);
	s->spoke = true;
	*text++ = 0;
	if (!strcmp(line, "stage")) {
		if (s->n_stages < 2)
			s->stage_s[s->n_stages++] = sfe_progress_seconds(&s->progress);
		sfe_progress_stage(&s->progress, text);
	} else if (!strcmp(line, "jobs")) {
		handle_jobs(s, text);
	} else if (!strcmp(line, "part")) {
		handle_part(s, text);
	} else if (!strcmp(line, "out") || (!strcmp(line, "program") && !s->options->quiet)) {
		sfe_progress_line(&s->progress);
		FILE *out = s->options->output_to_stderr ? stderr : stdout;
		fprintf(out, "%s\n", text);
		fflush(out);
	} else if (!strcmp(line, "node")) {
		add_node(s, text, false);
	} else if (!strcmp(line, "netns")) {
		add_node(s, text, true);
	} else if (!strcmp(line, "note")) {
		sfe_progress_note(&s->progress, text);
	} else if (!strcmp(line, "failed")) {
		note_failed_command(s, text);
	} else if (!strcmp(line, "serves")) {
		sfe_relay_serves(&s->relay);
	} else if (!strcmp(line, "manual")) {
		note_manual_change(s, text);
	} else if (!strcmp(line, "up")) {
		s->up = true;
		sfe_progress_stage(
			&s->progress, "the network stays up until Ctrl-C or `sfemu down`");
	} else if (!strcmp(line, "error")) {
		snprintf(s->error, sizeof(s->error), "%s", text);
	} else if (!strcmp(line, "end")) {
		s->ended = true;
		s->end_code = end_code(text);
	}
}

bool sfe_supervisor_read_lines(struct supervisor *s)
{
	struct lines *l = &s->channel_lines;
	const size_t max = sizeof(l->buf) - 1, room = l->len < max ? max - l->len : 0;
	ssize_t n = read(s->channel, l->buf + l->len, room);
	char *start = l->buf, *newline;

	if (n <= 0)
		return n < 0 && errno == EINTR;
	l->len += (size_t)n;
	l->buf[l->len] = 0;
	while ((newline = strchr(start, '\n'))) {
		*newline = 0;
		handle_line(s, start);
		start = newline + 1;
	}
	l->len -= (size_t)(start - l->buf);
	memmove(l->buf, start, l->len);
	if (l->len == max)
		l->len = 0; /* a line without an end is not from the lab */
	return true;
}
