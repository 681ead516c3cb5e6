/* SPDX-License-Identifier: MIT */
/* The timelines of jobs under each strategy: of all, or of the slowest. */
#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "emu/report/figures.h"

struct span_row {
	uint32_t job;
	char strategy[SFE_STRATEGY_BYTES];
	uint32_t step;
	char what[16], from[SFE_NAME_BYTES], to[SFE_NAME_BYTES];
	double start_s, end_s;
	uint64_t payload_bytes;
};

#define COLUMN(field, cell, unit, meaning)                                                         \
	SFE_COLUMN(struct span_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column columns[] = {
	COLUMN(job, COUNT, "", "the job's number in the trace: N of j_N"),
	COLUMN(strategy, TEXT, "", "where the states were"),
	COLUMN(step, COUNT, "", "which of the job's steps, from 0"),
	COLUMN(what, TEXT, "",
		"call, return, fetch, store, replica, prefetch, push or claim: a transfer; "
		"compute: an "
		"invocation; vain: "
		"a run of it in vain, because another change of a state that outlives jobs was "
		"first"),
	COLUMN(from, TEXT, "", "who sent the payload; who computed"),
	COLUMN(to, TEXT, "", "who received it"),
	COLUMN(start_s, SECONDS, "s", "since the job's start"),
	COLUMN(end_s, SECONDS, "s", "since the job's start"),
	COLUMN(payload_bytes, BIG, "bytes", "that travelled"),
};
SFE_REPORT_TABLE(
	table, "timelines.csv", "a transfer or an invocation of a job", columns, struct span_row);

/* ---- which jobs */

#define LEAST_JOBS 3u
#define MOST_SPANS 8000u

struct slow_job {
	uint32_t number;
	double response_s; /* the longest one */
};

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static int slowest_of_each(const void *a, const void *b)
{
	const struct slow_job *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return x->response_s > y->response_s ? -1 : x->response_s < y->response_s;
}

static int slowest_first(const void *a, const void *b)
{
	const struct slow_job *x = a, *y = b;

	if (x->response_s != y->response_s)
		return x->response_s > y->response_s ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

/* The jobs that some strategy has done, slowest first. */
static unsigned order_jobs(const struct sfe_report_run *run, struct slow_job *out)
{
	unsigned n = 0, kept = 0;

	for (unsigned i = 0; i < run->jobs.n; i++) {
		const struct sfe_job_row *job = sfe_report_job(run, i);
		if (sfe_report_done(job))
			out[n++] = (struct slow_job){job->job, job->response_s};
	}
	if (n)
		qsort(out, n, sizeof(*out), slowest_of_each);
	for (unsigned i = 0; i < n; i++)
		if (!i || out[i].number != out[i - 1].number)
			out[kept++] = out[i];
	if (kept)
		qsort(out, kept, sizeof(*out), slowest_first);
	return kept;
}

/* The first place in ascending numbers that is not below this one. */
static unsigned first_of(const uint32_t *all, unsigned n, uint32_t number)
{
	unsigned low = 0, high = n;

	while (low < high) {
		unsigned middle = low + (high - low) / 2;
		if (all[middle] < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int sfe_report_timeline_jobs(const struct sfe_report_run *run, uint32_t **number, unsigned *n)
{
	const struct sfe_transfer_row *t = run->transfers.row;
	const struct sfe_invocation_row *v = run->invocations.row;
	unsigned n_all = 0, spans = 0;
	struct slow_job *slow = calloc((size_t)run->jobs.n + 1, sizeof(*slow));
	uint32_t *all = calloc((size_t)run->transfers.n + run->invocations.n + 1, sizeof(*all));

	*n = 0;
	*number = calloc((size_t)run->jobs.n + 1, sizeof(**number));
	if (!slow || !all || !*number) {
		free(slow);
		free(all);
		return -ENOMEM;
	}
	for (unsigned i = 0; i < run->transfers.n; i++)
		all[n_all++] = t[i].job;
	for (unsigned i = 0; i < run->invocations.n; i++)
		all[n_all++] = v[i].job;
	qsort(all, n_all, sizeof(*all), by_number);
	unsigned n_slow = order_jobs(run, slow);
	for (unsigned i = 0; i < n_slow && (spans < MOST_SPANS || i < LEAST_JOBS); i++) {
		(*number)[(*n)++] = slow[i].number;
		spans += first_of(all, n_all, slow[i].number + 1) -
			 first_of(all, n_all, slow[i].number);
	}
	free(slow);
	free(all);
	return 0;
}

/* The rows of a table by job: rows of a job are those of its numbers' places. */
struct by_job {
	uint32_t *number; /* ascending */
	unsigned *row, n;
};

struct numbered {
	uint32_t number;
	unsigned row;
};

static int by_number_and_row(const void *a, const void *b)
{
	const struct numbered *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row;
}

/* job: where a row has its job's number. */
static int index_rows(const struct sfe_rows *rows, size_t row_size, size_t job, struct by_job *out)
{
	struct numbered *all = calloc((size_t)rows->n + 1, sizeof(*all));

	*out = (struct by_job){.number = calloc((size_t)rows->n + 1, sizeof(*out->number)),
		.row = calloc((size_t)rows->n + 1, sizeof(*out->row)),
		.n = rows->n};
	if (all && out->number && out->row) {
		for (unsigned i = 0; i < rows->n; i++) {
			memcpy(&all[i].number, (const char *)rows->row + i * row_size + job,
				sizeof(all[i].number));
			all[i].row = i;
		}
		qsort(all, rows->n, sizeof(*all), by_number_and_row);
		for (unsigned i = 0; i < rows->n; i++) {
			out->number[i] = all[i].number;
			out->row[i] = all[i].row;
		}
	}
	free(all);
	return all && out->number && out->row ? 0 : -ENOMEM;
}

static void free_index(struct by_job *x)
{
	free(x->number);
	free(x->row);
}

struct timelines { /* a run with its rows by job */
	const struct sfe_report_run *run;
	struct by_job transfers, invocations, jobs;
};

/* ---- their spans */

static struct span_row *add_span(struct sfe_rows *rows, const struct sfe_job_row *job,
	uint32_t step, const char *what, double start, double end)
{
	struct span_row *row = sfe_rows_add(rows);

	if (!row)
		return NULL;
	*row = (struct span_row){.job = job->job,
		.step = step,
		.start_s = start - job->start_s,
		.end_s = end - job->start_s};
	snprintf(row->strategy, sizeof(row->strategy), "%s", job->strategy);
	snprintf(row->what, sizeof(row->what), "%.15s", what);
	return row;
}

/* The runs of an invocation that were in vain. */
static int add_vain(const struct sfe_report_run *run, const struct sfe_job_row *job,
	const struct sfe_invocation_row *v, struct sfe_rows *rows)
{
	const struct sfe_shared_row *x = run->shared.row;

	for (unsigned i = 0; i < run->shared.n; i++, x++) {
		if (x->job != v->job || x->step != v->step || x->attempt != v->attempt ||
			!isfinite(x->vain_finish_s) || strcmp(x->strategy, v->strategy) != 0)
			continue;
		struct span_row *row =
			add_span(rows, job, v->step, "vain", x->vain_ready_s, x->vain_finish_s);
		if (!row)
			return -ENOMEM;
		snprintf(row->from, sizeof(row->from), "%s", v->node);
	}
	return 0;
}

static int add_transfers(
	const struct timelines *x, const struct sfe_job_row *job, struct sfe_rows *rows)
{
	const struct sfe_transfer_row *all = x->run->transfers.row;
	const struct by_job *of = &x->transfers;

	for (unsigned i = first_of(of->number, of->n, job->job);
		i < of->n && of->number[i] == job->job; i++) {
		const struct sfe_transfer_row *t = &all[of->row[i]];
		if (strcmp(t->strategy, job->strategy) != 0)
			continue;
		struct span_row *row = add_span(rows, job, t->step, t->kind, t->start_s, t->done_s);
		if (!row)
			return -ENOMEM;
		row->payload_bytes = t->payload_bytes;
		snprintf(row->from, sizeof(row->from), "%s", t->from);
		snprintf(row->to, sizeof(row->to), "%s", t->to);
	}
	return 0;
}

static int add_invocations(
	const struct timelines *x, const struct sfe_job_row *job, struct sfe_rows *rows)
{
	const struct sfe_invocation_row *all = x->run->invocations.row;
	const struct by_job *of = &x->invocations;

	for (unsigned i = first_of(of->number, of->n, job->job);
		i < of->n && of->number[i] == job->job; i++) {
		const struct sfe_invocation_row *v = &all[of->row[i]];
		if (strcmp(v->strategy, job->strategy) != 0)
			continue;
		struct span_row *row =
			add_span(rows, job, v->step, "compute", v->ready_s, v->finish_s);
		if (!row)
			return -ENOMEM;
		snprintf(row->from, sizeof(row->from), "%s", v->node);
		if (add_vain(x->run, job, v, rows))
			return -ENOMEM;
	}
	return 0;
}

static int add_number(const struct timelines *x, const struct sfe_report_strategies *s,
	uint32_t number, struct sfe_rows *rows)
{
	bool shown[SFE_REPORT_MAX_STRATEGIES] = {0};
	int r = 0;

	for (unsigned i = first_of(x->jobs.number, x->jobs.n, number);
		i < x->jobs.n && x->jobs.number[i] == number && !r; i++) {
		const struct sfe_job_row *job = sfe_report_job(x->run, x->jobs.row[i]);
		/* A job is shown once under a strategy. */
		unsigned strategy = sfe_report_strategy(s, job->strategy);
		if (!sfe_report_done(job) || strategy == s->n || shown[strategy])
			continue;
		shown[strategy] = true;
		r = add_transfers(x, job, rows);
		r = r ? r : add_invocations(x, job, rows);
	}
	return r;
}

int sfe_report_timelines(const struct sfe_report_run *run, struct sfe_rows *rows)
{
	struct timelines x = {.run = run};
	struct sfe_report_strategies s;
	uint32_t *number;
	unsigned n;
	int r = sfe_report_timeline_jobs(run, &number, &n);

	*rows = (struct sfe_rows){.table = &table};
	sfe_report_strategies_of(run, &s);
	(void)(r ||
		(r = index_rows(&run->jobs, sizeof(struct sfe_job_row),
			 offsetof(struct sfe_job_row, job), &x.jobs)) ||
		(r = index_rows(&run->transfers, sizeof(struct sfe_transfer_row),
			 offsetof(struct sfe_transfer_row, job), &x.transfers)) ||
		(r = index_rows(&run->invocations, sizeof(struct sfe_invocation_row),
			 offsetof(struct sfe_invocation_row, job), &x.invocations)));
	for (unsigned k = 0; k < n && !r; k++)
		r = add_number(&x, &s, number[k], rows);
	free(number);
	free_index(&x.jobs);
	free_index(&x.transfers);
	free_index(&x.invocations);
	return r;
}
