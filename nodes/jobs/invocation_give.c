/* SPDX-License-Identifier: MIT */
#include "nodes/jobs/invocation_give.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "emu/model/workload/job_graph.h"
#include "nodes/jobs/job_flow.h"
#include "nodes/jobs/peers.h"
#include "nodes/recovery/replicas.h"

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
		if (!sfe_step_changes(step, state))
			continue;
		struct exchange e = {
			.to = replica_node_except(w->deployment, at.job, k % n, w->node),
			.kind = SFE_TRANSFER_REPLICA,
			.at = at,
			.state = state,
			.invocation = inv,
			.done = copied};
		if (e.to == NO_REPLICA_NODE)
			continue;
		peers_send(w, &e,
			wire_store(
				&w->wire, WIRE_REPLICA, e.to, &at, state, &s->bytes, s->version));
		return true;
	}
	return false;
}

/* The next changed state that another node keeps; false: there is none. */
static bool kept_elsewhere(const struct invocation *inv, uint32_t *state, uint32_t *to)
{
	const struct sfe_step *step = invocation_step(inv);
	const struct package *p = &inv->package;

	for (uint32_t i = 0; inv->worker->strategy->keeper && i < step->n_deps; i++) {
		*state = step->deps[i];
		if (!p->states[*state].here || !sfe_step_changes(step, *state))
			continue;
		*to = deployment_keeper(inv->worker->deployment, p->job, *state, p->step + 1);
		if (*to != inv->worker->node)
			return true;
	}
	return false;
}

void invocation_give_states(struct invocation *inv)
{
	uint32_t state, to;

	if (kept_elsewhere(inv, &state, &to)) {
		if (to >= inv->worker->deployment->n_nodes) {
			invocation_no_keeper(inv, state);
			return;
		}
		inv->package.states[state].here = false;
		store_there(inv, state, to);
		return;
	}
	if (copy_next(inv))
		return;
	job_flow_finished(inv->worker, inv);
	invocation_free(inv);
}
