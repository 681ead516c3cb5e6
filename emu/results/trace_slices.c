/* SPDX-License-Identifier: MIT */
#include "emu/results/trace_slices.h"

#include <errno.h>
#include <stdlib.h>

static uint64_t since(const struct sfe_trace_slices *t, uint64_t ns)
{
	return ns > t->r->start_ns ? ns - t->r->start_ns : 0;
}

/*
 * A part that took no time is left out: the whole slice and its other parts say so. Viewers that
 * sort begins and ends by time take such a part at the end of its whole for one that begins after
 * it.
 */
static void add(struct sfe_trace_slices *t, uint32_t node, enum sfe_trace_group group, uint32_t of,
	enum sfe_trace_part part, uint64_t begin_ns, uint64_t end_ns)
{
	struct sfe_trace_slice *s = &t->slice[t->n];

	if (!sfe_trace_is_whole(part) && since(t, end_ns) <= since(t, begin_ns))
		return;
	t->n++;

	*s = (struct sfe_trace_slice){.begin_ns = since(t, begin_ns),
		.end_ns = since(t, end_ns),
		.node = node,
		.of = of,
		.group = group,
		.part = part};
	if (s->end_ns < s->begin_ns)
		s->end_ns = s->begin_ns;
}

static void add_jobs(struct sfe_trace_slices *t)
{
	for (uint32_t j = 0; j < t->r->n_jobs; j++) {
		const struct sfe_job_result *job = &t->r->jobs[j];
		if (job->ended)
			add(t, t->e->jobs[j].client, SFE_TRACE_JOBS, j, SFE_TRACE_WHOLE,
				job->start_ns, job->end_ns);
	}
}

/* Runs in vain of the invocation, while it waits for the states of the one that holds. */
static void add_vain(struct sfe_trace_slices *t, const struct sfe_ctl_invocation *v)
{
	for (uint32_t i = 0; v->vain_ns && i < t->r->n_shared; i++) {
		const struct sfe_ctl_shared *x = &t->r->shared[i];
		if (x->outcome != SFE_SHARED_AGAIN || x->job != v->job || x->step != v->step ||
			x->attempt != v->attempt || x->header.node != v->header.node ||
			x->finish_ns > v->ready_ns || x->ready_ns < v->request_ns)
			continue;
		add(t, v->header.node, SFE_TRACE_INVOCATIONS, i, SFE_TRACE_VAIN, x->ready_ns,
			x->finish_ns);
	}
}

static void add_invocations(struct sfe_trace_slices *t)
{
	for (uint32_t i = 0; i < t->r->n_invocations; i++) {
		const struct sfe_ctl_invocation *v = &t->r->invocations[i];
		uint32_t node = v->header.node;
		add(t, node, SFE_TRACE_INVOCATIONS, i, SFE_TRACE_WHOLE, v->request_ns,
			v->finish_ns);
		add(t, node, SFE_TRACE_INVOCATIONS, i, SFE_TRACE_WAITING, v->request_ns,
			v->ready_ns);
		add_vain(t, v);
		add(t, node, SFE_TRACE_INVOCATIONS, i, SFE_TRACE_COMPUTING, v->ready_ns,
			v->finish_ns);
	}
}

/* What functions call at run time. */
static void add_callees(struct sfe_trace_slices *t)
{
	for (uint32_t i = 0; i < t->r->n_call_runs; i++) {
		const struct sfe_ctl_call_run *v = &t->r->call_runs[i];
		uint32_t node = v->header.node;
		add(t, node, SFE_TRACE_INVOCATIONS, i, SFE_TRACE_CALLEE, v->request_ns,
			v->finish_ns);
		add(t, node, SFE_TRACE_INVOCATIONS, i, SFE_TRACE_CALLEE_WAITING, v->request_ns,
			v->ready_ns);
		add(t, node, SFE_TRACE_INVOCATIONS, i, SFE_TRACE_CALLEE_COMPUTING, v->ready_ns,
			v->finish_ns);
	}
}

static void add_transfers(struct sfe_trace_slices *t)
{
	for (uint32_t i = 0; i < t->r->n_transfers; i++) {
		const struct sfe_ctl_transfer *m = &t->r->transfers[i];
		add(t, m->from, SFE_TRACE_SENDING, i, SFE_TRACE_WHOLE, t->x->transfers[i].start_ns,
			m->done_ns);
		add(t, m->header.node, SFE_TRACE_RECEIVING, i, SFE_TRACE_WHOLE, m->head_ns,
			m->done_ns);
	}
}

static void add_attempts(struct sfe_trace_slices *t)
{
	for (uint32_t i = 0; i < t->r->n_attempts; i++) {
		const struct sfe_ctl_attempt *a = &t->r->attempts[i];
		add(t, a->header.node, SFE_TRACE_UNANSWERED, i, SFE_TRACE_WHOLE, a->begin_ns,
			a->end_ns);
	}
}

/* The end of the last job. */
static uint64_t end_of_jobs(const struct sfe_trace_slices *t)
{
	uint64_t end = t->r->start_ns;

	for (uint32_t j = 0; j < t->r->n_jobs; j++)
		if (t->r->jobs[j].ended && t->r->jobs[j].end_ns > end)
			end = t->r->jobs[j].end_ns;
	return end;
}

/* A crashed node is down until its restart, or until the end. */
static void add_crashes(struct sfe_trace_slices *t)
{
	for (uint32_t i = 0; i < t->r->n_events; i++) {
		const struct sfe_event *crash = &t->r->events[i], *e = crash + 1;
		if (crash->act != SFE_SCHEDULE_CRASH || crash->already)
			continue;
		while (e < t->r->events + t->r->n_events &&
			(e->act != SFE_SCHEDULE_RESTART || e->already || e->node != crash->node))
			e++;
		uint64_t end = e < t->r->events + t->r->n_events ? t->r->start_ns + e->done_ns
								 : end_of_jobs(t);
		add(t, crash->node, SFE_TRACE_FAULTS, i, SFE_TRACE_WHOLE,
			t->r->start_ns + crash->done_ns, end);
	}
}

/* ---- lanes */

static int by_row(const void *a, const void *b, void *slices)
{
	const struct sfe_trace_slice *all = slices;
	const struct sfe_trace_slice *x = &all[*(const uint32_t *)a],
				     *y = &all[*(const uint32_t *)b];

	if (x->node != y->node)
		return x->node < y->node ? -1 : 1;
	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	if (x->begin_ns != y->begin_ns)
		return x->begin_ns < y->begin_ns ? -1 : 1;
	return (x > y) - (x < y);
}

/*
 * When the lanes of a row are free again: the leaves of a binary tree in an array. Above two nodes
 * is the earlier one, so that the first free lane is found in a few steps, however many there are.
 */
struct lanes {
	uint64_t *free_at; /* node i has 2 i and 2 i + 1 below it; the leaves begin at n */
	uint32_t n;        /* a power of two */
};

/* The first lane that is free at begin_ns. It is taken until end_ns. */
static uint32_t take_lane(struct lanes *l, uint64_t begin_ns, uint64_t end_ns)
{
	uint32_t at = 1;

	while (at < l->n)
		at = 2 * at + (l->free_at[2 * at] > begin_ns);
	uint32_t lane = at - l->n;
	for (l->free_at[at] = end_ns; at /= 2;) {
		uint64_t left = l->free_at[2 * at], right = l->free_at[2 * at + 1];
		l->free_at[at] = left < right ? left : right;
	}
	return lane;
}

/* The slices of one row, by time. There are enough lanes for all of them. */
static int fill_row(struct sfe_trace_slices *t, const uint32_t *order, uint32_t n)
{
	struct lanes l = {.n = 1};

	while (l.n < n)
		l.n *= 2;
	l.free_at = calloc(2 * (size_t)l.n, sizeof(*l.free_at));
	if (!l.free_at)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		struct sfe_trace_slice *s = &t->slice[order[i]];
		s->lane = take_lane(&l, s->begin_ns, s->end_ns);
	}
	free(l.free_at);
	return 0;
}

static bool same_row(const struct sfe_trace_slice *a, const struct sfe_trace_slice *b)
{
	return a->node == b->node && a->group == b->group;
}

/* order: of the n slices that need a lane of their own, by row. */
static int fill_rows(struct sfe_trace_slices *t, const uint32_t *order, uint32_t n)
{
	int r = 0;

	for (uint32_t begin = 0, end; begin < n && !r; begin = end) {
		for (end = begin + 1;
			end < n && same_row(&t->slice[order[begin]], &t->slice[order[end]]); end++)
			;
		r = fill_row(t, order + begin, end - begin);
	}
	for (uint32_t i = 0; i < t->n; i++)
		if (!sfe_trace_is_whole(t->slice[i].part))
			t->slice[i].lane = t->slice[i - 1].lane;
	return r;
}

static int assign_lanes(struct sfe_trace_slices *t)
{
	uint32_t *order = calloc((size_t)t->n + 1, sizeof(*order)), n = 0;

	if (!order)
		return -ENOMEM;
	for (uint32_t i = 0; i < t->n; i++)
		if (sfe_trace_is_whole(t->slice[i].part))
			order[n++] = i;
	qsort_r(order, n, sizeof(*order), by_row, t->slice);
	int r = fill_rows(t, order, n);
	free(order);
	return r;
}

int sfe_trace_slices_make(struct sfe_trace_slices *t, const struct sfe_experiment *e,
	const struct sfe_replay *r, const struct sfe_explanation *x)
{
	size_t most = (size_t)r->n_jobs + 3 * (size_t)r->n_invocations +
		      3 * (size_t)r->n_call_runs + r->n_shared + 2 * (size_t)r->n_transfers +
		      r->n_attempts + r->n_events;

	*t = (struct sfe_trace_slices){.e = e, .r = r, .x = x};
	t->slice = calloc(most + 1, sizeof(*t->slice));
	if (!t->slice)
		return -ENOMEM;
	add_jobs(t);
	add_invocations(t);
	add_callees(t);
	add_transfers(t);
	add_attempts(t);
	add_crashes(t);
	return assign_lanes(t);
}

void sfe_trace_slices_free(struct sfe_trace_slices *t)
{
	free(t->slice);
}
