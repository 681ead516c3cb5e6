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
#include "nodes/strategies/strategy.h"
#include "nodes/wire.h"

static void bring_states(struct invocation *inv);
static void give_states(struct invocation *inv);

void invocation_begin(struct worker *w, struct package *package, uint32_t from, uint64_t request_ns,
	struct connection *reply)
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
		.record = {.request_ns = request_ns}};
	if (reply)
		reply->invocation = inv;
	TAILQ_INSERT_TAIL(&w->invocations, inv, all);
	STAILQ_INSERT_TAIL(&w->begun, inv, next);
	worker_later(w);
}

static void invocation_free(struct invocation *inv)
{
	if (inv->reply)
		inv->reply->invocation = NULL;
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
	const struct package *p = &inv->package;

	if (inv->reply)
		invocation_reply(inv, wire_no_result(w, p->job, p->step, code, reason));
	else
		job_failed(w, p->job, p->step, code, "%s", reason);
	invocation_free(inv);
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

	for (uint32_t i = 0; i < step->n_deps; i++) {
		if (!inv->package.states[step->deps[i]].here) {
			snprintf(reason, sizeof(reason),
				"state %" PRIu32 " did not come with the call", step->deps[i]);
			fail(inv, -EPROTO, reason);
			return;
		}
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

static void fetched(struct exchange *e, int status)
{
	struct worker *w = e->worker;
	struct invocation *inv = e->invocation;
	const char *node = w->deployment->nodes[e->to].name;
	char reason[160];

	if (status == 200 && (e->head->fields & HEAD_VERSION) &&
		e->body.size == worker_job(w, e->job)->state_bytes[e->state]) {
		records_transfer(w, &(struct sfe_ctl_transfer){.kind = SFE_TRANSFER_FETCH,
					    .job = e->job,
					    .step = e->step,
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
	if (status < 0)
		snprintf(reason, sizeof(reason), "state %" PRIu32 " from %s: %s", e->state, node,
			strerror(-status));
	else
		snprintf(reason, sizeof(reason),
			"state %" PRIu32 " from %s: answered %d with %" PRIu64 " bytes", e->state,
			node, status, e->body.size);
	fail(inv, status < 0 ? status : -EPROTO, reason);
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
	const struct package *p = &inv->package;
	char reason[160];
	uint32_t state, holder;

	while (w->strategy->wants && w->strategy->wants(inv, &state, &holder)) {
		if (holder == HOLDER_UNKNOWN || (holder == w->node && take_own(inv, state))) {
			snprintf(reason, sizeof(reason),
				"state %" PRIu32 " is not where it should be", state);
			fail(inv, -ENOENT, reason);
			return;
		}
		if (holder != w->node) {
			struct exchange e = {.to = holder,
				.job = p->job,
				.step = p->step,
				.state = state,
				.invocation = inv,
				.done = fetched};
			peers_send(w, &e, wire_fetch(w, holder, p->job, p->step, state));
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

/* The step is over once what it has changed is where it belongs. */
static void give_states(struct invocation *inv)
{
	struct worker *w = inv->worker;
	struct package *p = &inv->package;
	uint32_t state, to;

	while (w->strategy->gives && w->strategy->gives(inv, &state, &to)) {
		struct carried *s = &p->states[state];
		bool final = !job_wants_later(w, p->job, state, p->step + 1);
		s->here = false;
		s->holder = to;
		if (to != w->node) {
			struct exchange e = {.to = to,
				.job = p->job,
				.step = p->step,
				.state = state,
				.invocation = inv,
				.done = given};
			struct slice bytes = slice_move(&s->bytes);
			peers_send(w, &e,
				wire_store(w, to, p->job, p->step, state, &bytes, s->version));
			slice_drop(&bytes);
			return;
		}
		if (store_put(&w->store, p->job, state, slice_move(&s->bytes), s->version, final)) {
			worker_fatal(w, -ENOMEM, "a state");
			return;
		}
	}
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
}
