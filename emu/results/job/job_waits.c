/* SPDX-License-Identifier: MIT */
#include "emu/results/job/job_waits.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct place { /* an invocation, or where a transfer looks for one */
	const char *strategy, *node;
	uint32_t step;
	double at_s;                   /* when it was ready, or when the transfer was done */
	struct sfe_job_transfer *last; /* of those that it waited for */
};

static int by_place(const struct place *x, const struct place *y)
{
	int order = strcmp(x->strategy, y->strategy);

	order = order ? order : (x->step > y->step) - (x->step < y->step);
	return order ? order : strcmp(x->node, y->node);
}

static int by_time(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int order = by_place(x, y);

	return order ? order : (x->at_s > y->at_s) - (x->at_s < y->at_s);
}

/* The first invocation of the step there that was not ready earlier. */
static struct place *find(struct place *all, unsigned n, const struct place *wanted)
{
	unsigned low = 0, high = n;

	while (low < high) {
		unsigned middle = low + (high - low) / 2;
		if (by_time(&all[middle], wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < n && !by_place(&all[low], wanted) ? &all[low] : NULL;
}

static bool is_waited_for(const struct sfe_transfer_row *t)
{
	return isfinite(t->done_s) &&
	       (!strcmp(t->kind, "call") || !strcmp(t->kind, "fetch") ||
		       !strcmp(t->kind, "prefetch") || !strcmp(t->kind, "push"));
}

static void set(struct sfe_job_transfer *t, const char *word)
{
	snprintf(t->waited_for, sizeof(t->waited_for), "%s", word);
}

int sfe_job_waits(struct sfe_job_record *j, struct sfe_error *err)
{
	struct place *all = calloc((size_t)j->n_invocations + 1, sizeof(*all));
	unsigned n = 0;

	if (!all)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	for (unsigned i = 0; i < j->n_invocations; i++) {
		const struct sfe_invocation_row *v = &j->invocations[i];
		if (isfinite(v->ready_s))
			all[n++] = (struct place){v->strategy, v->node, v->step, v->ready_s, NULL};
	}
	if (n)
		qsort(all, n, sizeof(*all), by_time);
	for (unsigned i = 0; i < j->n_transfers; i++) {
		struct sfe_job_transfer *t = &j->transfers[i];
		const struct place wanted = {
			t->row.strategy, t->row.to, t->row.step, t->row.done_s, NULL};
		struct place *v = is_waited_for(&t->row) ? find(all, n, &wanted) : NULL;
		if (!v)
			continue;
		set(t, "yes");
		if (!v->last || v->last->row.done_s <= t->row.done_s)
			v->last = t;
	}
	for (unsigned i = 0; i < n; i++)
		if (all[i].last)
			set(all[i].last, "last");
	free(all);
	return 0;
}
