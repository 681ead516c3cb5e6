/* SPDX-License-Identifier: MIT */
#include "nodes/jobs/push.h"

#include <errno.h>
#include <stdlib.h>

#include "emu/model/workload/job_graph.h"
#include "nodes/base/clock.h"
#include "nodes/http/wire_ahead.h"
#include "nodes/jobs/peers.h"
#include "nodes/jobs/prefetch_internal.h"

static bool goes(const struct worker *w, const struct job_place *at, uint32_t state)
{
	return sfe_push_goes(w->deployment->jobs[at->job].pushed, state, at->step);
}

/* ---- sending */

/* Taken or not: the call will fetch what did not come. But no worker refuses what another one
 * sends. */
static void sent(struct exchange *e, int status)
{
	if (status == 400)
		peers_record_bad_answer(e);
}

struct left {                  /* by a step, or the client, on this node */
	uint32_t writer, only; /* only: a state, or PUSH_ALL */
};

/* The states that go to the step of those that were left; how many. */
static uint32_t find_left(struct worker *w, const struct job_place *at, const struct left *left,
	struct wire_given *given, uint32_t *states)
{
	const struct sfe_job *job = worker_job(w, at->job);
	const struct sfe_step *step = &job->steps[at->step];
	uint32_t n = 0;

	for (uint32_t i = 0; i < step->n_deps; i++) {
		uint32_t state = step->deps[i];
		if ((left->only != PUSH_ALL && left->only != state) || !goes(w, at, state) ||
			sfe_writer_before(job, state, at->step) != left->writer ||
			deployment_keeper(w->deployment, at->job, state, at->step) != w->node)
			continue;
		const struct stored *s = store_find(&w->store, at->job, state);
		if (!s || s->version != sfe_version_before(job, state, at->step))
			continue;
		given[n] = (struct wire_given){state, s->version, s->content};
		states[n++] = state;
	}
	return n;
}

static void push_to(struct worker *w, const struct job_place *at, const struct left *left)
{
	uint32_t n_deps = worker_job(w, at->job)->steps[at->step].n_deps;
	uint32_t to = w->deployment->jobs[at->job].node[at->step];
	struct wire_given *given = calloc((size_t)n_deps + 1, sizeof(*given));
	uint32_t *states = calloc((size_t)n_deps + 1, sizeof(*states));
	struct wire_ahead ahead = {.at = *at, .states = states};
	const struct exchange e = {
		.to = to, .kind = SFE_TRANSFER_PUSH, .at = *at, .asked_ns = now_ns(), .done = sent};

	if (given && states)
		ahead.n = find_left(w, at, left, given, states);
	else
		worker_fatal(w, -ENOMEM, "states ahead of a call");
	if (ahead.n)
		peers_send(w, &e, wire_push(&w->wire, to, &ahead, given));
	free(given);
	free(states);
}

static bool goes_any(const struct worker *w, const struct job_place *at)
{
	const struct sfe_step *step = &worker_job(w, at->job)->steps[at->step];

	for (uint32_t i = 0; i < step->n_deps; i++)
		if (goes(w, at, step->deps[i]))
			return true;
	return false;
}

void push_left(struct worker *w, const struct job_place *left, uint32_t state)
{
	const struct left what = {left->step, state};
	struct job_place at = *left;

	if (!w->deployment->jobs[at.job].pushed)
		return;
	at.step = left->step == SFE_CLIENT ? 0 : left->step + 1;
	for (; at.step < worker_job(w, at.job)->n_steps && !w->over; at.step++)
		if (goes_any(w, &at))
			push_to(w, &at, &what);
}

/* ---- coming */

uint32_t push_begins(struct worker *w, const struct job_place *at, bool begun)
{
	struct prefetch *p = prefetch_find(w, at->job, at->step);

	if (!(p && p->waiting && p->at.attempt == at->attempt))
		p = begun ? NULL : prefetch_get(w, at);
	if (!p)
		return 0;
	p->n_coming++;
	return p->number;
}

static bool is_due(const struct prefetch *p)
{
	for (uint32_t i = 0; i < p->n; i++)
		if (p->state[i].is == AHEAD_DUE)
			return true;
	return false;
}

/* The step goes on once it has all, or waits for nothing any more. What it lacks is on nobody's
 * list of missing states before it has stopped waiting for the rest (prefetch_over). */
static void settle(struct prefetch *p)
{
	struct invocation *inv = p->waiting;

	if (!p->awaits_push || (is_due(p) && (!p->late || p->n_coming)))
		return;
	p->awaits_push = false;
	inv->fetching.n--;
	p->then(inv);
}

void push_ends(
	struct worker *w, uint32_t number, const struct http_head *head, const struct slice *body)
{
	struct prefetch *p = number ? prefetch_find_number(w, number) : NULL;
	uint64_t offset = 0;

	if (!p)
		return;
	const struct sfe_step *step = &worker_job(w, p->at.job)->steps[p->at.step];
	p->n_coming--;
	for (uint32_t k = 0; k < head->parts.n; k++) {
		uint64_t bytes = head->parts.items[k].value;
		uint32_t i = sfe_step_find(step, head->parts.items[k].state);
		/* Else the step has it from elsewhere. */
		if (!p->waiting || p->state[i].is == AHEAD_DUE)
			prefetch_put(p, i, slice_part(body, offset, bytes),
				head->versions.items[k].value);
		offset += bytes;
	}
	settle(p);
}

void push_breaks(struct worker *w, uint32_t number)
{
	struct prefetch *p =
		number && !w->over && !w->down ? prefetch_find_number(w, number) : NULL;

	if (!p)
		return;
	p->n_coming--;
	if (p->waiting)
		settle(p);
	else
		prefetch_drop_empty(w, p);
}

/* ---- waiting */

/* Whether the state is sent right after the call of the step, or one of its calls. */
static bool follows_call(const struct worker *w, const struct job_place *at, uint32_t state)
{
	const struct sfe_job *job = worker_job(w, at->job);
	uint32_t writer = sfe_writer_before(job, state, at->step);

	return writer == SFE_CLIENT ? !sfe_steps_before(job, at->step)
				    : sfe_step_precedes(job, writer, at->step);
}

/* Whether the step's i-th state, which is not here, may come. What was sent long before the call
 * may have been lost in a crash, or displaced. */
static bool may_come(const struct invocation *inv, const struct prefetch *p, uint32_t i)
{
	const struct worker *w = inv->worker;
	const struct job_place at = package_place(&inv->package);
	uint32_t state = invocation_step(inv)->deps[i];

	if (inv->package.states[state].here || !goes(w, &at, state) ||
		(p && p->state[i].is != AHEAD_NONE))
		return false;
	return (p && p->n_coming) || follows_call(w, &at, state) ||
	       (!w->crashes && !w->prefetches_displaced &&
		       !peers_is_lost(w, deployment_keeper(w->deployment, at.job, state, at.step)));
}

static bool may_come_any(const struct invocation *inv)
{
	for (uint32_t i = 0; i < invocation_n_deps(inv); i++)
		if (may_come(inv, inv->prefetch, i))
			return true;
	return false;
}

static void is_late(void *prefetch)
{
	struct prefetch *p = prefetch;

	p->late = true;
	settle(p);
}

void push_use(struct invocation *inv, void (*then)(struct invocation *inv))
{
	struct worker *w = inv->worker;

	if (inv->dynamic || !w->deployment->jobs[inv->package.job].pushed || !may_come_any(inv))
		return;
	struct prefetch *p = inv->prefetch ? inv->prefetch : prefetch_attach(inv, then);
	if (!p)
		return;
	for (uint32_t i = 0; i < p->n; i++)
		if (may_come(inv, p, i)) {
			p->state[i].is = AHEAD_DUE;
			p->awaits_push = true;
		}
	inv->fetching.n++;
	timers_set(&w->timers, &p->push_time,
		now_ns() + 1000ull * worker_rules(w, p->at.job)->options.push_us, is_late, p);
}
