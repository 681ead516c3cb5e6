/* SPDX-License-Identifier: MIT */
#include "emu/guests/merge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/experiment/keep_check.h"
#include "emu/guests/merge_tables.h"
#include "emu/model/strategies/strategy_options.h"
#include "emu/results/ordered_jobs.h"
#include "emu/results/results_read.h"
#include "emu/results/table_columns.h"
#include "emu/results/trace_events.h"

#define HOSTS "hosts"

struct sfe_merge_job {
	uint32_t number, job;
};

static int by_number(const void *a, const void *b)
{
	const struct sfe_merge_job *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

int sfe_merge_begin(
	struct sfe_merge *m, const struct sfe_experiment *e, int dir, struct sfe_error *err)
{
	*m = (struct sfe_merge){.e = e,
		.dir = dir,
		.states = {.scenario = e->scenario,
			.dir = dir,
			.shared = e->shared.n > 0,
			.n_files = sfe_keep_files(e)}};
	int r = sfe_digests_open(&m->digests, e, err);

	r = r ? r : sfe_least_open(&m->least, e, err);

	m->jobs = calloc((size_t)e->n_jobs + 1, sizeof(*m->jobs));
	if (!r && !m->jobs)
		r = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	for (uint32_t j = 0; !r && j < e->n_jobs; j++)
		m->jobs[j] = (struct sfe_merge_job){e->jobs[j].job->number, j};
	if (!r && e->n_jobs)
		qsort(m->jobs, e->n_jobs, sizeof(*m->jobs), by_number);
	return r ? r : sfe_merged_captures_open(&m->captures, e, dir, err);
}

void sfe_merge_end(struct sfe_merge *m)
{
	sfe_digests_free(&m->digests);
	sfe_least_free(&m->least);
	free(m->jobs);
	sfe_merged_captures_free(&m->captures);
	sfe_merged_states_free(&m->states);
	*m = (struct sfe_merge){0};
}

/* ---- digests and response times of jobs */

struct comparison {
	struct sfe_merge *m;
	uint32_t strategy;
	const struct sfe_ordered_jobs *ordered;
	struct sfe_error *err;
	int code;
};

/* Looks at each row and keeps none. */
static bool compare_row(void *arg, const void *row)
{
	const struct sfe_job_row *job = row;
	struct comparison *c = arg;
	const struct sfe_merge_job wanted = {.number = job->job};

	if (c->code || strcmp(job->status, "done") != 0)
		return false;
	const struct sfe_merge_job *of =
		bsearch(&wanted, c->m->jobs, c->m->e->n_jobs, sizeof(*c->m->jobs), by_number);
	if (!of)
		return false;
	sfe_least_add(&c->m->least, c->strategy, of->job, job->response_s);
	if (!sfe_ordered_jobs_have(c->ordered, job->job))
		c->code = sfe_digests_add(&c->m->digests, of->job,
			c->m->e->scenario->strategies[c->strategy], job->digest, c->err);
	return false;
}

static int compare_jobs(struct sfe_merge *m, int part, uint32_t strategy,
	const struct sfe_ordered_jobs *ordered, struct sfe_error *err)
{
	struct comparison c = {.m = m, .strategy = strategy, .ordered = ordered, .err = err};
	struct sfe_error reading = {0};
	int r = sfe_results_each_row(part, &sfe_jobs_csv, compare_row, &c, &reading);

	/* What differs is more than what cannot be read after it. */
	if (!c.code && r)
		*err = reading;
	r = c.code ? c.code : r;
	return r ? r : sfe_least_end(&m->least, strategy, m->dir, err);
}

static int compare_digests(struct sfe_merge *m, int part, uint32_t strategy, struct sfe_error *err)
{
	struct sfe_ordered_jobs ordered;
	int r = sfe_ordered_jobs_read(&ordered, part, err);

	r = r ? r : compare_jobs(m, part, strategy, &ordered, err);
	sfe_ordered_jobs_free(&ordered);
	return r;
}

/* ---- all of a strategy */

int sfe_merge_add(
	struct sfe_merge *m, int part, uint32_t strategy, bool whole, struct sfe_error *err)
{
	struct sfe_error comparing = {0};
	char brief[SFE_STRATEGY_BYTES], name[SFE_STRATEGY_BYTES + 16];
	/* Before the tables are taken away. */
	int different = whole ? compare_digests(m, part, strategy, &comparing) : 0;
	int r = sfe_merge_tables(m->dir, part, err);

	sfe_strategy_short_name(m->e->scenario->strategies[strategy]->name, brief);
	snprintf(name, sizeof(name), "stderr.%s.txt", brief);
	r = r ? r : sfe_merge_copy(m->dir, part, name, err);
	r = r ? r : sfe_merge_copy(m->dir, part, HOSTS, err);
	r = r ? r : sfe_trace_append(m->dir, part, whole, err);
	r = r ? r : sfe_merge_states(&m->states, part, strategy, err);
	/* Of a run that failed the captures are wanted most. */
	struct sfe_error why = {0};
	int captures = r && whole ? 0 : sfe_merge_captures(&m->captures, part, whole, &why);
	if (!r && captures) {
		*err = why;
		r = captures;
	}
	if (!r && different)
		*err = comparing;
	return r ? r : different;
}
