/* SPDX-License-Identifier: MIT */
#include "nodes/jobs/invocation_fetch.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "emu/model/workload/job_graph.h"
#include "nodes/base/clock.h"
#include "nodes/jobs/invocation_run.h"
#include "nodes/jobs/invocation_shared.h"
#include "nodes/jobs/job_states.h"
#include "nodes/jobs/peers.h"
#include "nodes/recovery/replicas.h"

static void fetch_states(struct invocation *inv);
static bool fetch_copy(struct invocation *inv, uint32_t state, uint32_t tried);

static uint32_t keeper_of(const struct invocation *inv, uint32_t state)
{
	return deployment_keeper(
		inv->worker->deployment, inv->package.job, state, inv->package.step);
}

/* Why a state could not be fetched. */
static void describe(const struct exchange *e, int status, char *reason, size_t room)
{
	const struct sfe_endpoint *nodes = e->worker->deployment->nodes;
	uint32_t keeper = keeper_of(e->invocation, e->state);
	const char *node = nodes[e->to].name;

	if (e->tried)
		snprintf(reason, room, "state %" PRIu32 " was lost on %s, and no copy is left",
			e->state, nodes[keeper].name);
	else if (status == 410)
		snprintf(
			reason, room, "state %" PRIu32 " was lost when %s crashed", e->state, node);
	else if (status == 404)
		snprintf(reason, room, "state %" PRIu32 " is not on %s any more", e->state, node);
	else if (status == -ECONNREFUSED)
		snprintf(reason, room, "state %" PRIu32 " was lost: %s is down", e->state, node);
	else if (status < 0)
		snprintf(reason, room, "state %" PRIu32 " from %s: %s", e->state, node,
			sfe_ctl_reason(status));
	else
		snprintf(reason, room,
			"state %" PRIu32 " from %s: answered %d with %" PRIu64 " bytes", e->state,
			node, status, e->body.size);
}

static void fetched(struct exchange *e, int status)
{
	struct worker *w = e->worker;
	struct invocation *inv = e->invocation;
	char reason[160];

	if (status == 200 && (e->head->fields & HEAD_VERSION) &&
		(w->deployment->jobs[e->at.job].sizes_vary ||
			e->body.size == worker_job(w, e->at.job)->state_bytes[e->state])) {
		peers_record_answer(e, SFE_TRANSFER_FETCH);
		package_put(&inv->package, e->state, slice_move(&e->body), e->head->version);
		fetch_states(inv);
		return;
	}
	/* A copy is only used when the keeper is known to have lost the state: a keeper that cannot
	 * be reached still owns it, and a state has one owner. */
	bool lost = status == 410 || status == 404 || status == -ECONNREFUSED || e->tried;
	if (lost && fetch_copy(inv, e->state, e->tried))
		return;
	describe(e, status, reason, sizeof(reason));
	invocation_fail(inv, status < 0 ? status : -ENODATA, reason);
}

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

/*
 * Fetches a copy of a state that its keeper has lost, from the next replica that may have one;
 * `tried` of them were asked before. false: there is none left to ask.
 */
static bool fetch_copy(struct invocation *inv, uint32_t state, uint32_t tried)
{
	struct worker *w = inv->worker;
	const struct job_place at = package_place(&inv->package);
	uint64_t version = sfe_version_before(worker_job(w, at.job), state, at.step);

	if (!w->strategy->copies || !version) /* a state that no step has changed has no copies */
		return false;
	for (uint32_t i = tried, node;
		(node = replica_node(w->deployment, at.job, i)) != NO_REPLICA_NODE; i++) {
		int r = node == w->node ? use_own_copy(inv, state, version) : 0;
		if (r == -ENOENT)
			continue;
		if (r) {
			invocation_fail(inv, r, "a copy of a state: out of memory");
		} else if (node == w->node) {
			fetch_states(inv);
		} else {
			struct exchange e = {.to = node,
				.kind = SFE_TRANSFER_FETCH,
				.at = at,
				.state = state,
				.tried = i + 1,
				.invocation = inv,
				.done = fetched};
			peers_send(w, &e, wire_fetch(&w->wire, WIRE_REPLICA, node, &at, state));
		}
		return true;
	}
	return false;
}

/* Takes it from the own store: 0, or a negative errno. */
static int take_own(struct invocation *inv, uint32_t state)
{
	struct stored *stored = store_find(&inv->worker->store, inv->package.job, state);
	struct slice content;

	if (!stored && inv->worker->strategy->created_on_use) {
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
	return 0;
}

/* The first state that the step reads and that is not here; false: there is none. */
static bool lacks(const struct invocation *inv, uint32_t *state)
{
	const struct sfe_step *step = invocation_step(inv);

	for (uint32_t i = 0; i < invocation_n_deps(inv); i++) {
		*state = step->deps[i];
		if (!inv->package.states[*state].here && sfe_step_access(step, i) != SFE_WRITE)
			return true;
	}
	return false;
}

/* Fetches the next state that is missing; without one, runs the invocation. */
static void fetch_states(struct invocation *inv)
{
	struct worker *w = inv->worker;
	const struct job_place at = package_place(&inv->package);
	char reason[160];
	uint32_t state;

	while (w->strategy->keeper && lacks(inv, &state)) {
		uint32_t keeper = keeper_of(inv, state);
		if (keeper >= w->deployment->n_nodes) {
			invocation_no_keeper(inv, state);
			return;
		}
		if (keeper == w->node && take_own(inv, state)) {
			if (w->crashes && fetch_copy(inv, state, 0))
				return;
			snprintf(reason, sizeof(reason),
				w->crashes ? "state %" PRIu32 " was lost when %s crashed"
					   : "state %" PRIu32 " is not where it should be, on %s",
				state, w->deployment->nodes[w->node].name);
			invocation_fail(inv, -ENODATA, reason);
			return;
		}
		if (keeper != w->node) {
			struct exchange e = {.to = keeper,
				.kind = SFE_TRANSFER_FETCH,
				.at = at,
				.state = state,
				.invocation = inv,
				.done = fetched};
			peers_send(w, &e, wire_fetch(&w->wire, WIRE_STATE, keeper, &at, state));
			return;
		}
	}
	if (inv->shared)
		invocation_shared_fetch(inv, invocation_run);
	else
		invocation_run(inv);
}

static void begin_fetching(struct invocation *inv)
{
	inv->record.begin_ns = now_ns();
	fetch_states(inv);
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
		STAILQ_REMOVE_HEAD(&w->begun, next);
		if (admission_limits(&w->admission))
			ask(inv);
		else
			fetch_states(inv);
	}
	if (admission_limits(&w->admission))
		let_in(w);
}
