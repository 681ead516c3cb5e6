/* SPDX-License-Identifier: MIT */
#include "nodes/jobs/prefetch_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "emu/model/workload/job_graph.h"
#include "nodes/base/clock.h"
#include "nodes/http/wire_check.h"
#include "nodes/jobs/peers.h"
#include "nodes/recovery/retry.h"

/* States of so many steps are kept: the oldest are dropped. They are those of jobs that failed, as
 * nobody tells this node. */
#define MAX_STEPS 256u

static const struct sfe_step *step_of(const struct worker *w, const struct job_place *at)
{
	return &worker_job(w, at->job)->steps[at->step];
}

/* ---- all of them */

static void drop(struct worker *w, struct prefetch *p)
{
	TAILQ_REMOVE(&w->prefetches, p, list);
	w->n_prefetches--;
	if (p->waiting)
		p->waiting->prefetch = NULL;
	timers_cancel(&w->timers, &p->push_time);
	for (uint32_t i = 0; i < p->n; i++)
		slice_drop(&p->state[i].content);
	free(p);
}

void prefetches_clear(struct worker *w)
{
	while (!TAILQ_EMPTY(&w->prefetches))
		drop(w, TAILQ_FIRST(&w->prefetches));
}

struct prefetch *prefetch_find(const struct worker *w, uint32_t job, uint32_t step)
{
	struct prefetch *p;

	TAILQ_FOREACH (p, &w->prefetches, list) {
		if (p->at.job == job && p->at.step == step)
			return p;
	}
	return NULL;
}

struct prefetch *prefetch_find_number(const struct worker *w, uint32_t number)
{
	struct prefetch *p;

	TAILQ_FOREACH (p, &w->prefetches, list) {
		if (p->number == number)
			return p;
	}
	return NULL;
}

/* Drops those of jobs that have ended, and the oldest if there are too many. An invocation that
 * waits keeps its own. */
static void make_room(struct worker *w)
{
	uint64_t now = now_ns();
	struct prefetch *p, *next;

	for (p = TAILQ_FIRST(&w->prefetches); p; p = next) {
		next = TAILQ_NEXT(p, list);
		if (p->waiting || (p->until_ns >= now && w->n_prefetches < MAX_STEPS))
			continue;
		w->prefetches_displaced |= p->until_ns >= now;
		drop(w, p);
	}
}

struct prefetch *prefetch_get(struct worker *w, const struct job_place *at)
{
	struct prefetch *p = prefetch_find(w, at->job, at->step);
	uint32_t n = step_of(w, at)->n_deps;

	if (p && (p->at.attempt >= at->attempt || p->waiting))
		return p->at.attempt == at->attempt && !p->waiting ? p : NULL;
	if (p)
		drop(w, p);
	make_room(w);
	p = calloc(1, sizeof(*p) + n * sizeof(p->state[0]));
	if (!p) {
		worker_fatal(w, -ENOMEM, "states ahead of a call");
		return NULL;
	}
	p->at = *at;
	p->number = ++w->prefetches_begun;
	p->until_ns = job_over_ns(w->deployment, at->job, now_ns());
	p->n = n;
	TAILQ_INSERT_TAIL(&w->prefetches, p, list);
	w->n_prefetches++;
	return p;
}

/* ---- telling */

/* Whether the state comes along with a call of the step (options.inlined). */
static bool comes_along(const struct worker *w, const struct job_place *at, uint32_t state)
{
	const struct sfe_job *job = worker_job(w, at->job);
	bool comes = false;

	for (uint32_t i = 0; i < sfe_steps_before(job, at->step) && !comes; i++)
		comes = deployment_carries(
			w->deployment, at->job, state, sfe_step_before(job, at->step, i), at->step);
	return comes;
}

/* The states that the step reads, that are final when step `after` begins, and that its node
 * neither keeps itself nor gets with the call, or without asking for them (push). */
static void find_final(struct worker *w, struct wire_ahead *ahead, uint32_t *states)
{
	const struct sfe_placed_job placed = deployment_job(w->deployment, ahead->at.job);
	const struct sfe_step *step = step_of(w, &ahead->at);
	uint32_t node = w->deployment->jobs[ahead->at.job].node[ahead->at.step];

	ahead->n = 0;
	ahead->states = states;
	for (uint32_t i = 0; i < step->n_deps; i++) {
		uint32_t keeper = deployment_keeper(
			w->deployment, ahead->at.job, step->deps[i], ahead->at.step);
		if (sfe_step_access(step, i) != SFE_WRITE && keeper != node &&
			keeper < w->deployment->n_nodes &&
			!comes_along(w, &ahead->at, step->deps[i]) &&
			!sfe_push_goes(w->deployment->jobs[ahead->at.job].pushed, step->deps[i],
				ahead->at.step) &&
			sfe_by_edge_is_final(&placed, step->deps[i], ahead->at.step, ahead->after))
			states[ahead->n++] = step->deps[i];
	}
}

/* Told or not: the call will say more. But no worker refuses what another one tells it. */
static void told(struct exchange *e, int status)
{
	if (status == 400)
		peers_record_bad_answer(e);
}

void prefetch_next(struct worker *w, const struct job_place *at)
{
	const struct sfe_job *job = worker_job(w, at->job);
	bool on = worker_rules(w, at->job)->options.prefetch;
	uint32_t states[SFE_MAX_TASKS_PER_JOB];

	for (uint32_t i = 0; on && !w->over && i < sfe_steps_after(job, at->step); i++) {
		struct wire_ahead ahead = {.at = *at, .after = at->step};
		ahead.at.step = sfe_step_after(job, at->step, i);
		uint32_t to = w->deployment->jobs[at->job].node[ahead.at.step];
		find_final(w, &ahead, states);
		if (ahead.n && to == w->node) {
			prefetch_begin(w, &ahead);
		} else if (ahead.n) {
			struct exchange e = {.to = to,
				.kind = SFE_TRANSFER_PREFETCH,
				.at = ahead.at,
				.done = told};
			peers_send(w, &e, wire_prefetch(&w->wire, to, &ahead));
		}
	}
}

/* ---- fetching */

static void answered(struct exchange *e, int status);

static bool is_empty(const struct prefetch *p)
{
	for (uint32_t i = 0; i < p->n; i++)
		if (p->state[i].is != AHEAD_NONE)
			return false;
	return !p->n_asked && !p->n_coming;
}

void prefetch_drop_empty(struct worker *w, struct prefetch *p)
{
	if (is_empty(p))
		drop(w, p);
}

static uint32_t keeper_of(const struct worker *w, const struct prefetch *p, uint32_t i)
{
	return deployment_keeper(w->deployment, p->at.job, step_of(w, &p->at)->deps[i], p->at.step);
}

/* Asks a node for the i-th state, or for all wanted ones that it keeps. */
static void ask(struct worker *w, struct prefetch *p, uint32_t first, bool all)
{
	const uint32_t *deps = step_of(w, &p->at)->deps, keeper = keeper_of(w, p, first);
	uint32_t states[SFE_MAX_TASKS_PER_JOB];
	struct wire_ahead ahead = {.at = p->at, .after = p->state[first].after, .states = states};

	p->n_asked++;
	p->n_requests++;
	for (uint32_t i = first; i < (all ? p->n : first + 1); i++) {
		if (p->state[i].is != AHEAD_WANTED || keeper_of(w, p, i) != keeper)
			continue;
		p->state[i].is = AHEAD_ASKED;
		p->state[i].request = p->n_requests;
		states[ahead.n++] = deps[i];
	}
	struct exchange e = {.to = keeper,
		.kind = SFE_TRANSFER_PREFETCH,
		.at = p->at,
		.state = p->n_requests,
		.tried = p->number,
		.asked_ns = now_ns(),
		.done = answered};
	peers_send(w, &e, wire_fetch_ahead(&w->wire, keeper, &ahead));
}

/* Asks for the next wanted state, or for all of them. */
static void ask_wanted(struct worker *w, struct prefetch *p)
{
	bool all = worker_rules(w, p->at.job)->options.fetch == SFE_FETCH_PARALLEL;

	for (uint32_t i = 0; !w->over && i < p->n && (all || !p->n_asked); i++)
		if (p->state[i].is == AHEAD_WANTED)
			ask(w, p, i, all);
}

void prefetch_begin(struct worker *w, const struct wire_ahead *which)
{
	const struct sfe_step *step = step_of(w, &which->at);
	struct prefetch *p = prefetch_get(w, &which->at);

	for (uint32_t k = 0; p && k < which->n; k++) {
		uint32_t i = sfe_step_find(step, which->states[k]);
		uint32_t keeper = keeper_of(w, p, i);
		if (p->state[i].is != AHEAD_NONE || keeper == w->node ||
			keeper >= w->deployment->n_nodes)
			continue;
		p->state[i].is = AHEAD_WANTED;
		p->state[i].after = which->after;
	}
	if (p)
		ask_wanted(w, p);
	if (p)
		prefetch_drop_empty(w, p);
}

void prefetch_put(struct prefetch *p, uint32_t i, struct slice content, uint64_t version)
{
	struct invocation *inv = p->waiting;

	if (!inv) {
		slice_drop(&p->state[i].content);
		p->state[i].is = AHEAD_HERE;
		p->state[i].content = content;
		p->state[i].version = version;
		return;
	}
	uint32_t state = invocation_step(inv)->deps[i];
	p->state[i].is = AHEAD_NONE;
	inv->record.ahead_bytes += content.size;
	package_put(&inv->package, state, content, version);
	inv->package.states[state].ahead = true;
}

/*
 * Takes what the answer has: whether it is one. Without an answer its states are forgotten; but if
 * their step waits, only when it stops waiting (prefetch_over): other requests of it are on their
 * way meanwhile, for all that is missing but these.
 */
static bool take(struct exchange *e, struct prefetch *p, int status)
{
	struct worker *w = e->worker;
	const uint32_t *deps = step_of(w, &p->at)->deps;
	uint32_t states[SFE_MAX_TASKS_PER_JOB], at[SFE_MAX_TASKS_PER_JOB], n = 0;
	uint64_t offset = 0;

	for (uint32_t i = 0; i < p->n; i++) {
		if (p->state[i].is != AHEAD_ASKED || p->state[i].request != e->state)
			continue;
		if (!p->waiting)
			p->state[i].is = AHEAD_NONE;
		at[n] = i;
		states[n++] = deps[i];
	}
	if (status != 200 || !wire_check_states(&w->wire, e->head, &e->at, n, states, e->body.size))
		return false;
	for (uint32_t k = 0; k < n; k++) {
		uint64_t bytes = e->head->parts.items[k].value;
		prefetch_put(p, at[k], slice_part(&e->body, offset, bytes),
			e->head->versions.items[k].value);
		offset += bytes;
	}
	return true;
}

static void answered(struct exchange *e, int status)
{
	struct worker *w = e->worker;
	struct prefetch *p = prefetch_find_number(w, e->tried);

	if (!p) { /* it was dropped */
		if (status == 200)
			peers_record_answer(e, SFE_TRANSFER_PREFETCH);
		return;
	}
	p->n_asked--;
	if (take(e, p, status))
		peers_record_answer(e, SFE_TRANSFER_PREFETCH);
	else if (status == 200 || status == 400)
		peers_record_bad_answer(e);
	struct invocation *inv = p->waiting;
	if (inv) {
		inv->fetching.n--;
		p->then(inv);
		return;
	}
	ask_wanted(w, p);
	prefetch_drop_empty(w, p);
}

/* ---- the call */

void prefetch_over(struct invocation *inv)
{
	if (inv->prefetch)
		drop(inv->worker, inv->prefetch);
}

static void attach(struct prefetch *p, struct invocation *inv, void (*then)(struct invocation *inv))
{
	p->waiting = inv;
	p->then = then;
	inv->prefetch = p;
	inv->drop_prefetch = prefetch_over;
}

struct prefetch *prefetch_attach(struct invocation *inv, void (*then)(struct invocation *inv))
{
	const struct job_place at = package_place(&inv->package);
	struct prefetch *p = prefetch_get(inv->worker, &at);

	if (p)
		attach(p, inv, then);
	return p;
}

void prefetch_use(struct invocation *inv, void (*then)(struct invocation *inv))
{
	struct worker *w = inv->worker;
	struct prefetch *p =
		inv->dynamic ? NULL : prefetch_find(w, inv->package.job, inv->package.step);

	if (!p || p->waiting)
		return;
	if (p->at.attempt != inv->package.attempt) {
		if (p->at.attempt < inv->package.attempt)
			drop(w, p);
		return;
	}
	attach(p, inv, then);
	for (uint32_t i = 0; i < p->n; i++) {
		struct ahead_state *s = &p->state[i];
		if (s->is == AHEAD_WANTED)
			s->is = AHEAD_NONE;
		else if (s->is == AHEAD_HERE)
			prefetch_put(p, i, slice_move(&s->content), s->version);
	}
	inv->fetching.n += p->n_asked;
	if (!p->n_asked && !p->n_coming)
		drop(w, p);
}

bool prefetch_awaits(const struct invocation *inv, uint32_t i)
{
	return inv->prefetch && (inv->prefetch->state[i].is == AHEAD_ASKED ||
					inv->prefetch->state[i].is == AHEAD_DUE);
}

/* ---- claims */

/* The invocation whose claim this was; NULL: it has failed. */
static struct invocation *claimer(const struct exchange *e)
{
	struct invocation *inv;

	TAILQ_FOREACH (inv, &e->worker->invocations, all) {
		if (inv->claims.n && inv->package.job == e->at.job &&
			inv->package.step == e->at.step && inv->package.attempt == e->at.attempt)
			return inv;
	}
	return NULL;
}

/* As after a fetch, a keeper that is known to have lost the state owns it no more, and one that
 * cannot be reached still does. */
static bool is_claimed(int status)
{
	return status == 200 || status == 404 || status == 410 || status == -ECONNREFUSED;
}

static void claimed(struct exchange *e, int status)
{
	struct invocation *inv = claimer(e);

	if (status == 200)
		peers_record_answer(e, SFE_TRANSFER_CLAIM);
	if (!inv)
		return;
	inv->claims.n--;
	if (!is_claimed(status) && !inv->fetching.code) {
		inv->fetching.code = status < 0 ? status : -EPROTO;
		snprintf(inv->fetching.reason, sizeof(inv->fetching.reason),
			"states of %s, which came ahead of the call, are not given away: %s",
			e->worker->deployment->nodes[e->to].name,
			status < 0 ? sfe_ctl_reason(status) : "it refuses");
	}
	void (*then)(struct invocation * inv) = inv->claims.then;
	if (then && !inv->claims.n && !prefetch_claims_wait(inv, then))
		then(inv);
}

/* Whether the step's i-th state came ahead, and what the step makes of it is kept elsewhere: then
 * its keeper gives it away. */
static bool is_to_claim(const struct invocation *inv, uint32_t i, uint32_t *keeper)
{
	const struct sfe_deployment *d = inv->worker->deployment;
	const struct package *p = &inv->package;
	uint32_t state = invocation_step(inv)->deps[i];

	if (!p->states[state].here || !p->states[state].ahead ||
		!sfe_step_changes(invocation_step(inv), state))
		return false;
	*keeper = deployment_keeper(d, p->job, state, p->step);
	return *keeper != deployment_keeper(d, p->job, state, p->step + 1);
}

void prefetch_claim(struct invocation *inv)
{
	struct worker *w = inv->worker;
	uint32_t states[SFE_MAX_TASKS_PER_JOB], keeper, other;

	for (uint32_t i = 0; i < invocation_n_deps(inv); i++) {
		struct wire_ahead ahead = {.at = package_place(&inv->package), .states = states};
		if (!is_to_claim(inv, i, &keeper))
			continue;
		for (uint32_t k = i; k < invocation_n_deps(inv); k++) {
			uint32_t state = invocation_step(inv)->deps[k];
			if (!is_to_claim(inv, k, &other) || other != keeper)
				continue;
			states[ahead.n++] = state;
			inv->package.states[state].ahead = false;
		}
		struct exchange e = {.to = keeper,
			.kind = SFE_TRANSFER_CLAIM,
			.at = ahead.at,
			.asked_ns = now_ns(),
			.done = claimed};
		inv->claims.n++;
		peers_send(w, &e, wire_claim(&w->wire, keeper, &ahead));
	}
}

bool prefetch_claims_wait(struct invocation *inv, void (*then)(struct invocation *inv))
{
	inv->claims.then = then;
	if (inv->claims.n)
		return true;
	if (!inv->fetching.code)
		return false;
	invocation_fail(inv, inv->fetching.code, inv->fetching.reason);
	return true;
}
