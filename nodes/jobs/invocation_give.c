/* SPDX-License-Identifier: MIT */
#include "nodes/jobs/invocation_give.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "emu/model/workload/job_graph.h"
#include "nodes/jobs/job_flow.h"
#include "nodes/jobs/job_states.h"
#include "nodes/jobs/peers.h"
#include "nodes/jobs/prefetch.h"
#include "nodes/recovery/replicas.h"
#include "nodes/shared/cached_states.h"

#define NO_BASE 412 /* the other node does not have the version before: it gets the whole state */

static void store_there(struct invocation *inv, uint32_t state, uint32_t to, bool whole);
static void send_copy(struct invocation *inv, uint32_t state, uint32_t to, bool whole);

static void stored_there(struct exchange *e, int status)
{
	struct worker *w = e->worker;
	struct invocation *inv = e->invocation;
	const char *node = w->deployment->nodes[e->to].name;
	char reason[160];

	if (status == 200) {
		invocation_give_states(inv);
		return;
	}
	if (status == NO_BASE && e->partial) {
		store_there(inv, e->state, e->to, true);
		return;
	}
	snprintf(reason, sizeof(reason), "state %" PRIu32 " to %s: %s", e->state, node,
		status < 0 ? sfe_ctl_reason(status) : "it does not take it");
	invocation_fail(inv, status < 0 ? status : -EPROTO, reason);
}

/* Whether the node had the version before the step, unless it has crashed since. */
static bool had_version_before(const struct invocation *inv, uint32_t state, uint32_t to)
{
	const struct package *p = &inv->package;

	return deployment_keeper(inv->worker->deployment, p->job, state, p->step) == to;
}

/* Sends the state; only its changes if the node had the version before. whole: it has not. */
static void store_there(struct invocation *inv, uint32_t state, uint32_t to, bool whole)
{
	struct worker *w = inv->worker;
	const struct carried *s = &inv->package.states[state];
	struct exchange e = {.to = to,
		.kind = SFE_TRANSFER_STORE,
		.at = package_place(&inv->package),
		.state = state,
		.partial = s->changes && !whole && had_version_before(inv, state, to),
		.invocation = inv,
		.done = stored_there};

	peers_send(w, &e, wire_store(&w->wire, WIRE_STATE, to, &e.at, state, s, e.partial));
}

/* Also after a failure: one copy less does not fail the job. */
static void copied(struct exchange *e, int status)
{
	if (status == NO_BASE && e->partial)
		send_copy(e->invocation, e->state, e->to, true);
	else
		invocation_give_states(e->invocation);
}

/* The same of a copy: version 0 has none. */
static bool had_copy_before(const struct invocation *inv, uint32_t state, uint32_t to)
{
	const struct sfe_deployment *d = inv->worker->deployment;
	const struct package *p = &inv->package;
	uint32_t keeper = deployment_keeper(d, p->job, state, p->step);
	bool had = false;

	for (uint32_t k = 0; k < d->n_replicas; k++)
		had = had || replica_node_except(d, p->job, k, keeper) == to;
	return had && sfe_version_before(worker_job(inv->worker, p->job), state, p->step);
}

static void send_copy(struct invocation *inv, uint32_t state, uint32_t to, bool whole)
{
	struct worker *w = inv->worker;
	const struct carried *s = &inv->package.states[state];
	struct exchange e = {.to = to,
		.kind = SFE_TRANSFER_REPLICA,
		.at = package_place(&inv->package),
		.state = state,
		.partial = s->changes && !whole && had_copy_before(inv, state, to),
		.invocation = inv,
		.done = copied};

	peers_send(w, &e, wire_store(&w->wire, WIRE_REPLICA, to, &e.at, state, s, e.partial));
}

/* This node is a replica, and another one keeps the state. */
static void keep_copy(
	struct worker *w, const struct job_place *at, uint32_t state, const struct carried *s)
{
	struct stored *old = store_peek(&w->replicas, at->job, state);

	if (old && old->version > s->version)
		return;
	if (old)
		store_take(&w->replicas, old, NULL);
	if (store_put(&w->replicas, at->job, state, slice_part(&s->bytes, 0, s->bytes.size),
		    s->version, !sfe_state_used_from(worker_job(w, at->job), state, at->step + 1)))
		worker_fatal(w, -ENOMEM, "a copy of a state");
}

/* Sends the next copy of a changed state to a replica; false: all are sent. */
static bool copy_next(struct invocation *inv)
{
	struct worker *w = inv->worker;
	const struct sfe_step *step = invocation_step(inv);
	const struct job_place at = package_place(&inv->package);
	uint32_t n = worker_rules(w, at.job)->copies ? w->deployment->n_replicas : 0;

	while (inv->copied < n * step->n_deps) {
		uint32_t k = inv->copied++, state = step->deps[k / n];
		const struct carried *s = &inv->package.states[state];
		if (!sfe_step_changes(step, state))
			continue;
		uint32_t keeper = deployment_keeper(w->deployment, at.job, state, at.step + 1);
		uint32_t to = replica_node_except(w->deployment, at.job, k % n, keeper);
		if (to == w->node)
			keep_copy(w, &at, state, s);
		if (to == w->node || to == NO_REPLICA_NODE)
			continue;
		send_copy(inv, state, to, false);
		return true;
	}
	return false;
}

/* The next changed state that another node keeps; false: there is none. */
static bool kept_elsewhere(const struct invocation *inv, uint32_t *state, uint32_t *to)
{
	const struct sfe_step *step = invocation_step(inv);
	const struct package *p = &inv->package;

	for (uint32_t i = 0;
		worker_rules(inv->worker, inv->package.job)->keeper && i < step->n_deps; i++) {
		*state = step->deps[i];
		if (!p->states[*state].here || !sfe_step_changes(step, *state))
			continue;
		*to = deployment_keeper(inv->worker->deployment, p->job, *state, p->step + 1);
		if (*to != inv->worker->node)
			return true;
	}
	return false;
}

/* Copies of what was given away are sent: its bytes are not needed here any more, unless they go
 * with the next calls too. */
static void drop_given(struct worker *w, struct package *package)
{
	for (uint32_t i = 0; i < package->n_states; i++) {
		struct carried *s = &package->states[i];
		if (!s->here && s->version && w->deployment->jobs[package->job].inlined &&
			job_sends_on(w, package->job, i, package->step))
			s->here = true;
		else if (!s->here)
			package_remove(package, i);
	}
}

void invocation_give_states(struct invocation *inv)
{
	uint32_t state, to;

	if (prefetch_claims_wait(inv, invocation_give_states))
		return;
	if (kept_elsewhere(inv, &state, &to)) {
		if (to >= inv->worker->deployment->n_nodes) {
			invocation_no_keeper(inv, state);
			return;
		}
		inv->package.states[state].here = false;
		store_there(inv, state, to, false);
		return;
	}
	if (copy_next(inv))
		return;
	cached_states_keep_left(inv->worker, &inv->package);
	drop_given(inv->worker, &inv->package);
	job_flow_finished(inv->worker, inv);
	invocation_free(inv);
}
