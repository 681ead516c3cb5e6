/* SPDX-License-Identifier: MIT */
#include "nodes/jobs/actions.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "nodes/http/connection.h"
#include "nodes/http/wire.h"
#include "nodes/jobs/client.h"
#include "nodes/jobs/invocation.h"
#include "nodes/jobs/peers.h"
#include "nodes/recovery/handoffs.h"
#include "nodes/worker/records.h"
#include "nodes/worker/strategy.h"

/* "connection refused", or what the other node said. */
static void fail_exchange(struct exchange *e, int status, const char *what)
{
	struct worker *w = e->worker;
	const char *node = w->deployment->nodes[e->to].name;

	if (status < 0)
		job_failed(w, &e->at, status, "%s %s: %s", what, node, sfe_ctl_reason(status));
	else if (e->head->fields & HEAD_STATUS)
		job_failed(w, &e->at, e->head->error ? e->head->error : -EPROTO, "%s",
			e->head->reason);
	else
		job_failed(w, &e->at, -EPROTO, "%s %s: answered %d: %.*s", what, node, status,
			(int)(e->body.size < 80 ? e->body.size : 80), (const char *)e->body.data);
}

static void call_taken_over(struct exchange *e, int status)
{
	if (status == 202)
		forwards_note(e);
	else
		fail_exchange(e, status, "calling");
}

static void call_answered(struct exchange *e, int status)
{
	struct worker *w = e->worker;
	char why[128];
	struct package package;

	if (status != 200) {
		fail_exchange(e, status, "calling");
		return;
	}
	int r = wire_check(w, e->head, WIRE_RETURN, why, sizeof(why));
	if (r || e->head->job != e->at.job || e->head->step != e->at.step ||
		e->head->fields & HEAD_STATUS) {
		job_failed(w, &e->at, -EPROTO, "the answer of %s: %s",
			w->deployment->nodes[e->to].name, r ? why : "of another call");
		return;
	}
	records_transfer(w, &(struct sfe_ctl_transfer){.kind = SFE_TRANSFER_RETURN,
				    .job = e->at.job,
				    .step = e->at.step,
				    .from = e->to,
				    .head_bytes = e->head->bytes,
				    .connected_by = w->node,
				    .port = e->port,
				    .payload_bytes = e->body.size,
				    .head_ns = e->head_ns,
				    .done_ns = e->done_ns});
	if (wire_unpack(w, e->head, &e->body, &package))
		job_failed(w, &e->at, -ENOMEM, "a result: out of memory");
	else
		client_returned(w, &package, e->done_ns);
}

static bool too_large(struct worker *w, const struct package *package)
{
	const struct job_place at = job_place_of(package);
	uint64_t total = package->value.size;

	for (uint32_t i = 0; i < package->n_states; i++)
		total += package->states[i].bytes.size;
	if (total <= HEAD_MAX_BODY_BYTES)
		return false;
	job_failed(w, &at, -EFBIG, "a message of %" PRIu64 " bytes, a body may have %" PRIu64,
		total, (uint64_t)HEAD_MAX_BODY_BYTES);
	return true;
}

/* To another node. */
static void call(struct worker *w, struct package *package, uint32_t tried)
{
	struct exchange e = {.to = w->deployment->jobs[package->job].node[package->step],
		.kind = SFE_TRANSFER_CALL,
		.at = job_place_of(package),
		.tried = tried,
		.done = w->strategy->answers ? call_answered : call_taken_over};
	struct outgoing *message = wire_call(w, e.to, package);

	if (w->deployment->retry.retries && w->strategy->resumes)
		e.package = package_move(package);
	peers_send(w, &e, message);
	package_drop(package);
}

void job_call(struct worker *w, struct package *package, uint32_t step)
{
	uint32_t to = w->deployment->jobs[package->job].node[step];

	package->step = step;
	if (to == w->node) {
		const struct job_place at = job_place_of(package);
		int r = invocation_begin(w, package, to, now_ns(), NULL, NULL);
		if (r)
			job_failed(w, &at, r, "an invocation: %s", strerror(-r));
	} else if (too_large(w, package)) {
		package_drop(package);
	} else {
		call(w, package, 0);
	}
}

void job_call_again(struct worker *w, struct package *package, uint32_t tried)
{
	call(w, package, tried);
}

static void ignore(struct exchange *e, int status)
{
	(void)e, (void)status; /* nobody is left to be told: the client is gone or has given up */
}

void job_return(struct worker *w, struct package *package)
{
	uint32_t to = w->deployment->jobs[package->job].client;

	if (to == w->node) {
		client_returned(w, package, now_ns());
		return;
	}
	if (!too_large(w, package)) {
		struct exchange e = {.to = to,
			.kind = SFE_TRANSFER_RETURN,
			.at = job_place_of(package),
			.done = ignore};
		peers_send(w, &e, wire_return(w, to, package));
	}
	package_drop(package);
}

void job_answer(struct worker *w, struct invocation *inv)
{
	if (inv->local) {
		client_returned(w, &inv->package, now_ns());
		return;
	}
	if (inv->reply) { /* else the caller is gone, or will ask again */
		struct outgoing *answer = wire_result(w, &inv->package);
		invocation_reply(inv, answer);
	}
	if (inv->taken && w->deployment->retry.retries)
		taken_answered(&w->taken, inv->taken, &inv->package,
			now_ns() + retry_window_ns(&w->deployment->retry), now_ns());
	package_drop(&inv->package);
}

void job_done(struct worker *w, struct package *package, uint64_t end_ns, bool with_states)
{
	client_done(w, package, end_ns, with_states);
	package_drop(package);
}

void job_failed(struct worker *w, const struct job_place *at, int code, const char *format, ...)
{
	uint32_t client = w->deployment->jobs[at->job].client;
	char reason[160];
	va_list args;

	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	for (char *c = reason; *c; c++) { /* it travels in a header */
		if (*c < ' ' || *c > '~')
			*c = ' ';
	}
	if (client == w->node) {
		client_failed(w, at, code, reason);
	} else {
		struct exchange e = {
			.to = client, .kind = SFE_TRANSFER_RETURN, .at = *at, .done = ignore};
		peers_send(w, &e, wire_failure(w, client, at, code, reason));
	}
}

bool job_depends(const struct worker *w, uint32_t job, uint32_t step, uint32_t state)
{
	const struct sfe_step *s = &worker_job(w, job)->steps[step];

	for (uint32_t i = 0; i < s->n_deps; i++) {
		if (s->deps[i] == state)
			return true;
	}
	return false;
}

bool job_wants_later(const struct worker *w, uint32_t job, uint32_t state, uint32_t next)
{
	for (uint32_t s = next; s < worker_job(w, job)->n_steps; s++) {
		if (job_depends(w, job, s, state))
			return true;
	}
	return false;
}

uint64_t job_version(const struct worker *w, uint32_t job, uint32_t state, uint32_t step)
{
	uint64_t version = 0;

	while (step--)
		version += job_depends(w, job, step, state);
	return version;
}

/*
 * Whether this node holds a later version than the package has of any state: a step that was called
 * again, as nobody knew that it had been run, has been overtaken by the steps after it.
 */
static bool overtaken(struct worker *w, const struct package *package)
{
	for (uint32_t i = 0; i < package->n_states; i++) {
		const struct carried *state = &package->states[i];
		const struct stored *held =
			state->here ? store_peek(&w->store, package->job, i) : NULL;
		if (held && held->version > state->version)
			return true;
	}
	return false;
}

bool job_keep(struct worker *w, struct package *package, uint32_t next)
{
	if (overtaken(w, package))
		return false;
	for (uint32_t i = 0; i < package->n_states; i++) {
		struct carried *state = &package->states[i];
		struct stored *old = state->here ? store_peek(&w->store, package->job, i) : NULL;
		if (!state->here)
			continue;
		if (old && old->leaving)
			old->leaving->handing_over = NULL;
		if (old)
			store_take(&w->store, old, NULL);
		if (store_put(&w->store, package->job, i, slice_move(&state->bytes), state->version,
			    !job_wants_later(w, package->job, i, next))) {
			worker_fatal(w, -ENOMEM, "a state");
			return false;
		}
		state->here = false;
		state->holder = w->node;
	}
	return true;
}

void job_take(struct worker *w, struct package *package, uint32_t step)
{
	const struct sfe_step *s = &worker_job(w, package->job)->steps[step];

	for (uint32_t i = 0; i < s->n_deps; i++) {
		struct stored *stored = store_find(&w->store, package->job, s->deps[i]);
		struct slice content;
		if (!stored) /* the callee will say that it did not come */
			continue;
		uint64_t version = stored->version;
		store_take(&w->store, stored, &content);
		package_put(package, s->deps[i], content, version);
	}
}

int job_bear(struct worker *w, uint32_t job, uint32_t state, uint32_t step)
{
	struct slice bytes;

	for (uint32_t s = 0; s < step; s++) {
		if (job_depends(w, job, s, state))
			return -ENOENT;
	}
	int r = client_make_state(w, job, state, &bytes);
	return r ? r : store_put(&w->store, job, state, bytes, 0, false);
}
