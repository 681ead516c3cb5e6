/* SPDX-License-Identifier: MIT */
/* How an invocation gets the states that it depends on, and what becomes of them after it. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "nodes/http/wire.h"
#include "nodes/jobs/actions.h"
#include "nodes/jobs/invocation.h"
#include "nodes/jobs/peers.h"
#include "nodes/recovery/replicas.h"
#include "nodes/worker/records.h"
#include "nodes/worker/strategy.h"

/* ---- bringing states */

static bool seek_copy(struct invocation *inv, uint32_t state, uint32_t tried);

/* What became of a state that its holder does not give; the node is the holder. */
static void describe(const struct exchange *e, int status, char *reason, size_t room)
{
	const struct sfe_endpoint *nodes = e->worker->deployment->nodes;
	uint32_t holder = e->invocation->package.states[e->state].holder;
	const char *node = nodes[e->to].name;

	if (e->tried)
		snprintf(reason, room, "state %" PRIu32 " was lost on %s, and no copy is left",
			e->state, nodes[holder].name);
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
		e->body.size == worker_job(w, e->at.job)->state_bytes[e->state]) {
		records_transfer(w, &(struct sfe_ctl_transfer){.kind = SFE_TRANSFER_FETCH,
					    .job = e->at.job,
					    .step = e->at.step,
					    .from = e->to,
					    .head_bytes = e->head->bytes,
					    .request_bytes = e->request_bytes,
					    .connected_by = w->node,
					    .port = e->port,
					    .payload_bytes = e->body.size,
					    .head_ns = e->head_ns,
					    .done_ns = e->done_ns});
		package_put(&inv->package, e->state, slice_move(&e->body), e->head->version);
		invocation_bring_states(inv);
		return;
	}
	/* Copies are for when the holder is known to have lost it: one that is only out of reach
	 * still holds it, and a state has one owner. */
	bool lost = status == 410 || status == 404 || status == -ECONNREFUSED || e->tried;
	if (lost && seek_copy(inv, e->state, e->tried))
		return;
	describe(e, status, reason, sizeof(reason));
	invocation_fail(inv, status < 0 ? status : -ENODATA, reason);
}

/*
 * A copy of a state that its holder has lost, from the next of the nodes that may have one. false:
 * there is none left to ask.
 */
static bool seek_copy(struct invocation *inv, uint32_t state, uint32_t tried)
{
	struct worker *w = inv->worker;
	const struct job_place at = job_place_of(&inv->package);
	uint64_t version = job_version(w, at.job, state, at.step);

	if (!w->strategy->copies || !version) /* nobody copies what no step has changed */
		return false;
	for (uint32_t i = tried, node; (node = replica_node(w, at.job, i)) != HOLDER_UNKNOWN; i++) {
		if (node == w->node) {
			const struct stored *s = store_find(&w->replicas, at.job, state);
			struct slice own;
			if (!s || s->version != version)
				continue;
			if (slice_new(&w->host->buffers, s->content.size, &own)) {
				invocation_fail(inv, -ENOMEM, "a copy of a state: out of memory");
				return true;
			}
			memcpy(own.data, s->content.data, own.size); /* as it will be changed */
			package_put(&inv->package, state, own, version);
			invocation_bring_states(inv);
			return true;
		}
		struct exchange e = {.to = node,
			.kind = SFE_TRANSFER_FETCH,
			.at = at,
			.state = state,
			.tried = i + 1,
			.invocation = inv,
			.done = fetched};
		peers_send(w, &e, wire_fetch(w, WIRE_REPLICA, node, &at, state));
		return true;
	}
	return false;
}

/* From the own store: 0, or -ENOENT. */
static int take_own(struct invocation *inv, uint32_t state)
{
	struct stored *stored = store_find(&inv->worker->store, inv->package.job, state);
	struct slice content;

	if (!stored && inv->worker->strategy->born) {
		int r = job_bear(inv->worker, inv->package.job, state, inv->package.step);
		if (r)
			return r;
		stored = store_find(&inv->worker->store, inv->package.job, state);
	}
	if (!stored)
		return -ENOENT;
	uint64_t version = stored->version;
	store_take(&inv->worker->store, stored, &content);
	package_put(&inv->package, state, content, version);
	return 0;
}

void invocation_bring_states(struct invocation *inv)
{
	struct worker *w = inv->worker;
	const struct job_place at = job_place_of(&inv->package);
	char reason[160];
	uint32_t state, holder;

	while (w->strategy->wants && w->strategy->wants(inv, &state, &holder)) {
		if (holder == HOLDER_UNKNOWN || (holder == w->node && take_own(inv, state))) {
			if (holder == w->node && w->crashes && seek_copy(inv, state, 0))
				return;
			snprintf(reason, sizeof(reason),
				w->crashes ? "state %" PRIu32 " was lost when %s crashed"
					   : "state %" PRIu32 " is not where it should be, on %s",
				state, w->deployment->nodes[w->node].name);
			invocation_fail(inv, -ENODATA, reason);
			return;
		}
		if (holder != w->node) {
			struct exchange e = {.to = holder,
				.kind = SFE_TRANSFER_FETCH,
				.at = at,
				.state = state,
				.invocation = inv,
				.done = fetched};
			peers_send(w, &e, wire_fetch(w, WIRE_STATE, holder, &at, state));
			return;
		}
	}
	invocation_run(inv);
}

/* ---- giving states away */

static void given(struct exchange *e, int status)
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

/* A copy less is no reason to fail. */
static void copied(struct exchange *e, int status)
{
	(void)status;
	invocation_give_states(e->invocation);
}

/* The next copy of a state that the step has changed, to a node that keeps one; false: all are
 * made.
 */
static bool copy_next(struct invocation *inv)
{
	struct worker *w = inv->worker;
	const struct sfe_step *step = invocation_step(inv);
	const struct job_place at = job_place_of(&inv->package);
	uint32_t n = w->strategy->copies ? w->deployment->n_replicas : 0;

	while (inv->copied < n * step->n_deps) {
		uint32_t k = inv->copied++, state = step->deps[k / n];
		const struct carried *s = &inv->package.states[state];
		struct exchange e = {.to = replica_node_but(w, at.job, k % n, w->node),
			.kind = SFE_TRANSFER_REPLICA,
			.at = at,
			.state = state,
			.invocation = inv,
			.done = copied};
		if (e.to == HOLDER_UNKNOWN)
			continue;
		peers_send(w, &e,
			wire_store(w, WIRE_REPLICA, e.to, &at, state, &s->bytes, s->version));
		return true;
	}
	return false;
}

/* The step is over once what it has changed is where it belongs. */
void invocation_give_states(struct invocation *inv)
{
	struct worker *w = inv->worker;
	struct package *p = &inv->package;
	const struct job_place at = job_place_of(p);
	uint32_t state, to;

	while (w->strategy->gives && w->strategy->gives(inv, &state, &to)) {
		struct carried *s = &p->states[state];
		bool final = !job_wants_later(w, p->job, state, p->step + 1);
		s->here = false;
		s->holder = to;
		if (to != w->node) {
			struct exchange e = {.to = to,
				.kind = SFE_TRANSFER_STORE,
				.at = at,
				.state = state,
				.invocation = inv,
				.done = given};
			struct slice bytes = slice_move(&s->bytes);
			peers_send(w, &e,
				wire_store(w, WIRE_STATE, to, &at, state, &bytes, s->version));
			slice_drop(&bytes);
			return;
		}
		int r = store_put(
			&w->store, p->job, state, slice_move(&s->bytes), s->version, final);
		if (r) {
			char reason[160];
			snprintf(reason, sizeof(reason), "state %" PRIu32 " to the store: %s",
				state, r == -EEXIST ? "it is there already" : strerror(-r));
			invocation_fail(inv, r, reason);
			return;
		}
	}
	if (copy_next(inv))
		return;
	w->strategy->finished(w, inv);
	invocation_free(inv);
}
