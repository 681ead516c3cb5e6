/* SPDX-License-Identifier: MIT */
#include "emu/measure/dynamic_starts.h"

#include <errno.h>
#include <stdlib.h>

struct moment { /* from which on a message of the call may be sent */
	uint32_t job, step;
	uint64_t path; /* of the call; of an invocation its node */
	uint64_t ns;
};

static int by_call_and_time(const void *a, const void *b)
{
	const struct moment *x = a, *y = b;

	if (x->job != y->job)
		return x->job < y->job ? -1 : 1;
	if (x->step != y->step)
		return x->step < y->step ? -1 : 1;
	if (x->path != y->path)
		return x->path < y->path ? -1 : 1;
	return x->ns < y->ns ? -1 : x->ns > y->ns;
}

/* The latest moment of the same call that is not later; its own time: there is none. */
static uint64_t latest(const struct moment *m, size_t n, const struct moment *wanted)
{
	size_t low = 0, high = n; /* all before low are not after `wanted` */

	while (low < high) {
		size_t mid = (low + high) / 2;
		if (by_call_and_time(&m[mid], wanted) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	const struct moment *last = low ? &m[low - 1] : NULL;
	return last && last->job == wanted->job && last->step == wanted->step &&
			       last->path == wanted->path
		       ? last->ns
		       : wanted->ns;
}

/* Room for one more than there are. */
struct moments {
	struct moment *of;
	size_t n;
};

static struct moments room_for(size_t n)
{
	return (struct moments){.of = calloc(n + 1, sizeof(struct moment))};
}

static void add(struct moments *m, uint32_t job, uint32_t step, uint64_t path, uint64_t ns)
{
	m->of[m->n++] = (struct moment){job, step, path, ns};
}

static void find(const struct sfe_replay *r, struct moments *sent, struct moments *ended,
	struct moments *asked, uint64_t *start_ns)
{
	for (uint32_t i = 0; i < r->n_calls; i++)
		add(sent, r->calls[i].key.job, r->calls[i].key.step, r->calls[i].key.path,
			r->calls[i].placed_ns);
	for (uint32_t i = 0; i < r->n_call_runs; i++)
		add(ended, r->call_runs[i].key.job, r->call_runs[i].key.step,
			r->call_runs[i].key.path, r->call_runs[i].finish_ns);
	for (uint32_t i = 0; i < r->n_shared; i++)
		if (r->shared[i].begin_ns)
			add(asked, r->shared[i].job, r->shared[i].step, r->shared[i].path,
				r->shared[i].begin_ns);
	qsort(sent->of, sent->n, sizeof(*sent->of), by_call_and_time);
	qsort(ended->of, ended->n, sizeof(*ended->of), by_call_and_time);
	qsort(asked->of, asked->n, sizeof(*asked->of), by_call_and_time);
	for (uint32_t i = 0; i < r->n_transfers; i++) {
		const struct sfe_ctl_transfer *t = &r->transfers[i];
		const struct moment wanted = {t->job, t->step, t->path, t->head_ns};
		if (!sfe_transfer_is_dynamic(t->kind))
			continue;
		const struct moments *from = t->kind == SFE_TRANSFER_DYNAMIC_RETURN ? ended
					     : t->kind >= SFE_TRANSFER_DYNAMIC_GET  ? asked
										    : sent;
		start_ns[i] = latest(from->of, from->n, &wanted);
	}
}

int sfe_dynamic_starts(const struct sfe_replay *r, uint64_t *start_ns)
{
	struct moments sent = room_for(r->n_calls), ended = room_for(r->n_call_runs),
		       asked = room_for(r->n_shared);
	int rc = sent.of && ended.of && asked.of ? 0 : -ENOMEM;

	if (!rc)
		find(r, &sent, &ended, &asked, start_ns);
	free(sent.of);
	free(ended.of);
	free(asked.of);
	return rc;
}

int sfe_fetch_starts(const struct sfe_replay *r, uint64_t *start_ns)
{
	struct moment *begun = calloc((size_t)r->n_invocations + 1, sizeof(*begun));
	size_t n = 0;

	if (!begun)
		return -ENOMEM;
	for (uint32_t i = 0; i < r->n_invocations; i++) {
		const struct sfe_ctl_invocation *v = &r->invocations[i];
		if (sfe_starting_ns(v))
			begun[n++] = (struct moment){v->job, v->step, v->header.node, v->begin_ns};
	}
	if (n)
		qsort(begun, n, sizeof(*begun), by_call_and_time);
	for (uint32_t i = 0; n && i < r->n_transfers; i++) {
		const struct sfe_ctl_transfer *t = &r->transfers[i];
		const struct moment wanted = {t->job, t->step, t->header.node, t->head_ns};
		uint64_t ns =
			t->kind == SFE_TRANSFER_FETCH ? latest(begun, n, &wanted) : t->head_ns;
		if (ns < t->head_ns && ns > start_ns[i])
			start_ns[i] = ns;
	}
	free(begun);
	return 0;
}
