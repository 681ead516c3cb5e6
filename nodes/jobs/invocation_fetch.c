/* SPDX-License-Identifier: MIT */
#include "nodes/jobs/invocation_fetch.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "emu/model/workload/job_graph.h"
#include "nodes/base/clock.h"
#include "nodes/http/wire_check.h"
#include "nodes/jobs/invocation_run.h"
#include "nodes/jobs/invocation_shared.h"
#include "nodes/jobs/job_states.h"
#include "nodes/jobs/peers.h"
#include "nodes/jobs/prefetch.h"
#include "nodes/jobs/push.h"
#include "nodes/recovery/replicas.h"
#include "nodes/shared/cached_states.h"

/* In place of the state of an exchange: it is about all that is missing and that its node keeps. */
#define SEVERAL UINT32_MAX

static void fetch_states(struct invocation *inv);
static void fetched(struct exchange *e, int status);
static void fetched_states(struct exchange *e, int status);
static int take_own(struct invocation *inv, uint32_t state);

static uint32_t keeper_of(const struct invocation *inv, uint32_t state)
{
	return deployment_keeper(
		inv->worker->deployment, inv->package.job, state, inv->package.step);
}

/* The node that owns the state; under by=edge the step may fetch a copy from another one. */
static uint32_t owner_of(const struct invocation *inv, uint32_t state)
{
	struct sfe_placed_job placed = deployment_job(inv->worker->deployment, inv->package.job);

	if (!placed.by_edge)
		return keeper_of(inv, state);
	placed.by_edge = NULL;
	return sfe_edges.keeper(&placed, state, inv->package.step);
}

static bool in_parallel(const struct invocation *inv)
{
	return worker_rules(inv->worker, inv->package.job)->options.fetch == SFE_FETCH_PARALLEL;
}

/* The invocation fails as soon as no request of it is on its way any more. */
static void fail(struct invocation *inv, int code, const char *reason)
{
	if (!inv->fetching.code) {
		inv->fetching.code = code;
		snprintf(inv->fetching.reason, sizeof(inv->fetching.reason), "%s", reason);
	}
	if (!inv->fetching.n)
		invocation_fail(inv, inv->fetching.code, inv->fetching.reason);
}

/* ---- what is missing */

/* Whether the step reads its i-th state, and it is not here. */
static bool is_missing(const struct invocation *inv, uint32_t i)
{
	const struct sfe_step *step = invocation_step(inv);

	return !inv->package.states[step->deps[i]].here && sfe_step_access(step, i) != SFE_WRITE &&
	       !prefetch_awaits(inv, i);
}

/* The first such state; false: there is none. */
static bool lacks(const struct invocation *inv, uint32_t *state)
{
	for (uint32_t i = 0; i < invocation_n_deps(inv); i++) {
		*state = invocation_step(inv)->deps[i];
		if (is_missing(inv, i))
			return true;
	}
	return false;
}

struct missing { /* states, ascending */
	uint32_t n, state[SFE_MAX_TASKS_PER_JOB];
};

/* Those that the node keeps. */
static void find_missing(const struct invocation *inv, uint32_t keeper, struct missing *out)
{
	const uint32_t *deps = invocation_step(inv)->deps;

	out->n = 0;
	for (uint32_t i = 0; i < invocation_n_deps(inv); i++)
		if (is_missing(inv, i) && keeper_of(inv, deps[i]) == keeper)
			out->state[out->n++] = deps[i];
}

/* ---- requests */

/* Asks a node for a state, or for SEVERAL. tried: how many nodes were asked before it. */
static void ask_node(struct invocation *inv, uint32_t node, uint32_t state, uint32_t tried,
	struct outgoing *message)
{
	struct exchange e = {.to = node,
		.kind = SFE_TRANSFER_FETCH,
		.at = package_place(&inv->package),
		.state = state,
		.tried = tried,
		.asked_ns = in_parallel(inv) ? now_ns() : 0,
		.invocation = inv,
		.done = state == SEVERAL ? fetched_states : fetched};

	inv->fetching.n++;
	peers_send(inv->worker, &e, message);
}

static void ask_for(struct invocation *inv, uint32_t node, uint32_t state)
{
	const struct job_place at = package_place(&inv->package);

	ask_node(inv, node, state, 0, wire_fetch(&inv->worker->wire, WIRE_STATE, node, &at, state));
}

/* ---- copies of what was lost */

/* Takes the copy that this node itself has: 0, -ENOENT or -ENOMEM. */
static int use_own_copy(struct invocation *inv, uint32_t state, uint64_t version)
{
	struct worker *w = inv->worker;
	const struct stored *s = store_find(&w->replicas, inv->package.job, state);
	struct slice own;

	if (!s || s->version != version)
		return -ENOENT;
	if (slice_new(&w->host->buffers, s->content.size, &own))
		return -ENOMEM;
	memcpy(own.data, s->content.data, own.size); /* the function will change it in place */
	package_put(&inv->package, state, own, version);
	return 0;
}

enum copy {
	COPY_NONE,   /* there is none left to ask for */
	COPY_HERE,   /* the package has it */
	COPY_ASKED,  /* it will come, or not */
	COPY_FAILED, /* the invocation has failed */
};

/* Fetches a copy of a state that its keeper has lost, from the next replica that may have one;
 * `tried` of them were asked before. */
static enum copy fetch_copy(struct invocation *inv, uint32_t state, uint32_t tried)
{
	struct worker *w = inv->worker;
	const struct job_place at = package_place(&inv->package);
	uint64_t version = sfe_version_before(worker_job(w, at.job), state, at.step);

	if (!worker_rules(w, at.job)->copies ||
		!version) /* a state that no step has changed has no copies */
		return COPY_NONE;
	for (uint32_t i = tried, node;
		(node = replica_node(w->deployment, at.job, i)) != NO_REPLICA_NODE; i++) {
		int r = node == w->node ? use_own_copy(inv, state, version) : 0;
		if (r == -ENOENT)
			continue;
		if (r) {
			fail(inv, r, "a copy of a state: out of memory");
			return COPY_FAILED;
		}
		if (node == w->node)
			return COPY_HERE;
		ask_node(inv, node, state, i + 1,
			wire_fetch(&w->wire, WIRE_REPLICA, node, &at, state));
		return COPY_ASKED;
	}
	return COPY_NONE;
}

/* The node that has a copy of the state (by=edge) does not give it: its owner has it, too. */
static enum copy fetch_from_owner(struct invocation *inv, uint32_t state)
{
	uint32_t owner = owner_of(inv, state);

	if (owner == inv->worker->node)
		return take_own(inv, state) ? COPY_NONE : COPY_HERE;
	ask_for(inv, owner, state);
	return COPY_ASKED;
}

/* ---- answers */

/* Why a state could not be fetched. */
static void describe(
	const struct exchange *e, uint32_t state, int status, char *reason, size_t room)
{
	const struct sfe_endpoint *nodes = e->worker->deployment->nodes;
	uint32_t keeper = keeper_of(e->invocation, state);
	const char *node = nodes[e->to].name;

	if (e->tried)
		snprintf(reason, room, "state %" PRIu32 " was lost on %s, and no copy is left",
			state, nodes[keeper].name);
	else if (status == 410)
		snprintf(reason, room, "state %" PRIu32 " was lost when %s crashed", state, node);
	else if (status == 404)
		snprintf(reason, room, "state %" PRIu32 " is not on %s any more", state, node);
	else if (status == -ECONNREFUSED)
		snprintf(reason, room, "state %" PRIu32 " was lost: %s is down", state, node);
	else if (status < 0)
		snprintf(reason, room, "state %" PRIu32 " from %s: %s", state, node,
			sfe_ctl_reason(status));
	else
		snprintf(reason, room,
			"state %" PRIu32 " from %s: answered %d with %" PRIu64 " bytes", state,
			node, status, e->body.size);
}

/* A copy is only used when the keeper is known to have lost the state: a keeper that cannot be
 * reached still owns it, and a state has one owner. */
static bool says_lost(int status)
{
	return status == 410 || status == 404 || status == -ECONNREFUSED;
}

/* The state did not come. false: the invocation has failed. */
static bool use_copy(const struct exchange *e, uint32_t state, int status)
{
	struct invocation *inv = e->invocation;
	char reason[160];
	enum copy copy = COPY_NONE;

	if (!e->tried && e->to != owner_of(inv, state))
		copy = fetch_from_owner(inv, state);
	else if (says_lost(status) || e->tried)
		copy = fetch_copy(inv, state, e->tried);
	if (copy == COPY_NONE) {
		describe(e, state, status, reason, sizeof(reason));
		fail(inv, status < 0 ? status : -ENODATA, reason);
	}
	return copy == COPY_HERE || copy == COPY_ASKED;
}

static void fetched(struct exchange *e, int status)
{
	struct worker *w = e->worker;
	struct invocation *inv = e->invocation;

	inv->fetching.n--;
	if (status == 200 && (e->head->fields & HEAD_VERSION) &&
		(w->deployment->jobs[e->at.job].sizes_vary ||
			e->body.size == worker_job(w, e->at.job)->state_bytes[e->state])) {
		peers_record_answer(e, SFE_TRANSFER_FETCH);
		package_put(&inv->package, e->state, slice_move(&e->body), e->head->version);
		fetch_states(inv);
	} else if (inv->fetching.code || use_copy(e, e->state, status)) {
		fetch_states(inv); /* it may have failed already */
	}
}

static void take_states(struct exchange *e)
{
	uint64_t offset = 0;

	for (uint32_t i = 0; i < e->head->parts.n; i++) {
		const struct head_item *part = &e->head->parts.items[i];
		package_put(&e->invocation->package, part->state,
			slice_part(&e->body, offset, part->value),
			e->head->versions.items[i].value);
		offset += part->value;
	}
}

/* Of SEVERAL none comes if one is lost, or if they are too much for a message: then each is asked
 * for by itself. */
static void fetched_states(struct exchange *e, int status)
{
	struct invocation *inv = e->invocation;
	struct missing m;
	bool goes_on = true;

	inv->fetching.n--;
	find_missing(inv, e->to, &m);
	if (status == 200 &&
		wire_check_states(&e->worker->wire, e->head, &e->at, m.n, m.state, e->body.size)) {
		peers_record_answer(e, SFE_TRANSFER_FETCH);
		take_states(e);
	} else if (inv->fetching.code) {
		; /* it has failed already */
	} else if (status == 404 || status == 410 || status == 413) {
		for (uint32_t i = 0; i < m.n; i++)
			ask_for(inv, e->to, m.state[i]);
	} else {
		for (uint32_t i = 0; i < m.n && goes_on; i++)
			goes_on = use_copy(e, m.state[i], status);
	}
	if (goes_on)
		fetch_states(inv);
}

/* ---- the states of an invocation */

/* Takes it from the own store: 0, or a negative errno. */
static int take_own(struct invocation *inv, uint32_t state)
{
	struct stored *stored = store_find(&inv->worker->store, inv->package.job, state);
	struct slice content;

	if (!stored && worker_rules(inv->worker, inv->package.job)->created_on_use) {
		int r = job_create_state(inv->worker, inv->package.job, state, inv->package.step);
		if (r)
			return r;
		stored = store_find(&inv->worker->store, inv->package.job, state);
	}
	if (!stored)
		return -ENOENT;
	uint64_t version = stored->version;
	if (!sfe_step_changes(invocation_step(inv), state)) {
		package_share(&inv->package, state, &stored->content, version);
		return 0;
	}
	store_take(&inv->worker->store, stored, &content);
	package_put(&inv->package, state, content, version);
	/* A message that takes it along, or ahead, may not be sent yet, or be sent again. */
	const struct sfe_deployed_job *job = &inv->worker->deployment->jobs[inv->package.job];
	inv->package.states[state].shared =
		(job->inlined || job->pushed) && content.buffer && content.buffer->references > 1;
	return 0;
}

/* Of a state that this node keeps. false: the invocation has failed. */
static bool bring_own(struct invocation *inv, uint32_t state)
{
	const struct worker *w = inv->worker;
	char reason[160];
	enum copy copy = COPY_NONE;

	if (!take_own(inv, state))
		return true;
	if (owner_of(inv, state) != w->node)
		copy = fetch_from_owner(inv, state);
	else if (w->crashes)
		copy = fetch_copy(inv, state, 0);
	if (copy == COPY_NONE) {
		snprintf(reason, sizeof(reason),
			w->crashes ? "state %" PRIu32 " was lost when %s crashed"
				   : "state %" PRIu32 " is not where it should be, on %s",
			state, w->deployment->nodes[w->node].name);
		fail(inv, -ENODATA, reason);
	}
	return copy == COPY_HERE || copy == COPY_ASKED;
}

/* Asks for the first state that is missing, after those that this node has. false: the invocation
 * has failed. */
static bool ask_next(struct invocation *inv)
{
	struct worker *w = inv->worker;
	uint32_t state;

	while (!inv->fetching.n && lacks(inv, &state)) {
		uint32_t keeper = keeper_of(inv, state);
		if (keeper >= w->deployment->n_nodes) {
			invocation_no_keeper(inv, state);
			return false;
		}
		if (keeper != w->node)
			ask_for(inv, keeper, state);
		else if (!bring_own(inv, state))
			return false;
	}
	return true;
}

/* The rule names a node for all that is missing. */
static bool all_are_kept(struct invocation *inv)
{
	const uint32_t *deps = invocation_step(inv)->deps;

	for (uint32_t i = 0; i < invocation_n_deps(inv); i++)
		if (is_missing(inv, i) &&
			keeper_of(inv, deps[i]) >= inv->worker->deployment->n_nodes) {
			invocation_no_keeper(inv, deps[i]);
			return false;
		}
	return true;
}

/* Asks for all that is missing at once, each node with one request, after what this node has.
 * false: the invocation has failed. */
static bool ask_all(struct invocation *inv)
{
	struct worker *w = inv->worker;
	const struct job_place at = package_place(&inv->package);
	const uint32_t *deps = invocation_step(inv)->deps;
	struct missing m;

	if (!all_are_kept(inv))
		return false;
	for (uint32_t i = 0; i < invocation_n_deps(inv); i++)
		if (is_missing(inv, i) && keeper_of(inv, deps[i]) == w->node &&
			!bring_own(inv, deps[i]))
			return false;
	for (uint32_t i = 0; i < invocation_n_deps(inv); i++) {
		uint32_t keeper = is_missing(inv, i) ? keeper_of(inv, deps[i]) : w->node;
		if (keeper == w->node)
			continue;
		find_missing(inv, keeper, &m);
		if (m.n == 1)
			ask_for(inv, keeper, deps[i]);
		else if (m.state[0] == deps[i]) /* else the node is asked already */
			ask_node(inv, keeper, SEVERAL, 0,
				wire_fetch_states(&w->wire, keeper, &at, m.n, m.state));
	}
	return true;
}

static void take_cached(struct invocation *inv)
{
	if (!inv->dynamic)
		inv->record.cache_hits += cached_states_take(inv->worker, &inv->package);
}

/* Fetches what is missing: the next state, or all of them. With nothing missing, runs the
 * invocation. */
static void fetch_states(struct invocation *inv)
{
	if (inv->fetching.n)
		return; /* others are still to come */
	prefetch_over(inv);
	if (inv->fetching.code) {
		fail(inv, inv->fetching.code, inv->fetching.reason);
		return;
	}
	take_cached(inv);
	if (worker_rules(inv->worker, inv->package.job)->keeper &&
		!(in_parallel(inv) ? ask_all(inv) : ask_next(inv)))
		return;
	if (inv->fetching.n)
		return;
	if (!inv->dynamic)
		cached_states_keep(inv->worker, &inv->package);
	prefetch_claim(inv);
	if (inv->shared)
		invocation_shared_fetch(inv, invocation_run);
	else
		invocation_run(inv);
}

/* After those that came ahead, and beside those that are on their way. */
static void fetch_first(struct invocation *inv)
{
	inv->fetches = true;
	prefetch_use(inv, fetch_states);
	push_use(inv, fetch_states);
	take_cached(inv);
	if (inv->fetching.n && in_parallel(inv) && !ask_all(inv))
		return;
	fetch_states(inv);
}

static void begin_fetching(struct invocation *inv)
{
	inv->record.begin_ns = now_ns();
	fetch_first(inv);
}

static void instance_started(void *invocation)
{
	begin_fetching(invocation);
}

static void let_in(struct worker *w)
{
	struct admission_entry *entry;

	while (!w->over && (entry = admission_next(&w->admission, now_ns()))) {
		struct invocation *inv =
			(struct invocation *)((char *)entry -
					      offsetof(struct invocation, admission));
		inv->record.queued_ns = entry->queued_ns;
		if (w->admission.limits.memory)
			state_cache_reserve(&w->cache, w->admission.bytes);
		inv->record.cold_ns = entry->cold_ns;
		if (entry->cold_ns)
			timers_set(&w->timers, &inv->cold_start, now_ns() + entry->cold_ns,
				instance_started, inv);
		else
			begin_fetching(inv);
	}
}

/* What the invocation takes of the node's memory: its argument, output and states. */
static uint64_t bytes_of(const struct invocation *inv)
{
	const struct sfe_job *job = worker_job(inv->worker, inv->package.job);
	const struct sfe_step *step = invocation_step(inv);
	uint64_t bytes = inv->package.value.size + (inv->dynamic ? 0 : step->out_bytes);

	for (uint32_t i = 0; i < invocation_n_deps(inv); i++)
		bytes += job->state_bytes[step->deps[i]];
	return bytes + invocation_shared_bytes(inv);
}

static void ask(struct invocation *inv)
{
	struct worker *w = inv->worker;
	char reason[160];

	inv->admission.function = invocation_function(inv);
	inv->admission.bytes = bytes_of(inv);
	if (admission_ask(&w->admission, &inv->admission, now_ns()))
		return;
	snprintf(reason, sizeof(reason),
		"needs %" PRIu64 " bytes for argument, output and states; %s has a memory of "
		"%" PRIu64,
		inv->admission.bytes, w->deployment->nodes[w->node].name,
		w->admission.limits.memory);
	invocation_fail(inv, -EFBIG, reason);
}

void invocations_start_begun(struct worker *w)
{
	for (struct invocation *inv; !w->over && (inv = STAILQ_FIRST(&w->begun));) {
		const struct job_place at = package_place(&inv->package);
		const bool step = !inv->dynamic;
		STAILQ_REMOVE_HEAD(&w->begun, next);
		if (admission_limits(&w->admission))
			ask(inv);
		else
			fetch_first(inv);
		if (step && !w->over)
			prefetch_next(w, &at);
	}
	if (admission_limits(&w->admission))
		let_in(w);
}
