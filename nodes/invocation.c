/* SPDX-License-Identifier: MIT */
#include "nodes/invocation.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "nodes/actions.h"
#include "nodes/deadline.h"
#include "nodes/functions/functions.h"
#include "nodes/peers.h"
#include "nodes/records.h"
#include "nodes/replicas.h"
#include "nodes/strategies/strategy.h"
#include "nodes/wire.h"

static void bring_states(struct invocation *inv);
static void give_states(struct invocation *inv);

void invocation_begin(struct worker *w, struct package *package, uint32_t from, uint64_t request_ns,
	struct connection *reply, struct taken *taken)
{
	struct invocation *inv = calloc(1, sizeof(*inv));

	if (!inv) {
		package_drop(package);
		worker_fatal(w, -ENOMEM, "an invocation");
		return;
	}
	*inv = (struct invocation){.worker = w,
		.package = package_move(package),
		.from = from,
		.reply = reply,
		.local = !reply,
		.taken = taken,
		.record = {.request_ns = request_ns}};
	inv->record.attempt = inv->package.attempt;
	if (reply)
		reply->invocation = inv;
	if (taken)
		taken->running = inv;
	TAILQ_INSERT_TAIL(&w->invocations, inv, all);
	STAILQ_INSERT_TAIL(&w->begun, inv, next);
	worker_later(w);
}

static void invocation_free(struct invocation *inv)
{
	if (inv->reply)
		inv->reply->invocation = NULL;
	if (inv->taken)
		inv->taken->running = NULL;
	TAILQ_REMOVE(&inv->worker->invocations, inv, all);
	package_drop(&inv->package);
	free(inv);
}

void invocation_reply(struct invocation *inv, struct outgoing *answer)
{
	struct connection *c = inv->reply;

	inv->reply = NULL;
	c->invocation = NULL;
	if (answer)
		connection_send(c, answer);
	else
		worker_fatal(inv->worker, -ENOMEM, "an answer");
}

static void fail(struct invocation *inv, int code, const char *reason)
{
	struct worker *w = inv->worker;
	const struct job_place at = job_place_of(&inv->package);
	struct taken *taken = inv->taken;

	if (inv->reply)
		invocation_reply(inv, wire_no_result(w, &at, code, reason));
	else if (!taken || !w->strategy->answers) /* else the caller asks again, or has given up */
		job_failed(w, &at, code, "%s", reason);
	invocation_free(inv);
	if (taken && w->strategy->answers)
		taken_forget(&w->taken, taken);
}

void invocations_look_at_begun(struct worker *w)
{
	for (struct invocation *inv; !w->over && (inv = STAILQ_FIRST(&w->begun));) {
		STAILQ_REMOVE_HEAD(&w->begun, next);
		bring_states(inv);
	}
}

/* ---- running */

static void finish(struct invocation *inv)
{
	struct worker *w = inv->worker;

	inv->record.finish_ns = inv->compute.finish_ns;
	w->invocations_done++;
	records_invocation(inv);
	give_states(inv);
}

/* Ends what is over and waits for what is not. */
static void look_at_computed(struct worker *w)
{
	struct ps_entry *entry;
	uint64_t now = now_ns();

	while (!w->over && (entry = ps_pop(&w->ps, now)))
		finish((struct invocation *)((char *)entry - offsetof(struct invocation, compute)));
	int r = deadline_set(&w->compute_deadline, ps_next_ns(&w->ps));
	if (r)
		worker_fatal(w, r, "the timer of the compute model");
}

void invocations_on_compute(evutil_socket_t fd, short what, void *worker)
{
	struct worker *w = worker;
	(void)fd, (void)what;

	deadline_passed(&w->compute_deadline);
	look_at_computed(w);
}

/* The plugin's view of the invocation; states in the order of the deps. 0 or a negative errno. */
static int invoke(
	struct invocation *inv, const struct sfe_function_plugin *plugin, struct slice *out)
{
	const struct sfe_deployment *d = inv->worker->deployment;
	const struct sfe_step *step = invocation_step(inv);
	struct sfe_invocation_state *states = calloc(step->n_deps + 1, sizeof(*states));
	int r = states ? slice_new(&inv->worker->host->buffers, step->out_bytes, out) : -ENOMEM;

	for (uint32_t i = 0; !r && i < step->n_deps; i++) {
		struct carried *s = &inv->package.states[step->deps[i]];
		states[i] = (struct sfe_invocation_state){
			.index = step->deps[i], .bytes = s->bytes.size, .data = s->bytes.data};
		s->version++;
		inv->record.state_bytes += s->bytes.size;
	}
	struct sfe_invocation invocation = {.function = d->function_names[step->function],
		.seed = d->seed,
		.job = worker_job(inv->worker, inv->package.job)->number,
		.step = inv->package.step,
		.arg = inv->package.value.data,
		.arg_bytes = inv->package.value.size,
		.out = out->data,
		.out_bytes = step->out_bytes,
		.n_states = step->n_deps,
		.states = states};
	if (!r)
		r = plugin->invoke(&invocation);
	free(states);
	return r;
}

/* All that the step depends on is here, as the steps before have left it: no function is applied to
 * a state twice. */
static bool check_states(const struct invocation *inv, char *why, size_t room)
{
	const struct sfe_step *step = invocation_step(inv);
	const struct package *p = &inv->package;

	for (uint32_t i = 0; i < step->n_deps; i++) {
		uint32_t state = step->deps[i];
		uint64_t version = job_version(inv->worker, p->job, state, p->step);
		if (!p->states[state].here)
			snprintf(why, room, "state %" PRIu32 " did not come with the call", state);
		else if (p->states[state].version != version)
			snprintf(why, room,
				"state %" PRIu32 " has version %" PRIu64 ", step %" PRIu32
				" is for %" PRIu64,
				state, p->states[state].version, p->step, version);
		else
			continue;
		return false;
	}
	return true;
}

/* All is here. The function does its work at once; its result waits for the modelled time. */
static void run(struct invocation *inv)
{
	struct worker *w = inv->worker;
	const struct sfe_step *step = invocation_step(inv);
	const struct sfe_function_plugin *plugin =
		function_find(w->deployment->function_names[step->function]);
	uint64_t ready_ns = now_ns();
	struct slice out = {0};
	char reason[160];

	if (!check_states(inv, reason, sizeof(reason))) {
		fail(inv, -EPROTO, reason);
		return;
	}
	int r = plugin ? invoke(inv, plugin, &out) : -ENOENT;
	if (r) {
		slice_drop(&out);
		snprintf(reason, sizeof(reason), "function %s: %s",
			w->deployment->function_names[step->function], strerror(-r));
		fail(inv, r, reason);
		return;
	}
	slice_drop(&inv->package.value);
	inv->package.value = out;
	inv->record.ready_ns = ready_ns;
	if (ps_add(&w->ps, &inv->compute, ready_ns, step->ops))
		worker_fatal(w, -ENOMEM, "the compute model");
	else
		look_at_computed(w);
}

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
			strerror(-status));
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
		bring_states(inv);
		return;
	}
	/* Copies are for when the holder is known to have lost it: one that is only out of reach
	 * still holds it, and a state has one owner. */
	bool lost = status == 410 || status == 404 || status == -ECONNREFUSED || e->tried;
	if (lost && seek_copy(inv, e->state, e->tried))
		return;
	describe(e, status, reason, sizeof(reason));
	fail(inv, status < 0 ? status : -ENODATA, reason);
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
				worker_fatal(w, -ENOMEM, "a state");
				return true;
			}
			memcpy(own.data, s->content.data, own.size); /* as it will be changed */
			package_put(&inv->package, state, own, version);
			bring_states(inv);
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

static void bring_states(struct invocation *inv)
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
			fail(inv, -ENODATA, reason);
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
	run(inv);
}

/* ---- giving states away */

static void given(struct exchange *e, int status)
{
	struct worker *w = e->worker;
	struct invocation *inv = e->invocation;
	const char *node = w->deployment->nodes[e->to].name;
	char reason[160];

	if (status == 200) {
		give_states(inv);
		return;
	}
	snprintf(reason, sizeof(reason), "state %" PRIu32 " to %s: %s", e->state, node,
		status < 0 ? strerror(-status) : "it does not take it");
	fail(inv, status < 0 ? status : -EPROTO, reason);
}

/* A copy less is no reason to fail. */
static void copied(struct exchange *e, int status)
{
	(void)status;
	give_states(e->invocation);
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
static void give_states(struct invocation *inv)
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
		if (store_put(&w->store, p->job, state, slice_move(&s->bytes), s->version, final)) {
			worker_fatal(w, -ENOMEM, "a state");
			return;
		}
	}
	if (copy_next(inv))
		return;
	w->strategy->finished(w, inv);
	invocation_free(inv);
}

bool invocation_lacks(const struct invocation *inv, uint32_t *state)
{
	const struct sfe_step *step = invocation_step(inv);

	for (uint32_t i = 0; i < step->n_deps; i++) {
		*state = step->deps[i];
		if (!inv->package.states[*state].here)
			return true;
	}
	return false;
}

void invocations_clear(struct worker *w)
{
	for (struct invocation *inv; (inv = TAILQ_FIRST(&w->invocations));)
		invocation_free(inv);
	STAILQ_INIT(&w->begun);
}
