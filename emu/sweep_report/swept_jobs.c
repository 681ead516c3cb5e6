/* SPDX-License-Identifier: MIT */
#include "emu/sweep_report/swept_jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/measure/fidelity.h"
#include "emu/model/base/printable.h"
#include "emu/results/results_read.h"
#include "emu/results/summary.h"
#include "emu/results/table_columns.h"
#include "emu/security/beneath.h"

static int by_number(const void *a, const void *b)
{
	const struct sfe_swept_job *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

/* A time that no run can have counts as that of a job that was not done. */
static void take_job(const struct sfe_job_row *row, struct sfe_swept_job *job)
{
	*job = (struct sfe_swept_job){.number = row->job,
		.steps = row->steps,
		.state_bytes = (double)row->state_bytes,
		.response_s = row->response_s,
		.payload_bytes_hops = (double)row->payload_bytes_hops,
		.done = !strcmp(row->status, "done") && row->response_s >= 0 &&
			row->response_s < 1e12};
}

static int take_jobs(const struct sfe_job_row *rows, unsigned n, struct sfe_cell_jobs *r)
{
	r->job = calloc((size_t)n + 1, sizeof(*r->job));
	if (!r->job)
		return -ENOMEM;
	for (unsigned i = 0; i < n; i++)
		take_job(&rows[i], &r->job[i]);
	qsort(r->job, n, sizeof(*r->job), by_number);
	for (unsigned i = 0; i < n; i++)
		if (!i || r->job[i].number != r->job[r->n - 1].number)
			r->job[r->n++] = r->job[i];
	return 0;
}

static int read_jobs(int cell, const struct sfe_combination *c, struct sfe_swept_reading *reading,
	struct sfe_cell_jobs *r, char *why, size_t size)
{
	uint64_t room = SFE_SWEPT_MAX_HELD_JOBS - c->held;
	struct sfe_error err = {0};
	void *rows = NULL;
	unsigned n = 0;

	if (room > SFE_SWEPT_MAX_JOBS - reading->jobs)
		room = SFE_SWEPT_MAX_JOBS - reading->jobs;
	room *= sizeof(struct sfe_job_row);
	/* A cell has less than this many jobs, or its folder is not one of a sweep's. */
	if (room > 1ull << 29)
		room = 1ull << 29;
	int code = sfe_results_read_rest(cell, &sfe_jobs_csv, &room, &rows, &n, why, size, &err);
	if (code && code != -ENOMEM)
		snprintf(why, size, "%s: %s", err.where, err.what);
	else if (!code && !why[0])
		code = take_jobs(rows, n, r);
	free(rows);
	return code == -ENOMEM ? code : 0;
}

static void take_shared(const struct sfe_summary *row, struct sfe_cell_jobs *r)
{
	bool any = !isnan(row->vain_s) || row->shared_changes || row->shared_conflicts;

	r->runs_in_vain = any ? (double)row->runs_in_vain : NAN;
	r->vain_operations = any ? (double)row->vain_operations : NAN;
	r->overwritten = any ? (double)row->shared_overwritten : NAN;
}

static int read_summary(int cell, struct sfe_swept_reading *reading, struct sfe_cell_jobs *r,
	char *why, size_t size)
{
	struct sfe_summary *rows = NULL;
	struct sfe_error err = {0};
	unsigned n = 0;
	int code = sfe_summary_read(cell, &rows, &n, &err);

	if (code)
		snprintf(why, size, "%s: %s", err.where, err.what);
	else if (n != 1)
		snprintf(why, size, "summary.csv has %u rows and not 1", n);
	else {
		r->wire_bytes = rows[0].wire_bytes >= 0 ? rows[0].wire_bytes : NAN;
		take_shared(&rows[0], r);
		reading->shared |= !isnan(r->runs_in_vain);
		reading->not_valid += sfe_fidelity_why(rows[0].fidelity) != NULL;
	}
	free(rows);
	return code == -ENOMEM ? code : 0;
}

static int read_cell(struct sfe_swept_reading *reading, struct sfe_swept_cell *cell,
	struct sfe_combination *c, struct sfe_cell_jobs *r)
{
	char why[1000] = "";
	int dir = sfe_beneath_open(reading->dir, cell->folder, O_RDONLY | O_DIRECTORY, 0);
	int code = 0;

	if (dir < 0)
		snprintf(why, sizeof(why), "its folder cannot be opened: %s", strerror(-dir));
	else
		code = read_jobs(dir, c, reading, r, why, sizeof(why));
	if (!code && !why[0])
		code = read_summary(dir, reading, r, why, sizeof(why));
	if (dir >= 0)
		close(dir);
	if (code)
		return code;
	if (why[0]) {
		free(r->job);
		*r = (struct sfe_cell_jobs){0};
		cell->state = SFE_SWEPT_UNREADABLE;
		cell->why = strdup(sfe_make_printable(why));
		return cell->why ? 0 : -ENOMEM;
	}
	r->there = true;
	c->held += r->n;
	reading->jobs += r->n;
	return 0;
}

int sfe_combination_read(struct sfe_swept_reading *reading, struct sfe_swept *s,
	uint32_t combination, struct sfe_combination *c)
{
	uint32_t first = sfe_swept_first(s, combination);
	int code = 0;

	*c = (struct sfe_combination){.n = s->n_cells / sfe_swept_combinations(s)};
	c->replication = calloc(c->n, sizeof(*c->replication));
	if (!c->replication)
		return -ENOMEM;
	for (uint32_t i = 0; i < c->n && !code; i++)
		if (s->cell[first + i].state == SFE_SWEPT_DONE)
			code = read_cell(reading, &s->cell[first + i], c, &c->replication[i]);
	return code;
}

void sfe_combination_free(struct sfe_combination *c)
{
	for (uint32_t i = 0; i < c->n && c->replication; i++)
		free(c->replication[i].job);
	free(c->replication);
}
