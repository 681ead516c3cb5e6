/* SPDX-License-Identifier: MIT */
#include "emu/results/ordered_jobs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/text.h"
#include "emu/results/results_read.h"
#include "emu/results/table_columns.h"
#include "emu/security/beneath.h"

struct instance {
	char state[SFE_MAX_NAME + 1], instance[SFE_NAME_BYTES];
};

struct reading {
	struct instance *changed; /* sorted once all are there */
	uint32_t n, room;
	struct sfe_ordered_jobs *jobs;
	bool failed; /* out of memory */
};

static int by_name(const void *a, const void *b)
{
	const struct instance *x = a, *y = b;
	int order = strcmp(x->state, y->state);

	return order ? order : strcmp(x->instance, y->instance);
}

static int by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static struct instance instance_of(const struct sfe_shared_row *row)
{
	struct instance i = {0};

	memcpy(i.state, row->state, sizeof(i.state));
	memcpy(i.instance, row->instance, sizeof(i.instance));
	return i;
}

/* Rows of an instance follow each other. */
static bool note_change(void *arg, const void *row)
{
	const struct sfe_shared_row *x = row;
	struct reading *r = arg;

	if (r->failed || strcmp(x->outcome, "written") != 0)
		return false;
	const struct instance own = instance_of(x);
	if (r->n && !by_name(&r->changed[r->n - 1], &own))
		return false;
	r->failed = sfe_grow(&r->changed, &r->room, r->n + 1, sizeof(*r->changed));
	if (!r->failed)
		r->changed[r->n++] = own;
	return false;
}

static bool note_job(void *arg, const void *row)
{
	const struct sfe_shared_row *x = row;
	struct reading *r = arg;
	struct sfe_ordered_jobs *jobs = r->jobs;
	bool told = !strcmp(x->outcome, "read") || !strcmp(x->outcome, "absent") ||
		    !strcmp(x->outcome, "conflict");

	if (r->failed || !told || (jobs->n && jobs->number[jobs->n - 1] == x->job))
		return false;
	const struct instance own = instance_of(x);
	if (!bsearch(&own, r->changed, r->n, sizeof(*r->changed), by_name))
		return false;
	r->failed = sfe_grow(&jobs->number, &jobs->room, jobs->n + 1, sizeof(*jobs->number));
	if (!r->failed)
		jobs->number[jobs->n++] = x->job;
	return false;
}

static int look(int dir, sfe_table_wanted_fn *at, struct reading *r, struct sfe_error *err)
{
	int code = sfe_results_each_row(dir, &sfe_shared_csv, at, r, err);

	return !code && r->failed ? sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory") : code;
}

/* In ascending order, each once: several strategies may tell of the same job. */
static void sort_jobs(struct sfe_ordered_jobs *jobs)
{
	uint32_t distinct = 0;

	if (jobs->n)
		qsort(jobs->number, jobs->n, sizeof(*jobs->number), by_number);
	for (uint32_t i = 0; i < jobs->n; i++)
		if (!i || jobs->number[i] != jobs->number[i - 1])
			jobs->number[distinct++] = jobs->number[i];
	jobs->n = distinct;
}

int sfe_ordered_jobs_read(struct sfe_ordered_jobs *jobs, int dir, struct sfe_error *err)
{
	struct reading r = {.jobs = jobs};

	*jobs = (struct sfe_ordered_jobs){0};
	if (!sfe_beneath_exists(dir, sfe_shared_csv.file))
		return 0;
	int code = look(dir, note_change, &r, err);
	if (!code && r.n) {
		qsort(r.changed, r.n, sizeof(*r.changed), by_name);
		code = look(dir, note_job, &r, err);
	}
	sort_jobs(jobs);
	free(r.changed);
	return code;
}

bool sfe_ordered_jobs_have(const struct sfe_ordered_jobs *jobs, uint32_t number)
{
	return jobs->n && bsearch(&number, jobs->number, jobs->n, sizeof(*jobs->number), by_number);
}

void sfe_ordered_jobs_free(struct sfe_ordered_jobs *jobs)
{
	free(jobs->number);
	*jobs = (struct sfe_ordered_jobs){0};
}
