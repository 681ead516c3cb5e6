/* SPDX-License-Identifier: MIT */
#include "nodes/actions.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "nodes/client.h"
#include "nodes/invocation.h"
#include "nodes/peers.h"
#include "nodes/records.h"
#include "nodes/strategies/strategy.h"
#include "nodes/wire.h"

/* "connection refused", or what the other node said. */
static void fail_exchange(struct exchange *e, int status, const char *what)
{
	struct worker *w = e->worker;
	const char *node = w->deployment->nodes[e->to].name;

	if (status < 0)
		job_failed(w, e->job, e->step, status, "%s %s: %s", what, node, strerror(-status));
	else if (e->head->fields & HEAD_STATUS)
		job_failed(w, e->job, e->step, e->head->error ? e->head->error : -EPROTO, "%s",
			e->head->reason);
	else
		job_failed(w, e->job, e->step, -EPROTO, "%s %s: answered %d: %.*s", what, node,
			status, (int)(e->body.size < 80 ? e->body.size : 80),
			(const char *)e->body.data);
}

static void call_taken_over(struct exchange *e, int status)
{
	if (status == 202)
		peers_forwarded(e->worker, e->job, e->step, e->to);
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
	if (r || e->head->job != e->job || e->head->step != e->step ||
		e->head->fields & HEAD_STATUS) {
		job_failed(w, e->job, e->step, -EPROTO, "the answer of %s: %s",
			w->deployment->nodes[e->to].name, r ? why : "of another call");
		return;
	}
	records_transfer(w, &(struct sfe_ctl_transfer){.kind = SFE_TRANSFER_RETURN,
				    .job = e->job,
				    .step = e->step,
				    .from = e->to,
				    .head_bytes = e->head->bytes,
				    .connected_by = w->node,
				    .port = e->port,
				    .payload_bytes = e->body.size,
				    .head_ns = e->head_ns,
				    .done_ns = e->done_ns});
	if (wire_unpack(w, e->head, &e->body, &package))
		worker_fatal(w, -ENOMEM, "a result");
	else
		client_returned(w, &package, e->done_ns);
}

static bool too_large(struct worker *w, const struct package *package)
{
	uint64_t total = package->value.size;

	for (uint32_t i = 0; i < package->n_states; i++)
		total += package->states[i].bytes.size;
	if (total <= HEAD_MAX_BODY_BYTES)
		return false;
	job_failed(w, package->job, package->step, -EFBIG,
		"a message of %" PRIu64 " bytes, a body may have %" PRIu64, total,
		(uint64_t)HEAD_MAX_BODY_BYTES);
	return true;
}

void job_call(struct worker *w, struct package *package, uint32_t step)
{
	uint32_t to = w->deployment->jobs[package->job].node[step];

	package->step = step;
	if (to == w->node) {
		invocation_begin(w, package, to, now_ns(), NULL);
		return;
	}
	if (!too_large(w, package)) {
		struct exchange e = {.to = to,
			.job = package->job,
			.step = step,
			.done = w->strategy->answers ? call_answered : call_taken_over};
		peers_send(w, &e, wire_call(w, to, package));
	}
	package_drop(package);
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
		struct exchange e = {
			.to = to, .job = package->job, .step = package->step, .done = ignore};
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
	if (inv->reply) { /* else the caller is gone */
		struct outgoing *answer = wire_result(w, &inv->package);
		invocation_reply(inv, answer);
	}
	package_drop(&inv->package);
}

void job_done(struct worker *w, struct package *package, uint64_t end_ns, bool with_states)
{
	client_done(w, package, end_ns, with_states);
	package_drop(package);
}

void job_failed(struct worker *w, uint32_t job, uint32_t step, int code, const char *format, ...)
{
	uint32_t client = w->deployment->jobs[job].client;
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
		client_failed(w, job, code, reason);
	} else {
		struct exchange e = {.to = client, .job = job, .step = step, .done = ignore};
		peers_send(w, &e, wire_failure(w, client, job, step, code, reason));
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

bool job_keep(struct worker *w, struct package *package, uint32_t next)
{
	for (uint32_t i = 0; i < package->n_states; i++) {
		struct carried *state = &package->states[i];
		if (!state->here)
			continue;
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
