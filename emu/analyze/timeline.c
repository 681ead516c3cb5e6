/* SPDX-License-Identifier: MIT */
#include "emu/analyze/timeline.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EVENT(field, cell, unit, meaning)                                                          \
	SFE_COLUMN(struct sfe_timeline_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column events[] = {
	EVENT(begin_s, SECONDS, "s", "from the start of the job"),
	EVENT(end_s, SECONDS, "s", "from the start of the job"),
	EVENT(took_s, SECONDS, "s", "between them"),
	EVENT(what, TEXT, "",
		"an argument, return value or state that arrives, or a function that computes"),
	EVENT(from, TEXT, "", "the node that sends; empty of a computation"),
	EVENT(to, TEXT, "", "the node that receives, or computes"),
	EVENT(bytes, BIG, "bytes", "that arrive; 0 of a computation"),
};
const struct sfe_table sfe_timeline_view = {"timeline", "an event of a job", events,
	sizeof(events) / sizeof(events[0]), sizeof(struct sfe_timeline_row)};

#define TIME(field, cell, unit, meaning)                                                           \
	SFE_COLUMN(struct sfe_job_time_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column times[] = {
	TIME(strategy, TEXT, "", "the strategy"),
	TIME(job, COUNT, "", "its number in the trace"),
	TIME(response_s, SECONDS, "s", "response time"),
	TIME(processing_s, SECONDS, "s", "of it: a function computed"),
	TIME(arriving_s, SECONDS, "s",
		"of it: else, bytes of it were arriving somewhere, as the captures show"),
	TIME(under_way_s, SECONDS, "s",
		"of it: the rest: connections were opened, bytes on their way or in queues"),
	TIME(predicted_net_delay_s, SECONDS, "s",
		"the closed form's network delay; the rest as jobs.csv has it"),
	TIME(propagation_s, SECONDS, "s", "the links' delays"),
	TIME(pipelining_s, SECONDS, "s", "packets of a message are on several links at once"),
	TIME(queueing_s, SECONDS, "s", "behind other jobs"),
	TIME(tcp_start_s, SECONDS, "s", "handshakes and slow start"),
	TIME(headers_s, SECONDS, "s", "their bytes at the links' rates"),
	TIME(retries_s, SECONDS, "s", "waiting for answers that did not come, and before retries"),
	TIME(link_changes_s, SECONDS, "s",
		"links that were down, slower or later than at the start"),
	TIME(unexplained_s, SECONDS, "s", "what is left"),
};
const struct sfe_table sfe_job_time_view = {"job_time", "a job", times,
	sizeof(times) / sizeof(times[0]), sizeof(struct sfe_job_time_row)};

static void put_name(const struct sfe_records *r, const char *socket, char *out, size_t size)
{
	const char *colon = strrchr(socket, ':');
	size_t n = colon ? (size_t)(colon - socket) : strlen(socket);

	snprintf(out, size, "%.*s", (int)n, socket);
	const char *name = sfe_records_host(r, out);
	if (name)
		snprintf(out, size, "%s", name);
}

/* The row of the job with that index under a strategy; rows are in the order of jobs. */
static const struct sfe_job_row *job_of(
	const struct sfe_records *r, const char *strategy, uint32_t index)
{
	for (unsigned i = 0; i < r->n_jobs; i++)
		if (!strcmp(r->jobs[i].strategy, strategy) && !index--)
			return &r->jobs[i];
	return NULL;
}

/* Whether two rows are the same part of the same message, seen by two captures on its path. */
static bool same_part(const struct sfe_part_row *a, const struct sfe_part_row *b)
{
	bool same_edge = isnan(a->after) ? isnan(b->after) : a->after == b->after;

	return a->step == b->step && same_edge && !strcmp(a->kind, b->kind) &&
	       !strcmp(a->part, b->part) && !strcmp(a->from, b->from) && !strcmp(a->to, b->to);
}

static int by_time(const void *x, const void *y)
{
	const struct sfe_timeline_row *a = x, *b = y;

	if (a->begin_s != b->begin_s)
		return a->begin_s < b->begin_s ? -1 : 1;
	return a->end_s < b->end_s ? -1 : a->end_s > b->end_s;
}

/* Each part once, from the capture that saw it last, which is nearest to the receiver. */
static size_t put_parts(const struct sfe_records *r, const char *strategy,
	const struct sfe_part_row *parts, size_t n_parts, double shift_s,
	struct sfe_timeline_row *rows)
{
	size_t n = 0;

	for (size_t i = 0; i < n_parts; i++) {
		const struct sfe_part_row *p = &parts[i];
		bool last = true;
		if (strcmp(p->strategy, strategy) || !strcmp(p->part, "head") || !p->bytes)
			continue;
		for (size_t k = 0; k < n_parts && last; k++)
			if (k != i && !strcmp(parts[k].strategy, strategy) &&
				same_part(&parts[k], p))
				last = parts[k].end_s < p->end_s ||
				       (parts[k].end_s == p->end_s && k < i);
		if (!last)
			continue;
		struct sfe_timeline_row *row = &rows[n++];
		*row = (struct sfe_timeline_row){.begin_s = p->begin_s + shift_s,
			.end_s = p->end_s + shift_s,
			.took_s = p->transfer_s,
			.bytes = p->bytes};
		if (isnan(p->after))
			snprintf(row->what, sizeof(row->what), "step %.0f %s: %s", p->step, p->kind,
				p->part);
		else
			snprintf(row->what, sizeof(row->what), "step %.0f %s after step %.0f: %s",
				p->step, p->kind, p->after, p->part);
		put_name(r, p->from, row->from, sizeof(row->from));
		put_name(r, p->to, row->to, sizeof(row->to));
	}
	return n;
}

static size_t put_invocations(
	const struct sfe_records *r, const struct sfe_job_row *job, struct sfe_timeline_row *rows)
{
	size_t n = 0;

	for (unsigned i = 0; i < r->n_invocations; i++) {
		const struct sfe_invocation_row *v = &r->invocations[i];
		if (strcmp(v->strategy, job->strategy) || v->job != job->job)
			continue;
		rows[n] = (struct sfe_timeline_row){
			.begin_s = v->ready_s, .end_s = v->finish_s, .took_s = v->processing_s};
		snprintf(rows[n].what, sizeof(rows[n].what), "step %u %.24s computes", v->step,
			v->function);
		snprintf(rows[n].to, sizeof(rows[n].to), "%s", v->node);
		n++;
	}
	return n;
}

/* The time within [from, to] that at least one of the rows covers. */
static double covered(const struct sfe_timeline_row *rows, size_t n, double from, double to)
{
	double at = from, sum = 0; /* rows are sorted by their begin */

	for (size_t i = 0; i < n; i++) {
		double begin = fmax(rows[i].begin_s, at), end = fmin(rows[i].end_s, to);
		if (end <= begin)
			continue;
		sum += end - begin;
		at = end;
	}
	return sum;
}

int sfe_timeline(const struct sfe_records *r, const char *strategy, uint32_t job_index,
	const struct sfe_part_row *parts, size_t n_parts, uint64_t view_start_ns,
	struct sfe_timeline_row **rows, size_t *n, struct sfe_job_time_row *time,
	struct sfe_error *err)
{
	const struct sfe_job_row *job = job_of(r, strategy, job_index);
	double shift_s = 0;

	if (!job)
		return -ENOENT;
	for (unsigned i = 0; i < r->n_strategies; i++)
		if (!strcmp(r->strategies[i].strategy, strategy))
			shift_s =
				(double)(int64_t)(view_start_ns - r->strategies[i].start_unix_ns) /
				1e9;
	*rows = calloc(n_parts + r->n_invocations + 1, sizeof(**rows));
	if (!*rows)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	*time = (struct sfe_job_time_row){.job = job->job,
		.response_s = job->response_s,
		.predicted_net_delay_s = job->predicted_net_delay_s,
		.propagation_s = job->propagation_s,
		.pipelining_s = job->pipelining_s,
		.queueing_s = job->queueing_s,
		.tcp_start_s = job->tcp_start_s,
		.headers_s = job->headers_s,
		.retries_s = job->retries_s,
		.link_changes_s = job->link_changes_s,
		.unexplained_s = job->unexplained_s};
	snprintf(time->strategy, sizeof(time->strategy), "%s", strategy);
	double end_s = job->start_s + job->response_s;
	size_t computing = put_invocations(r, job, *rows);
	qsort(*rows, computing, sizeof(**rows), by_time);
	time->processing_s = covered(*rows, computing, job->start_s, end_s);
	*n = computing + put_parts(r, strategy, parts, n_parts, shift_s, *rows + computing);
	qsort(*rows, *n, sizeof(**rows), by_time);
	/* Time in which something arrives while a function computes counts as processing only. */
	time->arriving_s = covered(*rows, *n, job->start_s, end_s) - time->processing_s;
	time->under_way_s = fmax(0, job->response_s - time->processing_s - time->arriving_s);
	for (size_t i = 0; i < *n; i++) {
		(*rows)[i].begin_s -= job->start_s;
		(*rows)[i].end_s -= job->start_s;
	}
	return 0;
}
