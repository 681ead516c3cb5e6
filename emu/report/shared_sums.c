/* SPDX-License-Identifier: MIT */
#include "emu/report/shared_sums.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emu/results/results_read.h"
#include "emu/results/table_columns.h"

static void print(const struct sfe_summary *s, FILE *out)
{
	fprintf(out,
		"  %-20s %8" PRIu64 " changes, %6" PRIu64 " conflicts, %6" PRIu64 " overwritten",
		s->strategy, s->shared_changes, s->shared_conflicts, s->shared_overwritten);
	if (s->runs_in_vain)
		fprintf(out, "; in vain %" PRIu64 " runs, %.3g operations, %" PRIu64 " bytes",
			s->runs_in_vain, (double)s->vain_operations, s->vain_bytes);
	if (s->shared_begun_anew)
		fprintf(out, "; %" PRIu64 " begun anew after a crash", s->shared_begun_anew);
	if (s->shared_restored)
		fprintf(out, "; %" PRIu64 " restored from a copy", s->shared_restored);
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

int sfe_shared_sums_print(const struct sfe_summary *summary, unsigned n_summary, int results_fd,
	FILE *out, struct sfe_error *err)
{
	struct sfe_shared_row *rows;
	unsigned n, last = 0;
	int r = sfe_results_read_table(results_fd, &sfe_shared_csv, (void **)&rows, &n, err);

	if (r)
		return r == -ENOENT ? 0 : r;
	fprintf(out, "\nstates that outlive jobs (%s)\n", sfe_shared_csv.file);
	for (unsigned i = 0; i < n_summary; i++)
		print(&summary[i], out);
	for (unsigned i = 0; i < n; i++) /* the strategies follow each other */
		if (i && strcmp(rows[i].strategy, rows[i - 1].strategy) != 0)
			last = i;
	uint32_t jobs = dependent_jobs(rows + last, n - last);
	if (jobs)
		fprintf(out,
			"  %" PRIu32 " jobs read states that jobs change: their digests are not "
			"compared across strategies\n",
			jobs);
	free(rows);
	return 0;
}
