/* SPDX-License-Identifier: MIT */
#include "emu/report/shared_sums.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "emu/results/results_read.h"
#include "emu/results/table_columns.h"

typedef const struct sfe_shared_row shared_row;

struct sums { /* of a strategy, whose rows follow each other */
	uint64_t changes, conflicts, overwritten, anew, operations, bytes;
};

static void add(struct sums *s, shared_row *row)
{
	s->changes += !strcmp(row->outcome, "written");
	s->conflicts += !strcmp(row->outcome, "conflict");
	s->anew += !strcmp(row->outcome, "begun anew");
	s->operations += row->vain_operations;
	s->bytes += row->vain_bytes;
}

/* By state: 0: the same. */
static int compare_states(shared_row *x, shared_row *y)
{
	int order = strcmp(x->state, y->state);

	order = order ? order : strcmp(x->scope, y->scope);
	order = order ? order : strcmp(x->instance, y->instance);
	if (order || !strcmp(x->scope, "global"))
		return order;
	return strcmp(x->workflow, y->workflow);
}

static int by_state_and_version(const void *a, const void *b)
{
	shared_row *x = *(shared_row *const *)a, *y = *(shared_row *const *)b;
	int order = compare_states(x, y);

	if (order)
		return order;
	if (x->epoch != y->epoch)
		return x->epoch < y->epoch ? -1 : 1;
	return x->version_made < y->version_made ? -1 : x->version_made > y->version_made;
}

/* The changes that the last version of a state does not have, of all states. */
static int count_overwritten(shared_row *rows, unsigned n, uint64_t *overwritten)
{
	shared_row **changes = calloc((size_t)n + 1, sizeof(*changes));
	unsigned n_changes = 0;

	if (!changes)
		return -ENOMEM;
	for (unsigned i = 0; i < n; i++)
		if (!strcmp(rows[i].outcome, "written"))
			changes[n_changes++] = &rows[i];
	if (n_changes)
		qsort(changes, n_changes, sizeof(*changes), by_state_and_version);
	for (unsigned i = 0; i < n_changes; i++)
		if (i + 1 == n_changes || changes[i]->epoch != changes[i + 1]->epoch ||
			compare_states(changes[i], changes[i + 1]))
			*overwritten += changes[i]->version_made - changes[i]->kept;
	free(changes);
	return 0;
}

static void print(const char *strategy, const struct sums *s, FILE *out)
{
	fprintf(out,
		"  %-20s %8" PRIu64 " changes, %6" PRIu64 " conflicts, %6" PRIu64 " overwritten",
		strategy, s->changes, s->conflicts, s->overwritten);
	if (s->conflicts)
		fprintf(out, "; in vain %.3g operations, %" PRIu64 " bytes", (double)s->operations,
			s->bytes);
	if (s->anew)
		fprintf(out, "; %" PRIu64 " begun anew after a crash", s->anew);
	fputc('\n', out);
}

static int compare_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int compare_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* How many jobs have read a state that some job has changed: their digests may differ from strategy
 * to strategy. Of one strategy. Out of memory counts as none. */
static uint32_t dependent_jobs(const struct sfe_shared_row *rows, unsigned n)
{
	char(*changed)[sizeof(rows->state)] = calloc((size_t)n + 1, sizeof(*changed));
	uint32_t *jobs = calloc((size_t)n + 1, sizeof(*jobs)), n_jobs = 0, distinct = 0;
	size_t n_changed = 0;

	for (unsigned i = 0; changed && i < n; i++)
		if (!strcmp(rows[i].outcome, "written") &&
			(!n_changed || strcmp(changed[n_changed - 1], rows[i].state) != 0))
			memcpy(changed[n_changed++], rows[i].state, sizeof(rows->state));
	if (n_changed)
		qsort(changed, n_changed, sizeof(*changed), compare_text);
	for (unsigned i = 0; changed && jobs && i < n; i++)
		if (!strcmp(rows[i].outcome, "read") &&
			bsearch(rows[i].state, changed, n_changed, sizeof(*changed), compare_text))
			jobs[n_jobs++] = rows[i].job;
	if (n_jobs)
		qsort(jobs, n_jobs, sizeof(*jobs), compare_number);
	for (uint32_t i = 0; i < n_jobs; i++)
		distinct += !i || jobs[i] != jobs[i - 1];
	free(changed);
	free(jobs);
	return distinct;
}

int sfe_shared_sums_print(int results_fd, FILE *out, struct sfe_error *err)
{
	struct sfe_shared_row *rows;
	unsigned n, end;
	int r = sfe_results_read_table(results_fd, &sfe_shared_csv, (void **)&rows, &n, err);

	if (r)
		return r == -ENOENT ? 0 : r;
	fprintf(out, "\nstates that outlive jobs (%s)\n", sfe_shared_csv.file);
	for (unsigned i = 0; i < n; i = end) {
		struct sums sums = {0};
		for (end = i; end < n && !strcmp(rows[end].strategy, rows[i].strategy); end++)
			add(&sums, &rows[end]);
		r = count_overwritten(&rows[i], end - i, &sums.overwritten);
		if (r)
			break;
		print(rows[i].strategy, &sums, out);
		uint32_t jobs = end == n ? dependent_jobs(&rows[i], end - i) : 0;
		if (jobs)
			fprintf(out,
				"  %" PRIu32
				" jobs read states that jobs change: their digests are not "
				"compared across strategies\n",
				jobs);
	}
	free(rows);
	return r ? sfe_fail(err, r, sfe_shared_csv.file, NULL, "out of memory") : 0;
}
