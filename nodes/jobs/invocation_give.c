/* SPDX-License-Identifier: MIT */
#include "nodes/jobs/invocation_give.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "emu/model/workload/job_graph.h"
#include "nodes/jobs/peers.h"
#include "nodes/recovery/replicas.h"
#include "nodes/worker/strategy.h"

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
	snprintf(reason, sizeof(reason), "state %" PRIu32 " to %s: %s", e->state, node,
		status < 0 ? sfe_ctl_reason(status) : "it does not take it");
	invocation_fail(inv, status < 0 ? status : -EPROTO, reason);
}

/* Gives a state to the store of this node: 0, or a negative errno when the invocation has failed.
 */
static int store_here(struct invocation *inv, uint32_t state, bool final)
{
	struct carried *s = &inv->package.states[state];
	char reason[160];
	int r = store_put(&inv->worker->store, inv->package.job, state, slice_move(&s->bytes),
		s->version, final);

	if (!r)
		return 0;
	snprintf(reason, sizeof(reason), "state %" PRIu32 " to the store: %s", state,
		r == -EEXIST ? "it is there already" : strerror(-r));
	invocation_fail(inv, r, reason);
	return r;
}

static void store_there(struct invocation *inv, uint32_t state, uint32_t to)
{
	struct worker *w = inv->worker;
	struct carried *s = &inv->package.states[state];
	struct slice bytes = slice_move(&s->bytes);
	struct exchange e = {.to = to,
		.kind = SFE_TRANSFER_STORE,
		.at = package_place(&inv->package),
		.state = state,
		.invocation = inv,
		.done = stored_there};

	peers_send(w, &e, wire_store(&w->wire, WIRE_STATE, to, &e.at, state, &bytes, s->version));
	slice_drop(&bytes);
}

/* Also after a failure: one copy less does not fail the job. */
static void copied(struct exchange *e, int status)
{
	(void)status;
	invocation_give_states(e->invocation);
}

/* Sends the next copy of a changed state to a replica; false: all are sent. */
static bool copy_next(struct invocation *inv)
{
	struct worker *w = inv->worker;
	const struct sfe_step *step = invocation_step(inv);
	const struct job_place at = package_place(&inv->package);
	uint32_t n = w->strategy->copies ? w->deployment->n_replicas : 0;

	while (inv->copied < n * step->n_deps) {
		uint32_t k = inv->copied++, state = step->deps[k / n];
		const struct carried *s = &inv->package.states[state];
		struct exchange e = {
			.to = replica_node_except(w->deployment, at.job, k % n, w->node),
			.kind = SFE_TRANSFER_REPLICA,
			.at = at,
			.state = state,
			.invocation = inv,
			.done = copied};
		if (e.to == HOLDER_UNKNOWN)
			continue;
		peers_send(w, &e,
			wire_store(
				&w->wire, WIRE_REPLICA, e.to, &at, state, &s->bytes, s->version));
		return true;
	}
	return false;
}

void invocation_give_states(struct invocation *inv)
{
	struct worker *w = inv->worker;
	const struct package *p = &inv->package;
	uint32_t state, to;

	while (w->strategy->gives && w->strategy->gives(inv, &state, &to)) {
		struct carried *s = &p->states[state];
		s->here = false;
		s->holder = to;
		if (to != w->node) {
			store_there(inv, state, to);
			return;
		}
		if (store_here(inv, state,
			    !sfe_state_used_from(worker_job(w, p->job), state, p->step + 1)))
			return;
	}
	if (copy_next(inv))
		return;
	w->strategy->finished(w, inv);
	invocation_free(inv);
}
