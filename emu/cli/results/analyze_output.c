/* SPDX-License-Identifier: MIT */
/* `sfemu analyze`: its tables, as text, CSV or JSON. */
#include "emu/cli/results/analyze_output.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/analyze/interval_view.h"
#include "emu/analyze/timeline.h"
#include "emu/cli/base/args.h"
#include "emu/cli/base/terminal.h"
#include "emu/model/base/printable.h"

const struct analyze_view analyze_views[ANALYZE_VIEWS] = {
	{"capture", "captures", &sfe_capture_view, sfe_view_captures},
	{"strategy", "strategies", &sfe_strategy_view, sfe_view_strategies},
	{"job", "jobs", &sfe_job_view, sfe_view_jobs},
	{"step", "steps", &sfe_step_view, sfe_view_steps},
	{"connection", "connections", &sfe_flow_view, NULL},
	{"interval", "intervals", &sfe_bin_view, sfe_view_bins},
};

/* A row of messages or segments, as soon as it is known. */
static void write_part(
	struct analyze_output *o, const struct sfe_table *t, const char *title, const void *row)
{
	if (o->a->format == ANALYZE_JSON) {
		if (o->parts_written)
			fputs(",\n", stdout);
		else
			printf("{\"%s\": [\n", title);
		sfe_table_write_json_row(t, row, stdout);
	} else {
		if (!o->parts_written)
			sfe_table_write_header(t, stdout);
		sfe_table_write_row(t, row, stdout);
	}
	o->parts_written++;
}

void analyze_on_segment(void *arg, const struct sfe_segment_event *e)
{
	struct analyze_output *o = arg;
	struct sfe_segment_row row;

	if (!o->start_ns) /* from a pipe */
		o->start_ns = sfe_view_start(e->flow->analysis);
	if (o->a->format == ANALYZE_TEXT) {
		o->no_memory |= !sfe_segment_list_add(&o->segments, e);
		return;
	}
	row = sfe_view_segment(e, o->start_ns);
	write_part(o, &sfe_segment_view, "segments", &row);
}

static void keep_part(struct analyze_output *o, const struct sfe_part_row *row)
{
	if (o->n_kept == o->kept_room) {
		size_t room = o->kept_room ? 2 * o->kept_room : 64;
		void *more = reallocarray(o->kept, room, sizeof(*o->kept));
		if (!more) {
			o->no_memory = true;
			return;
		}
		o->kept = more;
		o->kept_room = room;
	}
	o->kept[o->n_kept++] = *row;
}

void analyze_on_message(void *arg, const struct sfe_message_event *e)
{
	struct analyze_output *o = arg;
	const struct analyze_arguments *a = o->a;
	const struct sfe_message *m = e->message;
	struct sfe_part_row rows[SFE_VIEW_MAX_PARTS];
	unsigned n;

	if (a->one_job && (!m->ours || m->job != a->job ||
				  (a->strategy[0] && strcmp(a->strategy, m->strategy))))
		return;
	for (unsigned first = 0; first <= m->n_parts; first += n) {
		n = sfe_view_parts(e, o->start_ns, first, rows);
		for (unsigned i = 0; i < n; i++) {
			if (a->one_job || a->format == ANALYZE_TEXT)
				keep_part(o, &rows[i]);
			else
				write_part(o, &sfe_part_view, "messages", &rows[i]);
		}
	}
}

/* ---- once all captures are read */

static int by_time(const void *x, const void *y)
{
	const struct sfe_part_row *a = x, *b = y;

	if (a->begin_s != b->begin_s)
		return a->begin_s < b->begin_s ? -1 : 1;
	int capture = strcmp(a->capture, b->capture);
	return capture ? capture : a->end_s < b->end_s ? -1 : a->end_s > b->end_s;
}

static void print_rows(struct analyze_output *o, const struct sfe_table *t, const char *title,
	sfe_table_row_fn *row, void *arg, size_t n, bool first)
{
	const struct analyze_arguments *a = o->a;

	if (a->format == ANALYZE_JSON) {
		printf("%s\"%s\": ", first ? "{" : ",\n", title);
		sfe_table_write_json_of(t, row, arg, n, stdout);
		return;
	}
	if (!first)
		putchar('\n');
	if (a->format == ANALYZE_TEXT) {
		printf("%s\n", title);
		o->left_out += sfe_table_write_text_of(
			t, row, arg, n, sfe_terminal_width(a->wide), stdout);
		return;
	}
	sfe_table_write_header(t, stdout);
	for (size_t i = 0; i < n; i++) {
		const void *p = row(arg, i);
		if (p)
			sfe_table_write_row(t, p, stdout);
	}
}

static void print_table(struct analyze_output *o, const struct sfe_table *t, const char *title,
	const void *rows, size_t n, bool first)
{
	print_rows(o, t, title, sfe_table_row_of, &(struct sfe_table_rows){t, rows}, n, first);
}

/* For one job: its events and the parts of its response time, under each requested strategy. */
static int print_timelines(struct analyze_output *o, bool *first)
{
	const struct analyze_arguments *a = o->a;
	bool any = false;

	for (unsigned i = 0; i < o->records->n_strategies; i++) {
		const char *strategy = o->records->strategies[i].strategy;
		struct sfe_timeline_row *rows;
		struct sfe_job_time_row time;
		struct sfe_error err = {0};
		char title[SFE_STRATEGY_BYTES + 48];
		size_t n;
		if (a->strategy[0] && strcmp(a->strategy, strategy))
			continue;
		int r = sfe_timeline(o->records, strategy, a->job, o->kept, o->n_kept, o->start_ns,
			&rows, &n, &time, &err);
		if (r == -ENOENT)
			continue;
		if (r)
			return sfe_cli_fail("analyze", &err);
		snprintf(title, sizeof(title), "job %u of %s", time.job, strategy);
		print_table(o, &sfe_timeline_view, title, rows, n, *first);
		snprintf(title, sizeof(title), "response time of job %u of %s", time.job, strategy);
		print_table(o, &sfe_job_time_view, title, &time, 1, false);
		*first = false;
		any = true;
		free(rows);
	}
	return any ? 0 : sfe_cli_usage("analyze", "the run has no job of index %u", a->job);
}

static int print_views(struct analyze_output *o, const struct sfe_analysis *x, bool *first)
{
	const struct analyze_arguments *a = o->a;
	const struct sfe_table steps = sfe_view_steps_table(x);

	for (size_t i = 0; i < ANALYZE_VIEWS; i++) {
		const struct sfe_table *table = analyze_views[i].table;
		void *rows;
		size_t n;
		if (!a->by[i])
			continue;
		if (!analyze_views[i].rows) {
			struct sfe_flow_rows flows = {.analysis = x};
			print_rows(o, table, analyze_views[i].title, sfe_view_flow, &flows,
				2 * (size_t)x->n_flows, *first);
			*first = false;
			continue;
		}
		if (analyze_views[i].rows(x, &rows, &n)) {
			fprintf(stderr, "sfemu analyze: out of memory\n");
			return SFE_EXIT_FAILED;
		}
		print_table(o, table == &sfe_step_view ? &steps : table, analyze_views[i].title,
			rows, n, *first);
		*first = false;
		free(rows);
	}
	return 0;
}

static void say_of(const char *file, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void say_of(const char *file, const char *fmt, ...)
{
	va_list ap;

	fputs("sfemu analyze: ", stderr);
	sfe_print_text(file, stderr);
	fputs(": ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
}

static unsigned long long count(uint64_t n)
{
	return n;
}

/* What was left out of one capture, and why. */
static void print_unread(const struct sfe_capture_counts *c)
{
	uint64_t broken = c->unread_packets - c->lone_fragments;

	if (c->cut_packets)
		say_of(c->file,
			"%llu packets were captured shorter than they were (a snap length): "
			"messages may be missed\n",
			count(c->cut_packets));
	if (broken)
		say_of(c->file,
			"%llu packets are not used: too little of them was captured, or their "
			"lengths contradict each other\n",
			count(broken));
	if (c->lone_fragments)
		say_of(c->file,
			"%llu packets are not used: they are fragments, and the rest of their "
			"datagrams was not captured\n",
			count(c->lone_fragments));
	if (c->opaque_packets && c->opaque_link_type >= 0)
		say_of(c->file,
			"%llu packets are not used: first one of link type %d, which is not known "
			"here\n",
			count(c->opaque_packets), c->opaque_link_type);
	else if (c->opaque_packets)
		say_of(c->file,
			"%llu packets are not used: they are tunnels or of unknown kinds, and may "
			"carry TCP\n",
			count(c->opaque_packets));
}

/* Reports what could not be read, and what makes figures doubtful. */
static void print_doubts(const struct analyze_arguments *a, const struct sfe_analysis *x)
{
	for (uint32_t i = 0; i < x->n_captures; i++) {
		const struct sfe_capture_counts *c = &x->captures[i];
		uint64_t hidden = sfe_view_hidden_bins(c);
		if (c->damage[0])
			say_of(c->file, "not read to its end (%s); %llu packets were used\n",
				c->damage, count(c->packets));
		if (!c->packets && !c->damage[0] && !a->folder)
			say_of(c->file, "holds no packets\n");
		print_unread(c);
		if (c->backwards)
			say_of(c->file, "time goes back at %llu packets\n", count(c->backwards));
		if (hidden)
			say_of(c->file, "%llu empty intervals have no row: the clock jumps\n",
				count(hidden));
		if (c->intervals.left_out)
			say_of(c->file, "%llu bytes are in no interval: more than %u have bytes\n",
				count(c->intervals.left_out), SFE_INTERVALS_MAX);
	}
}

/* Links of a run may be silent; captures that somebody gives are there to be read. */
static int judge_use(const struct analyze_arguments *a, const struct sfe_analysis *x)
{
	uint64_t tcp_packets = 0;

	for (uint32_t i = 0; i < x->n_captures; i++)
		tcp_packets += x->captures[i].tcp_packets;
	if (tcp_packets || a->folder)
		return 0;
	fputs("sfemu analyze: nothing was used: there is no TCP segment that can be read\n",
		stderr);
	return SFE_EXIT_FAILED;
}

/* Moves to the front the rows of whole strategies and the rows that differ; returns how many. */
static size_t keep_telling(struct sfe_reconcile_row *rows, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (!rows[i].where[0] || rows[i].difference != 0)
			rows[kept++] = rows[i];
	return kept;
}

/* Exit status 1 where captures and records differ. */
static int reconcile(struct analyze_output *o, const struct sfe_analysis *x, bool *first)
{
	struct sfe_reconcile_row *rows;
	struct sfe_error err = {0};
	size_t n, differ, comparable = 0;

	if (sfe_reconcile(o->records, x, &rows, &n, &differ, &err))
		return sfe_cli_fail("analyze", &err);
	/* A row with a note cannot be compared: it is shown, not judged. */
	for (size_t i = 0; i < n; i++)
		comparable += !rows[i].note[0];
	if (o->a->format == ANALYZE_JSON || (o->a->format == ANALYZE_TEXT && n)) {
		/* The text table shows the sums and what differs; JSON has all rows. */
		size_t shown = o->a->format == ANALYZE_JSON ? n : keep_telling(rows, n);
		print_table(o, &sfe_reconcile_view, "reconciliation", rows, shown, *first);
		*first = false;
	}
	free(rows);
	if (differ)
		fprintf(stderr,
			"sfemu analyze: captures and records differ in %zu of %zu figures\n",
			differ, n);
	else if (o->a->format == ANALYZE_TEXT)
		printf("\ncaptures and records agree in all %zu figures that can be compared\n",
			comparable);
	return differ ? SFE_EXIT_FAILED : 0;
}

static bool speaks(const struct sfe_analysis *x)
{
	return x->n_strategies > 0;
}

int analyze_finish(struct analyze_output *o, struct sfe_analysis *x)
{
	struct analyze_arguments *a = (struct analyze_arguments *)o->a;
	bool first = !o->parts_written;
	int status = 0;

	sfe_progress_line(&o->progress);
	if (o->records && a->one_job) {
		status = print_timelines(o, &first);
	} else if (o->n_kept) {
		qsort(o->kept, o->n_kept, sizeof(*o->kept), by_time);
		print_table(o, &sfe_part_view, "messages", o->kept, o->n_kept, first);
		first = false;
	} else if (a->format == ANALYZE_JSON && o->parts_written) {
		fputs("]", stdout);
	}
	if (o->segments.n) {
		o->segments.start_ns = o->start_ns;
		print_rows(o, &sfe_segment_view, "segments", sfe_view_kept_segment, &o->segments,
			o->segments.n, first);
		first = false;
	}
	if (!a->any_view && !a->messages && !a->segments && !a->by[ANALYZE_VIEWS - 1]) {
		a->by[0] = true;
		a->by[1] = speaks(x);
		a->by[4] = !speaks(x);
	}
	status = status ? status : print_views(o, x, &first);
	if (!status && o->records && !a->one_job)
		status = reconcile(o, x, &first);
	if (a->format == ANALYZE_JSON)
		fputs(first ? "{}\n" : "}\n", stdout);
	sfe_terminal_left_out(o->left_out, "--csv");
	print_doubts(a, x);
	return status ? status : judge_use(a, x);
}
