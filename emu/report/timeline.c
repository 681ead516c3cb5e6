/* SPDX-License-Identifier: MIT */
/* The timelines of the slowest jobs under each strategy. */
#include <errno.h>
#include <math.h>
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
		"call, return, fetch, store or replica: a transfer; compute: an invocation; vain: "
		"a run of it in vain, because another change of a state that outlives jobs was "
		"first"),
	COLUMN(from, TEXT, "", "who sent the payload; who computed"),
	COLUMN(to, TEXT, "", "who received it"),
	COLUMN(start_s, SECONDS, "s", "since the job's start"),
	COLUMN(end_s, SECONDS, "s", "since the job's start"),
	COLUMN(payload_bytes, BIG, "bytes", "that travelled"),
};
SFE_REPORT_TABLE(table, "timelines.csv", "a transfer or an invocation of one of the slowest jobs",
	columns, struct span_row);

/* The numbers of the jobs with the longest response time under any strategy, slowest first. */
unsigned sfe_report_slowest(const struct sfe_report_run *run, uint32_t number[SFE_REPORT_SLOWEST])
{
	unsigned n = 0;

	for (; n < SFE_REPORT_SLOWEST; n++) {
		const struct sfe_job_row *worst = NULL;
		for (unsigned i = 0; i < run->jobs.n; i++) {
			const struct sfe_job_row *job = sfe_report_job(run, i);
			bool taken = false;
			for (unsigned k = 0; k < n; k++)
				taken |= number[k] == job->job;
			if (!taken && sfe_report_done(job) &&
				(!worst || job->response_s > worst->response_s))
				worst = job;
		}
		if (!worst)
			break;
		number[n] = worst->job;
	}
	return n;
}

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

static int add_job(
	const struct sfe_report_run *run, const struct sfe_job_row *job, struct sfe_rows *rows)
{
	const struct sfe_transfer_row *t = run->transfers.row;
	const struct sfe_invocation_row *v = run->invocations.row;

	for (unsigned i = 0; i < run->transfers.n; i++, t++) {
		if (t->job != job->job || strcmp(t->strategy, job->strategy))
			continue;
		struct span_row *row = add_span(rows, job, t->step, t->kind, t->start_s, t->done_s);
		if (!row)
			return -ENOMEM;
		row->payload_bytes = t->payload_bytes;
		snprintf(row->from, sizeof(row->from), "%s", t->from);
		snprintf(row->to, sizeof(row->to), "%s", t->to);
	}
	for (unsigned i = 0; i < run->invocations.n; i++, v++) {
		if (v->job != job->job || strcmp(v->strategy, job->strategy))
			continue;
		struct span_row *row =
			add_span(rows, job, v->step, "compute", v->ready_s, v->finish_s);
		if (!row)
			return -ENOMEM;
		snprintf(row->from, sizeof(row->from), "%s", v->node);
		if (add_vain(run, job, v, rows))
			return -ENOMEM;
	}
	return 0;
}

int sfe_report_timelines(const struct sfe_report_run *run, struct sfe_rows *rows)
{
	uint32_t number[SFE_REPORT_SLOWEST];
	bool shown[SFE_REPORT_SLOWEST][SFE_REPORT_MAX_STRATEGIES] = {0};
	struct sfe_report_strategies s;
	unsigned n = sfe_report_slowest(run, number);
	int r = 0;

	*rows = (struct sfe_rows){.table = &table};
	sfe_report_strategies_of(run, &s);
	for (unsigned k = 0; k < n; k++)
		for (unsigned i = 0; i < run->jobs.n && !r; i++) {
			const struct sfe_job_row *job = sfe_report_job(run, i);
			if (job->job != number[k] || !sfe_report_done(job))
				continue;
			/* A job is shown once under a strategy. */
			unsigned strategy = sfe_report_strategy(&s, job->strategy);
			if (strategy == s.n || shown[k][strategy])
				continue;
			shown[k][strategy] = true;
			r = add_job(run, job, rows);
		}
	return r;
}
