/* SPDX-License-Identifier: MIT */
/* Response time and traffic of jobs by their number of invocations and by the bytes of their
 * states.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "emu/report/figures.h"
#include "sfemu/statistics.h"

#define STATE_CLASSES 5u

struct group_row {
	char by[16], strategy[SFE_STRATEGY_BYTES];
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
	COLUMN(jobs, COUNT, "jobs", "of this kind that every strategy has done"),
	COLUMN(response_mean_s, SECONDS, "s", "mean response time"),
	COLUMN(response_confidence_s, SECONDS, "s",
		"half the width of its 95 % confidence interval; empty of one job"),
	COLUMN(payload_bytes_hops_mean, WHOLE, "bytes x links",
		"mean payload of a job, times the links that it crossed"),
	COLUMN(payload_bytes_hops_confidence, WHOLE, "bytes x links",
		"half the width of its 95 % confidence interval; empty of one job"),
};
SFE_REPORT_TABLE(table, "groups.csv", "jobs of a kind under a strategy", columns, struct group_row);

struct member { /* a job that counts: its strategy, its group and the index of its row */
	unsigned strategy, group, job;
};

struct grouping {
	const struct sfe_report_run *run;
	const char *by;
	double (*value)(const struct sfe_job_row *);
	struct sfe_report_strategies strategies;
	bool *compared; /* per row of jobs: it counts */
	/* Each has room for all jobs. low and high are the limits of the groups, ascending. */
	double *response, *bytes, *low, *high;
	struct member *member;
	unsigned n_groups, n_members;
};

static double chain(const struct sfe_job_row *job)
{
	return job->steps;
}

static double states(const struct sfe_job_row *job)
{
	return (double)job->state_bytes;
}

/* The group of a value; n_groups: none. */
static unsigned group_of(const struct grouping *g, double value)
{
	unsigned first = 0, end = g->n_groups;

	while (first < end) { /* the first group whose upper limit is not below the value */
		unsigned middle = first + (end - first) / 2;
		if (g->high[middle] < value)
			first = middle + 1;
		else
			end = middle;
	}
	return first < g->n_groups && g->low[first] <= value ? first : g->n_groups;
}

static int by_group(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	if (x->strategy != y->strategy)
		return x->strategy < y->strategy ? -1 : 1;
	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	return x->job < y->job ? -1 : x->job > y->job;
}

static void sort_members(struct grouping *g)
{
	g->n_members = 0;
	for (unsigned i = 0; i < g->run->jobs.n; i++) {
		const struct sfe_job_row *job = sfe_report_job(g->run, i);
		struct member m = {
			.job = i, .strategy = sfe_report_strategy(&g->strategies, job->strategy)};
		if (!g->compared[i] || m.strategy == g->strategies.n)
			continue;
		m.group = group_of(g, g->value(job));
		if (m.group < g->n_groups)
			g->member[g->n_members++] = m;
	}
	if (g->n_members)
		qsort(g->member, g->n_members, sizeof(*g->member), by_group);
}

/* Adds the row of a group, whose members are the n from m on. */
static int add_group(
	const struct grouping *g, const struct member *m, unsigned n, struct sfe_rows *rows)
{
	double sum = 0;

	for (unsigned i = 0; i < n; i++) {
		const struct sfe_job_row *job = sfe_report_job(g->run, m[i].job);
		sum += g->value(job);
		g->response[i] = job->response_s;
		g->bytes[i] = (double)job->payload_bytes_hops;
	}
	struct group_row *row = sfe_rows_add(rows);
	if (!row)
		return -ENOMEM;
	*row = (struct group_row){.from = g->low[m->group],
		.to = g->high[m->group],
		.mean = sum / n,
		.jobs = n,
		.response_mean_s = sfe_mean(g->response, n),
		.response_confidence_s = sfe_confidence_95(g->response, n),
		.payload_bytes_hops_mean = sfe_mean(g->bytes, n),
		.payload_bytes_hops_confidence = sfe_confidence_95(g->bytes, n)};
	snprintf(row->by, sizeof(row->by), "%s", g->by);
	snprintf(row->strategy, sizeof(row->strategy), "%s", g->strategies.name[m->strategy]);
	return 0;
}

/* The values of the jobs that count, ascending; with `different` each value once. */
static unsigned values(const struct grouping *g, double *out, bool different)
{
	unsigned n = 0, kept = 0;

	for (unsigned i = 0; i < g->run->jobs.n; i++)
		if (g->compared[i])
			out[n++] = g->value(sfe_report_job(g->run, i));
	sfe_sort(out, n);
	for (unsigned i = 0; i < n; i++)
		if (!different || !i || out[i] != out[i - 1])
			out[kept++] = out[i];
	return kept;
}

/* Makes groups of about the same number of jobs each. */
static void make_classes(struct grouping *g, double *x)
{
	unsigned all = values(g, x, false);

	for (unsigned c = 0; c < STATE_CLASSES; c++) {
		g->low[c] = x[(size_t)all * c / STATE_CLASSES];
		g->high[c] = x[(size_t)all * (c + 1) / STATE_CLASSES - 1];
		if (c && g->low[c] <= g->high[c - 1])
			g->low[c] = nextafter(g->high[c - 1], INFINITY);
	}
	g->n_groups = STATE_CLASSES;
}

static int add_groups(struct grouping *g, double *x, bool classes, struct sfe_rows *rows)
{
	int r = 0;

	g->n_groups = values(g, x, true);
	if (classes && g->n_groups > STATE_CLASSES) {
		make_classes(g, x);
	} else {
		memcpy(g->low, x, g->n_groups * sizeof(*x));
		memcpy(g->high, x, g->n_groups * sizeof(*x));
	}
	sort_members(g);
	for (unsigned first = 0, end; first < g->n_members && !r; first = end) {
		const struct member *m = &g->member[first];
		for (end = first + 1; end < g->n_members &&
				      g->member[end].strategy == m->strategy &&
				      g->member[end].group == m->group;)
			end++;
		r = add_group(g, m, end - first, rows);
	}
	return r;
}

int sfe_report_groups(const struct sfe_report_run *run, struct sfe_rows *rows)
{
	size_t n = (size_t)run->jobs.n + STATE_CLASSES;
	double *x = calloc(5 * n, sizeof(*x));
	struct grouping g = {.run = run,
		.response = x + n,
		.bytes = x + 2 * n,
		.low = x + 3 * n,
		.high = x + 4 * n,
		.compared = calloc(n, sizeof(*g.compared)),
		.member = calloc(n, sizeof(*g.member))};
	int r = x && g.member && g.compared ? sfe_report_compared(run, g.compared) : -ENOMEM;

	*rows = (struct sfe_rows){.table = &table};
	sfe_report_strategies_of(run, &g.strategies);
	g.by = "chain";
	g.value = chain;
	r = r ? r : add_groups(&g, x, false, rows);
	g.by = "states";
	g.value = states;
	r = r ? r : add_groups(&g, x, true, rows);
	free(g.compared);
	free(g.member);
	free(x);
	return r;
}
