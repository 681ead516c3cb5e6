/* SPDX-License-Identifier: MIT */
/* Compares the strategies job by job, since all of them ran the same jobs. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "emu/report/figures.h"
#include "sfemu/statistics.h"

#define COLUMN(field, cell, unit, meaning)                                                         \
	SFE_COLUMN(struct sfe_report_strategy_row, field, SFE_CELL_##cell, unit, meaning)
#define PART "part of compared_mean_s: "
static const struct sfe_column columns[] = {
	COLUMN(strategy, TEXT, "", "where the states were"),
	COLUMN(jobs, COUNT, "jobs", "how many were to run"),
	COLUMN(done, COUNT, "jobs", "how many ended well; response times are of these"),
	COLUMN(response_mean_s, SECONDS, "s", "mean response time"),
	COLUMN(response_confidence_s, SECONDS, "s",
		"half the width of the mean's 95 % confidence interval (Student's t over the "
		"jobs)"),
	COLUMN(response_p50_s, SECONDS, "s", "median"),
	COLUMN(response_p95_s, SECONDS, "s", "95th percentile"),
	COLUMN(response_p99_s, SECONDS, "s", "99th percentile"),
	COLUMN(net_delay_mean_s, SECONDS, "s", "mean of response less processing"),
	COLUMN(processing_mean_s, SECONDS, "s", "mean modelled compute time"),
	COLUMN(payload_bytes_hops, WHOLE, "bytes x links",
		"arguments, states and return values, times the links that each crossed"),
	COLUMN(wire_bytes, WHOLE, "bytes", "what the interfaces counted on all links"),
	COLUMN(drops, WHOLE, "frames", "dropped by full queues"),
	COLUMN(compared_jobs, COUNT, "jobs",
		"done under every strategy; the columns from here on are of these"),
	COLUMN(compared_mean_s, SECONDS, "s", "mean response time"),
	COLUMN(compared_confidence_s, SECONDS, "s",
		"half the width of its 95 % confidence interval (Student's t over the jobs)"),
	COLUMN(compared_p50_s, SECONDS, "s", "median"),
	COLUMN(compared_p95_s, SECONDS, "s", "95th percentile"),
	COLUMN(compared_p99_s, SECONDS, "s", "99th percentile"),
	COLUMN(compared_bytes_hops, WHOLE, "bytes x links",
		"payload, times the links that each crossed"),
	COLUMN(later_mean_s, SECONDS, "s",
		"how much later than under the fastest strategy the same job was done, mean"),
	COLUMN(later_confidence_s, SECONDS, "s",
		"half the width of its 95 % confidence interval (paired by job)"),
	COLUMN(sending_s, SECONDS, "s",
		PART
		"putting the payload on the links (closed form, other_paths_s and pipelining)"),
	COLUMN(propagation_s, SECONDS, "s", PART "the links' delays"),
	COLUMN(queueing_s, SECONDS, "s", PART "waiting for other jobs' transfers"),
	COLUMN(tcp_start_s, SECONDS, "s", PART "handshakes and slow start"),
	COLUMN(headers_s, SECONDS, "s", PART "heads of frames and messages, acknowledgements"),
	COLUMN(starting_s, SECONDS, "s", PART "waiting in nodes' queues, and cold starts"),
	COLUMN(retries_s, SECONDS, "s", PART "waiting for answers that did not come, and retries"),
	COLUMN(link_changes_s, SECONDS, "s", PART "links down, slower or later than at the start"),
	COLUMN(retransmissions_s, SECONDS, "s", PART "packets that were lost and sent again"),
	COLUMN(window_s, SECONDS, "s", PART "waiting for acknowledgements, beyond slow start"),
	COLUMN(queue_waits_s, SECONDS, "s",
		PART "packets in queues, beyond fair shares; negative: less than these"),
	COLUMN(processing_s, SECONDS, "s", PART "modelled compute time"),
	COLUMN(unexplained_s, SECONDS, "s", PART "what is left"),
	COLUMN(overlap_s, SECONDS, "s",
		"time of transfers in these parts that was hidden behind computing: the parts less "
		"this add up to `compared_mean_s`"),
	COLUMN(fidelity, TEXT, "",
		"virtual, ok, degraded: why the figures are not valid, or unknown: why nobody can "
		"vouch for them"),
	COLUMN(vain_s, SECONDS, "s",
		PART "runs in vain, because another change of a state that outlives jobs was "
		     "first"),
};
SFE_REPORT_TABLE(
	table_with_vain, "strategies.csv", "a strategy", columns, struct sfe_report_strategy_row);
/* Of runs without states that outlive jobs. */
static const struct sfe_table table = {.file = "strategies.csv",
	.a_row = "a strategy",
	.columns = columns,
	.n_columns = sizeof(columns) / sizeof(columns[0]) - 1,
	.row_size = sizeof(struct sfe_report_strategy_row)};

/* The jobs by number, and for each the index of its row under each strategy, or -1. */
struct matrix {
	unsigned n; /* different jobs */
	uint32_t *number;
	int *row; /* n rows of SFE_REPORT_MAX_STRATEGIES */
};

static int ascending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static int make_matrix(
	const struct sfe_report_run *run, const struct sfe_report_strategies *s, struct matrix *m)
{
	size_t n = run->jobs.n;

	m->number = calloc(n + 1, sizeof(*m->number));
	m->row = malloc((n + 1) * SFE_REPORT_MAX_STRATEGIES * sizeof(*m->row));
	if (!m->number || !m->row)
		return -ENOMEM;
	memset(m->row, 0xff, (n + 1) * SFE_REPORT_MAX_STRATEGIES * sizeof(*m->row));
	for (size_t i = 0; i < n; i++)
		m->number[i] = sfe_report_job(run, (unsigned)i)->job;
	qsort(m->number, n, sizeof(*m->number), ascending);
	for (size_t i = 0; i < n; i++)
		if (!i || m->number[i] != m->number[i - 1])
			m->number[m->n++] = m->number[i];
	for (size_t i = 0; i < n; i++) {
		const struct sfe_job_row *job = sfe_report_job(run, (unsigned)i);
		const uint32_t *at =
			bsearch(&job->job, m->number, m->n, sizeof(*m->number), ascending);
		for (unsigned k = 0; k < s->n; k++)
			if (!strcmp(s->name[k], job->strategy))
				m->row[(size_t)(at - m->number) * SFE_REPORT_MAX_STRATEGIES + k] =
					(int)i;
	}
	return 0;
}

/* The job's row under strategy k; NULL unless all n strategies have done the job. */
static const struct sfe_job_row *common(const struct sfe_report_run *run, const struct matrix *m,
	unsigned n, unsigned job, unsigned k)
{
	const int *row = m->row + (size_t)job * SFE_REPORT_MAX_STRATEGIES;

	for (unsigned i = 0; i < n; i++)
		if (row[i] < 0 || !sfe_report_done(sfe_report_job(run, (unsigned)row[i])))
			return NULL;
	return sfe_report_job(run, (unsigned)row[k]);
}

/* A column that a file of another version does not have is NaN, and counts as 0. */
static double or_zero(double x)
{
	return isnan(x) ? 0 : x;
}

static void add_parts(struct sfe_report_strategy_row *r, const struct sfe_job_row *j, double share)
{
	r->compared_mean_s += share * j->response_s;
	r->compared_bytes_hops += (double)j->payload_bytes_hops;
	r->sending_s +=
		share * (j->predicted_net_delay_s + j->pipelining_s + or_zero(j->other_paths_s));
	r->propagation_s += share * j->propagation_s;
	r->queueing_s += share * j->queueing_s;
	r->tcp_start_s += share * j->tcp_start_s;
	r->headers_s += share * j->headers_s;
	r->starting_s += share * or_zero(j->starting_s);
	r->processing_s += share * (j->processing_s - or_zero(j->starting_s));
	r->vain_s += share * or_zero(j->vain_s);
	r->overlap_s += share * or_zero(j->overlap_s);
	r->retries_s += share * or_zero(j->retries_s);
	r->link_changes_s += share * or_zero(j->link_changes_s);
	r->retransmissions_s += share * or_zero(j->retransmissions_s);
	r->window_s += share * or_zero(j->window_s);
	r->queue_waits_s += share * or_zero(j->queue_waits_s);
	r->unexplained_s += share * j->unexplained_s;
	/* In folders of before 2026-12 they are parts of it. */
	if (isnan(j->queue_waits_s))
		r->unexplained_s -= share * (or_zero(j->retransmissions_s) + or_zero(j->window_s));
}

static void compare_common(const struct sfe_report_run *run, const struct matrix *m,
	struct sfe_report_strategy_row *row, unsigned n, double *x)
{
	unsigned n_common = 0, best = 0;

	for (unsigned j = 0; j < m->n; j++)
		n_common += n && common(run, m, n, j, 0);
	for (unsigned k = 0; k < n; k++) {
		row[k].compared_jobs = n_common;
		for (unsigned j = 0; j < m->n; j++) {
			const struct sfe_job_row *job = common(run, m, n, j, k);
			if (job)
				add_parts(&row[k], job, 1.0 / n_common);
		}
		if (!n_common)
			row[k].compared_mean_s = NAN;
		if (row[k].compared_mean_s < row[best].compared_mean_s)
			best = k;
	}
	for (unsigned k = 0; k < n; k++) {
		unsigned i = 0;
		for (unsigned j = 0; j < m->n; j++) {
			const struct sfe_job_row *job = common(run, m, n, j, k);
			if (job)
				x[i++] = job->response_s - common(run, m, n, j, best)->response_s;
		}
		row[k].later_mean_s = sfe_mean(x, i);
		row[k].later_confidence_s = sfe_confidence_95(x, i);
		for (unsigned j = i = 0; j < m->n; j++) {
			const struct sfe_job_row *job = common(run, m, n, j, k);
			if (job)
				x[i++] = job->response_s;
		}
		row[k].compared_confidence_s = sfe_confidence_95(x, i);
		sfe_sort(x, i);
		row[k].compared_p50_s = sfe_quantile(x, i, 0.5);
		row[k].compared_p95_s = sfe_quantile(x, i, 0.95);
		row[k].compared_p99_s = sfe_quantile(x, i, 0.99);
	}
}

/* Fills the columns of one strategy alone: its jobs, and the counters of the links. */
static void one_strategy(
	const struct sfe_report_run *run, struct sfe_report_strategy_row *row, double *x)
{
	const struct sfe_summary *summary = run->summary.row;
	unsigned n = 0;

	for (unsigned i = 0; i < run->jobs.n; i++) {
		const struct sfe_job_row *job = sfe_report_job(run, i);
		if (strcmp(job->strategy, row->strategy))
			continue;
		row->jobs++;
		row->payload_bytes_hops += (double)job->payload_bytes_hops;
		if (!sfe_report_done(job))
			continue;
		row->net_delay_mean_s += job->net_delay_s;
		row->processing_mean_s += job->processing_s;
		x[n++] = job->response_s;
	}
	row->done = n;
	row->net_delay_mean_s /= n; /* NaN if no job was done */
	row->processing_mean_s /= n;
	row->response_mean_s = sfe_mean(x, n);
	row->response_confidence_s = sfe_confidence_95(x, n);
	sfe_sort(x, n);
	row->response_p50_s = sfe_quantile(x, n, 0.5);
	row->response_p95_s = sfe_quantile(x, n, 0.95);
	row->response_p99_s = sfe_quantile(x, n, 0.99);
	row->wire_bytes = row->drops = NAN;
	for (unsigned i = 0; i < run->summary.n; i++)
		if (!strcmp(summary[i].strategy, row->strategy)) {
			row->wire_bytes = summary[i].wire_bytes;
			row->drops = summary[i].drops;
			snprintf(row->fidelity, sizeof(row->fidelity), "%s", summary[i].fidelity);
		}
}

int sfe_report_compared(const struct sfe_report_run *run, bool *of_row)
{
	struct sfe_report_strategies s;
	struct matrix m = {0};

	sfe_report_strategies_of(run, &s);
	int r = make_matrix(run, &s, &m);
	for (unsigned j = 0; j < m.n && !r; j++)
		for (unsigned k = 0; k < s.n; k++) {
			const struct sfe_job_row *job = common(run, &m, s.n, j, k);
			if (job)
				of_row[job - sfe_report_job(run, 0)] = true;
		}
	free(m.number);
	free(m.row);
	return r;
}

int sfe_report_compare(const struct sfe_report_run *run, struct sfe_rows *rows)
{
	struct sfe_report_strategies s;
	struct matrix m = {0};

	*rows = (struct sfe_rows){.table = run->shared.n ? &table_with_vain : &table};
	sfe_report_strategies_of(run, &s);
	double *x = calloc((size_t)run->jobs.n + 1, sizeof(*x));
	int r = x ? make_matrix(run, &s, &m) : -ENOMEM;
	for (unsigned k = 0; k < s.n && !r; k++) {
		struct sfe_report_strategy_row *row = sfe_rows_add(rows);
		if (!row) {
			r = -ENOMEM;
			break;
		}
		snprintf(row->strategy, sizeof(row->strategy), "%s", s.name[k]);
		one_strategy(run, row, x);
	}
	if (!r)
		compare_common(run, &m, rows->row, rows->n, x);
	free(m.number);
	free(m.row);
	free(x);
	return r;
}
