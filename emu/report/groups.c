/* SPDX-License-Identifier: MIT */
/* Response time and traffic by what jobs are: length of their chain, bytes of their states. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "emu/report/figures.h"
#include "sfemu/statistics.h"

#define STATE_CLASSES 5u

struct group_row {
	char by[16], strategy[32];
	double from, to, mean;
	uint32_t jobs;
	double response_mean_s, response_confidence_s;
	double payload_bytes_hops_mean, payload_bytes_hops_confidence;
};

#define COLUMN(field, cell, unit, meaning)                                                         \
	SFE_COLUMN(struct group_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column columns[] = {
	COLUMN(by, TEXT, "", "chain: invocations of a job; states: bytes of all its states"),
	COLUMN(strategy, TEXT, "", "where the states were"),
	COLUMN(from, WHOLE, "invocations or bytes", "the least in this group"),
	COLUMN(to, WHOLE, "invocations or bytes", "the most in this group"),
	COLUMN(mean, WHOLE, "invocations or bytes", "the mean in this group"),
	COLUMN(jobs, COUNT, "jobs", "done"),
	COLUMN(response_mean_s, SECONDS, "s", "mean response time"),
	COLUMN(response_confidence_s, SECONDS, "s",
		"half the width of its 95 % confidence interval; empty of one job"),
	COLUMN(payload_bytes_hops_mean, WHOLE, "bytes x links",
		"mean payload of a job, times the links that it crossed"),
	COLUMN(payload_bytes_hops_confidence, WHOLE, "bytes x links",
		"half the width of its 95 % confidence interval; empty of one job"),
};
SFE_REPORT_TABLE(table, "groups.csv", "jobs of a kind under a strategy", columns, struct group_row);

struct grouping {
	const struct sfe_report_run *run;
	const char *by;
	double (*value)(const struct sfe_job_row *);
	double *response, *bytes; /* room for every job */
};

static double chain(const struct sfe_job_row *job)
{
	return job->steps;
}

static double states(const struct sfe_job_row *job)
{
	return (double)job->state_bytes;
}

/* Jobs of a strategy with from <= value <= to. */
static int add_group(const struct grouping *g, const char *strategy, double from, double to,
	struct sfe_rows *rows)
{
	double sum = 0;
	unsigned n = 0;

	for (unsigned i = 0; i < g->run->jobs.n; i++) {
		const struct sfe_job_row *job = sfe_report_job(g->run, i);
		double v = g->value(job);
		if (strcmp(job->strategy, strategy) || !sfe_report_done(job) || v < from || v > to)
			continue;
		sum += v;
		g->response[n] = job->response_s;
		g->bytes[n++] = (double)job->payload_bytes_hops;
	}
	if (!n)
		return 0;
	struct group_row *row = sfe_rows_add(rows);
	if (!row)
		return -ENOMEM;
	*row = (struct group_row){.from = from,
		.to = to,
		.mean = sum / n,
		.jobs = n,
		.response_mean_s = sfe_mean(g->response, n),
		.response_confidence_s = sfe_confidence_95(g->response, n),
		.payload_bytes_hops_mean = sfe_mean(g->bytes, n),
		.payload_bytes_hops_confidence = sfe_confidence_95(g->bytes, n)};
	snprintf(row->by, sizeof(row->by), "%s", g->by);
	snprintf(row->strategy, sizeof(row->strategy), "%s", strategy);
	return 0;
}

/* The different values of the jobs done, ascending. */
static unsigned values(const struct grouping *g, double *out, bool different)
{
	unsigned n = 0, kept = 0;

	for (unsigned i = 0; i < g->run->jobs.n; i++)
		if (sfe_report_done(sfe_report_job(g->run, i)))
			out[n++] = g->value(sfe_report_job(g->run, i));
	sfe_sort(out, n);
	for (unsigned i = 0; i < n; i++)
		if (!different || !i || out[i] != out[i - 1])
			out[kept++] = out[i];
	return kept;
}

static int add_groups(const struct grouping *g, double *x, bool classes, struct sfe_rows *rows)
{
	struct sfe_report_strategies s;
	unsigned n = values(g, x, true);
	double low[STATE_CLASSES + 1], high[STATE_CLASSES + 1];
	bool many = classes && n > STATE_CLASSES;
	int r = 0;

	sfe_report_strategies_of(g->run, &s);
	if (many) { /* of about the same number of jobs each */
		unsigned all = values(g, x, false);
		for (unsigned c = 0; c < STATE_CLASSES; c++) {
			low[c] = x[(size_t)all * c / STATE_CLASSES];
			high[c] = x[(size_t)all * (c + 1) / STATE_CLASSES - 1];
			if (c && low[c] <= high[c - 1])
				low[c] = nextafter(high[c - 1], INFINITY);
		}
		n = STATE_CLASSES;
	}
	for (unsigned k = 0; k < s.n; k++)
		for (unsigned i = 0; i < n && !r; i++)
			r = add_group(
				g, s.name[k], many ? low[i] : x[i], many ? high[i] : x[i], rows);
	return r;
}

int sfe_report_groups(const struct sfe_report_run *run, struct sfe_rows *rows)
{
	size_t n = (size_t)run->jobs.n + 1;
	double *x = calloc(3 * n, sizeof(*x));
	struct grouping g = {.run = run, .response = x + n, .bytes = x + 2 * n};

	*rows = (struct sfe_rows){.table = &table};
	if (!x)
		return -ENOMEM;
	g.by = "chain";
	g.value = chain;
	int r = add_groups(&g, x, false, rows);
	g.by = "states";
	g.value = states;
	if (!r)
		r = add_groups(&g, x, true, rows);
	free(x);
	return r;
}
