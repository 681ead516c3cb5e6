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

int sfe_dynamic_starts(const struct sfe_replay *r, uint64_t *start_ns)
{
	struct moment *sent = calloc((size_t)r->n_calls + 1, sizeof(*sent));
	struct moment *ended = calloc((size_t)r->n_call_runs + 1, sizeof(*ended));

	for (uint32_t i = 0; sent && i < r->n_calls; i++)
		sent[i] = (struct moment){r->calls[i].key.job, r->calls[i].key.step,
			r->calls[i].key.path, r->calls[i].placed_ns};
	for (uint32_t i = 0; ended && i < r->n_call_runs; i++)
		ended[i] = (struct moment){r->call_runs[i].key.job, r->call_runs[i].key.step,
			r->call_runs[i].key.path, r->call_runs[i].finish_ns};
	if (sent && ended) {
		qsort(sent, r->n_calls, sizeof(*sent), by_call_and_time);
		qsort(ended, r->n_call_runs, sizeof(*ended), by_call_and_time);
	}
	for (uint32_t i = 0; sent && ended && i < r->n_transfers; i++) {
		const struct sfe_ctl_transfer *t = &r->transfers[i];
		const struct moment wanted = {t->job, t->step, t->path, t->head_ns};
		if (!sfe_transfer_is_dynamic(t->kind))
			continue;
		start_ns[i] = t->kind == SFE_TRANSFER_DYNAMIC_RETURN
				      ? latest(ended, r->n_call_runs, &wanted)
				      : latest(sent, r->n_calls, &wanted);
	}
	int rc = sent && ended ? 0 : -ENOMEM;
	free(sent);
	free(ended);
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
