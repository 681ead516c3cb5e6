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
	COLUMN(overwritten, BIG, "changes", "that the last version does not have"),
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

/* The changes that the last version before a state begins anew, or of all, does not have. One that
 * came from a replica goes on with the changes of that one. x: the n accesses of one state. */
static uint64_t overwritten(access_row *const *x, unsigned n)
{
	access_row *last = NULL;
	uint64_t sum = 0;

	for (unsigned i = 0; i < n; i++) {
		if (!strcmp(x[i]->outcome, "written") || is_restored(x[i]))
			last = x[i];
		bool ends = i + 1 == n || strcmp(x[i]->instance, x[i + 1]->instance) != 0 ||
			    (x[i]->epoch != x[i + 1]->epoch && !is_restored(x[i + 1]));
		if (ends && last && last->version_made > last->kept)
			sum += last->version_made - last->kept;
		if (ends)
			last = NULL;
	}
	return sum;
}

static int add_state(access_row *const *x, unsigned n, struct sfe_rows *rows)
{
	struct state_row *row = sfe_rows_add(rows);

	if (!row)
		return -ENOMEM;
	*row = (struct state_row){.overwritten = overwritten(x, n)};
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
