/* SPDX-License-Identifier: MIT */
#include "nodes/jobs/invocation.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "nodes/events/deadline.h"
#include "nodes/functions/functions.h"
#include "nodes/http/wire.h"
#include "nodes/jobs/actions.h"
#include "nodes/worker/records.h"
#include "nodes/worker/strategy.h"

int invocation_begin(struct worker *w, struct package *package, uint32_t from, uint64_t request_ns,
	struct connection *reply, struct taken *taken)
{
	struct invocation *inv = calloc(1, sizeof(*inv));

	if (!inv) {
		package_drop(package);
		return -ENOMEM;
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
	return 0;
}

/* Whether the call may come again, so that it is known for as long as the worker runs. */
static bool may_come_again(const struct invocation *inv)
{
	return inv->taken && inv->worker->deployment->retry.retries;
}

void invocation_free(struct invocation *inv)
{
	if (inv->reply)
		inv->reply->invocation = NULL;
	if (inv->taken)
		inv->taken->running = NULL;
	if (inv->taken && !may_come_again(inv))
		taken_forget(&inv->worker->taken, inv->taken);
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
		connection_fail_later(c, -ENOMEM);
}

void invocation_fail(struct invocation *inv, int code, const char *reason)
{
	struct worker *w = inv->worker;
	const struct job_place at = job_place_of(&inv->package);
	struct taken *taken = w->strategy->answers && may_come_again(inv) ? inv->taken : NULL;

	if (inv->reply)
		invocation_reply(inv, wire_no_result(w, &at, code, reason));
	else if (!taken) /* else the caller asks again, or has given up */
		job_failed(w, &at, code, "%s", reason);
	invocation_free(inv);
	if (taken)
		taken_forget(&w->taken, taken);
}

void invocations_look_at_begun(struct worker *w)
{
	for (struct invocation *inv; !w->over && (inv = STAILQ_FIRST(&w->begun));) {
		STAILQ_REMOVE_HEAD(&w->begun, next);
		invocation_bring_states(inv);
	}
}

/* ---- running */

static void finish(struct invocation *inv)
{
	struct worker *w = inv->worker;

	inv->record.finish_ns = inv->compute.finish_ns;
	w->invocations_done++;
	records_invocation(inv);
	invocation_give_states(inv);
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
void invocation_run(struct invocation *inv)
{
	struct worker *w = inv->worker;
	const struct sfe_step *step = invocation_step(inv);
	const struct sfe_function_plugin *plugin =
		function_find(w->deployment->function_names[step->function]);
	uint64_t ready_ns = now_ns();
	struct slice out = {0};
	char reason[160];

	if (!check_states(inv, reason, sizeof(reason))) {
		invocation_fail(inv, -EPROTO, reason);
		return;
	}
	int r = plugin ? invoke(inv, plugin, &out) : -ENOENT;
	if (r) {
		slice_drop(&out);
		snprintf(reason, sizeof(reason), "function %s: %s",
			w->deployment->function_names[step->function], strerror(-r));
		invocation_fail(inv, r, reason);
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
