/* SPDX-License-Identifier: MIT */
/* What became of the accesses to states that outlive jobs. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "emu/report/figures.h"

typedef const struct sfe_shared_row access_row;

struct state_row {
	char strategy[SFE_STRATEGY_BYTES], state[SFE_MAX_NAME + 1], scope[16],
		workflow[SFE_MAX_NAME + 1];
	uint32_t instances;
	uint64_t reads, changes, conflicts, overwritten, begun_anew, restored, vain_operations,
		vain_bytes;
	double vain_processing_s;
};

#define COLUMN(field, cell, unit, meaning)                                                         \
	SFE_COLUMN(struct state_row, field, SFE_CELL_##cell, unit, meaning)
static const struct sfe_column columns[] = {
	COLUMN(strategy, TEXT, "", "where the states were"),
	COLUMN(state, TEXT, "", "the state"),
	COLUMN(scope, TEXT, "", "client, function or global"),
	COLUMN(workflow, TEXT, "", "whose state it is; empty: global"),
	COLUMN(instances, COUNT, "states", "of the clients or functions that used it; global: 1"),
	COLUMN(reads, BIG, "reads", "by steps"),
	COLUMN(changes, BIG, "changes", "that took effect"),
	COLUMN(conflicts, BIG, "conflicts",
		"changes that were refused, because another one was first"),
	COLUMN(overwritten, BIG, "changes",
		"that the last version does not have; also those that an older replica lacked, and "
		"that were not made again"),
	COLUMN(begun_anew, BIG, "states", "that began anew after a crash of their home"),
	COLUMN(restored, BIG, "states", "that came from a replica after a crash of their home"),
	COLUMN(vain_operations, BIG, "operations", "of runs in vain, which conflicts had refused"),
	COLUMN(vain_processing_s, SECONDS, "s", "their compute time"),
	COLUMN(vain_bytes, BIG, "bytes", "of such states that travelled for them"),
};
SFE_REPORT_TABLE(table, "shared.csv", "a state that outlives jobs under a strategy", columns,
	struct state_row);

/* 0: the same state, in as many instances as there are. */
static int compare_states(access_row *x, access_row *y)
{
	int order = strcmp(x->strategy, y->strategy);

	order = order ? order : strcmp(x->state, y->state);
	order = order ? order : strcmp(x->scope, y->scope);
	return order || !strcmp(x->scope, "global") ? order : strcmp(x->workflow, y->workflow);
}

/* By state, instance and epoch; in each in the order of the file, which is that of the home. */
static int by_state(const void *a, const void *b)
{
	access_row *x = *(access_row *const *)a, *y = *(access_row *const *)b;
	int order = compare_states(x, y);

	order = order ? order : strcmp(x->instance, y->instance);
	if (order)
		return order;
	if (x->epoch != y->epoch)
		return x->epoch < y->epoch ? -1 : 1;
	return (x > y) - (x < y);
}

static bool is_restored(access_row *x)
{
	return !strcmp(x->outcome, "restored");
}

static void add(struct state_row *row, access_row *x)
{
	row->reads += !strcmp(x->outcome, "read");
	row->changes += !strcmp(x->outcome, "written");
	row->conflicts += !strcmp(x->outcome, "conflict");
	row->begun_anew += !strcmp(x->outcome, "begun anew");
	row->restored += is_restored(x);
	row->vain_operations += x->vain_operations;
	row->vain_bytes += x->vain_bytes;
	if (isfinite(x->vain_processing_s))
		row->vain_processing_s += x->vain_processing_s;
}

struct change { /* that took effect */
	access_row *row;
	unsigned beginning; /* of the state: it begins anew with another one */
};

static int by_change(const void *a, const void *b)
{
	const struct change *p = a, *q = b;
	access_row *x = p->row, *y = q->row;
	const uint64_t k[][2] = {{p->beginning, q->beginning}, {x->job, y->job}, {x->step, y->step},
		{x->change, y->change}};

	for (size_t i = 0; i < sizeof(k) / sizeof(k[0]); i++)
		if (k[i][0] != k[i][1])
			return k[i][0] < k[i][1] ? -1 : 1;
	return strcmp(x->call, y->call);
}

/* The beginning of the version that a replica had; `now` if the file does not say it. */
static unsigned beginning_of(const struct change *c, unsigned n, access_row *restored, unsigned now)
{
	while (n--)
		if (c[n].row->version_made == restored->version_made &&
			c[n].row->digest == restored->digest)
			return c[n].beginning;
	return now;
}

/*
 * The changes that the last version of each beginning of an instance does not have. One that came
 * from a replica goes on with the changes of that one; what that lacks counts, unless it was made
 * again. x: its n accesses; c, kept: room for n changes, and for n + 1 beginnings.
 */
static uint64_t overwritten_of(access_row *const *x, unsigned n, struct change *c, uint64_t *kept)
{
	unsigned n_changes = 0, beginning = 0, beginnings = 1;
	uint64_t sum = 0;

	kept[0] = 0;
	for (unsigned i = 0; i < n; i++) {
		bool written = !strcmp(x[i]->outcome, "written");
		if (!strcmp(x[i]->outcome, "begun anew"))
			kept[beginning = beginnings++] = 0;
		if (is_restored(x[i]))
			beginning = beginning_of(c, n_changes, x[i], beginning);
		if (is_restored(x[i]) || written)
			kept[beginning] = x[i]->kept;
		if (written)
			c[n_changes++] = (struct change){x[i], beginning};
	}
	if (n_changes)
		qsort(c, n_changes, sizeof(*c), by_change);
	for (unsigned i = 0, last; i < n_changes; i = last) {
		uint64_t different = 0;
		for (last = i; last < n_changes && c[last].beginning == c[i].beginning; last++)
			different += last == i || by_change(&c[last - 1], &c[last]) != 0;
		if (different > kept[c[i].beginning])
			sum += different - kept[c[i].beginning];
	}
	return sum;
}

/* The same of all instances of a state. */
static int overwritten(access_row *const *x, unsigned n, uint64_t *sum)
{
	struct change *c = calloc(n, sizeof(*c));
	uint64_t *kept = calloc((size_t)n + 1, sizeof(*kept));

	*sum = 0;
	for (unsigned i = 0, end; c && kept && i < n; i = end) {
		for (end = i; end < n && !strcmp(x[i]->instance, x[end]->instance); end++)
			;
		*sum += overwritten_of(x + i, end - i, c, kept);
	}
	int r = c && kept ? 0 : -ENOMEM;
	free(c);
	free(kept);
	return r;
}

static int add_state(access_row *const *x, unsigned n, struct sfe_rows *rows)
{
	struct state_row *row = sfe_rows_add(rows);

	if (!row)
		return -ENOMEM;
	*row = (struct state_row){0};
	if (overwritten(x, n, &row->overwritten))
		return -ENOMEM;
	snprintf(row->strategy, sizeof(row->strategy), "%s", x[0]->strategy);
	snprintf(row->state, sizeof(row->state), "%s", x[0]->state);
	snprintf(row->scope, sizeof(row->scope), "%s", x[0]->scope);
	if (strcmp(row->scope, "global") != 0)
		snprintf(row->workflow, sizeof(row->workflow), "%s", x[0]->workflow);
	for (unsigned i = 0; i < n; i++) {
		row->instances += !i || strcmp(x[i]->instance, x[i - 1]->instance) != 0;
		add(row, x[i]);
	}
	return 0;
}

int sfe_report_shared(const struct sfe_report_run *run, struct sfe_rows *rows)
{
	access_row *all = run->shared.row, **x = calloc((size_t)run->shared.n + 1, sizeof(*x));
	unsigned n = run->shared.n, end;
	int r = x ? 0 : -ENOMEM;

	*rows = (struct sfe_rows){.table = &table};
	for (unsigned i = 0; x && i < n; i++)
		x[i] = &all[i];
	if (x && n)
		qsort(x, n, sizeof(*x), by_state);
	for (unsigned i = 0; i < n && !r; i = end) {
		for (end = i; end < n && !compare_states(x[i], x[end]); end++)
			;
		r = add_state(x + i, end - i, rows);
	}
	free(x);
	return r;
}
