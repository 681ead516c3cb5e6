/* SPDX-License-Identifier: MIT */
#include "nodes/jobs/dynamic_call.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nodes/base/clock.h"
#include "nodes/http/wire_dynamic.h"
#include "nodes/jobs/dynamic_run.h"
#include "nodes/jobs/peers.h"
#include "nodes/recovery/retry.h"
#include "nodes/worker/control_channel.h"

/* So many answers of the orchestrator fit into the control socket. With more, it and a worker that
 * makes many calls at once could wait for each other. */
#define MOST_ASKED 32u

struct dynamic_call {
	struct worker *worker;
	struct call_key key;
	bool cast;
	struct slice argument;
	void (*done)(void *context, struct slice *output, const char *reason);
	void *context;
	uint64_t begin_ns, argument_bytes;
	uint32_t number;    /* of the request that is sent next, from 1 */
	bool asked, wants;  /* waits for its place; is to ask for it */
	struct timer timer; /* of a delayed cast, before it is repeated, or of a callee here */
	TAILQ_ENTRY(dynamic_call) next;
};

static void drop(struct dynamic_call *call)
{
	timers_cancel(&call->worker->timers, &call->timer);
	call->worker->dynamic_asked -= call->asked;
	TAILQ_REMOVE(&call->worker->dynamic_calls, call, next);
	slice_drop(&call->argument);
	free(call);
}

/* ---- the orchestrator */

static struct sfe_ctl_call message(const struct dynamic_call *call, enum sfe_call_event event)
{
	return (struct sfe_ctl_call){.header = {SFE_CTL_CALL, call->worker->node},
		.key = call->key,
		.event = event,
		.cast = call->cast,
		.argument_bytes = call->argument_bytes,
		.begin_ns = call->begin_ns,
		.at_ns = now_ns()};
}

static void tell(const struct dynamic_call *call, enum sfe_call_event event, uint64_t due_ns)
{
	struct sfe_ctl_call m = message(call, event);

	m.due_ns = due_ns;
	control_send(call->worker, &m, sizeof(m));
}

static void ask(void *dynamic_call)
{
	struct dynamic_call *call = dynamic_call;
	struct worker *w = call->worker;

	call->wants = w->dynamic_asked == MOST_ASKED;
	if (call->wants)
		return;
	call->asked = true;
	w->dynamic_asked++;
	tell(call, SFE_CALL_PLACE, 0);
}

/* An answer has come: the next one may ask. */
static void ask_next(struct worker *w)
{
	struct dynamic_call *call;

	TAILQ_FOREACH (call, &w->dynamic_calls, next)
		if (call->wants)
			break;
	if (call)
		ask(call);
}

/* It has ended: tells the orchestrator and the caller, and drops the call. code 0: well. */
static void end(struct dynamic_call *call, struct slice *output, int code, const char *reason)
{
	struct sfe_ctl_call m = message(call, SFE_CALL_ENDED);
	void (*done)(void *, struct slice *, const char *) = call->done;
	void *context = call->context;

	m.output_bytes = output->size;
	m.attempts = call->number - 1;
	m.status = code;
	snprintf(m.reason, sizeof(m.reason), "%s", code ? reason : "");
	control_send(call->worker, &m, sizeof(m));
	drop(call);
	if (done)
		done(context, output, m.reason);
	slice_drop(output);
}

/* The callee has failed, or cannot be reached. */
static void fail(struct dynamic_call *call, int code, const char *reason)
{
	end(call, &(struct slice){0}, code, reason);
}

/* ---- the callee on another node */

static void fail_calling(struct dynamic_call *call, uint32_t to, int code)
{
	char reason[160];

	snprintf(reason, sizeof(reason), "calling %s: %s", call->worker->deployment->nodes[to].name,
		sfe_ctl_reason(code));
	fail(call, code, reason);
}

/* No answer came. */
static void repeat(struct dynamic_call *call, const struct exchange *e, int code)
{
	struct worker *w = call->worker;
	const struct sfe_retry_policy *policy = &w->deployment->retry;
	bool last = call->number > policy->retries + 1 || !retry_may_help(code);

	peers_record_attempt(e, code, last);
	if (!last) {
		timers_set(&w->timers, &call->timer,
			now_ns() + retry_backoff_ns(policy, call->number - 1), ask, call);
		return;
	}
	fail_calling(call, e->to, code);
}

static void answered(struct exchange *e, int status)
{
	struct dynamic_call *call = e->dynamic;
	const struct worker *w = call->worker;
	char reason[160];

	if (status < 0) {
		repeat(call, e, status);
		return;
	}
	const struct http_head *head = e->head;
	bool fits = wire_answers_dynamic(&w->wire, head, &call->key);
	if (status == 200 && fits && !(call->cast && e->body.size)) {
		if (!call->cast)
			peers_record_answer(e, SFE_TRANSFER_DYNAMIC_RETURN);
		struct slice output = slice_move(&e->body);
		end(call, &output, 0, "");
		return;
	}
	if (fits && head->fields & HEAD_STATUS) {
		fail(call, head->error ? head->error : -EPROTO, head->reason);
		return;
	}
	snprintf(reason, sizeof(reason), "calling %s: answered %d: %.*s",
		w->deployment->nodes[e->to].name, status,
		(int)(e->body.size < 80 ? e->body.size : 80), (const char *)e->body.data);
	fail(call, -EPROTO, reason);
}

static void send_to(struct dynamic_call *call, uint32_t to)
{
	struct worker *w = call->worker;
	const struct exchange e = {.to = to,
		.kind = call->cast ? SFE_TRANSFER_DYNAMIC_CAST : SFE_TRANSFER_DYNAMIC_CALL,
		.at = {call->key.job, call->key.step, call->key.attempt},
		.path = call->key.path,
		.dynamic = call,
		.own_retries = true,
		.number = call->number++,
		.done = answered};

	peers_send(w, &e, wire_dynamic_call(&w->wire, to, &call->key, call->cast, &call->argument));
}

/* ---- the callee on this node */

static void ended_here(void *dynamic_call, struct slice *output, int code, const char *reason)
{
	struct slice own = slice_move(output);

	end(dynamic_call, &own, code, reason);
}

/* As long as all attempts of a request to another node would wait. The callee goes on. */
static void on_deadline(void *dynamic_call)
{
	struct dynamic_call *call = dynamic_call;

	dynamic_run_abandon(call->worker, &call->key, call);
	fail_calling(call, call->worker->node, -ETIMEDOUT);
}

static void run_here(struct dynamic_call *call)
{
	struct worker *w = call->worker;
	const struct sfe_retry_policy *policy = &w->deployment->retry;
	struct dynamic_order order = {.key = call->key,
		.cast = call->cast,
		.argument = slice_part(&call->argument, 0, call->argument.size),
		.from = w->node,
		.request_ns = now_ns(),
		.local = ended_here,
		.context = call};

	if (dynamic_run_begin(w, &order))
		fail(call, -ENOMEM, "out of memory for an invocation");
	else if (policy->deadline_ns)
		timers_set(&w->timers, &call->timer, now_ns() + retry_window_ns(policy),
			on_deadline, call);
}

/* ---- calls */

int dynamic_call_begin(struct worker *w, struct dynamic_wish *wish)
{
	struct dynamic_call *call = calloc(1, sizeof(*call));

	if (!call) {
		slice_drop(&wish->argument);
		return -ENOMEM;
	}
	*call = (struct dynamic_call){.worker = w,
		.key = wish->key,
		.cast = wish->cast,
		.argument = slice_move(&wish->argument),
		.done = wish->done,
		.context = wish->context,
		.begin_ns = now_ns(),
		.number = 1};
	call->argument_bytes = call->argument.size;
	TAILQ_INSERT_TAIL(&w->dynamic_calls, call, next);
	if (wish->delay_ns) {
		const uint64_t due_ns = call->begin_ns + wish->delay_ns; /* at most an hour */
		tell(call, SFE_CALL_DELAYED, due_ns);
		timers_set(&w->timers, &call->timer, due_ns, ask, call);
	} else {
		ask(call);
	}
	return 0;
}

void dynamic_call_placed(struct worker *w, const struct sfe_ctl_placed *placed)
{
	struct dynamic_call *call;

	TAILQ_FOREACH (call, &w->dynamic_calls, next)
		if (call->asked && call_key_equal(&call->key, &placed->key))
			break;
	if (!call) /* the node has crashed since */
		return;
	call->asked = false;
	w->dynamic_asked--;
	ask_next(w);
	if (placed->to == w->node)
		run_here(call);
	else if (placed->to < w->deployment->n_nodes)
		send_to(call, placed->to);
	else
		fail(call, -ENETUNREACH, placed->reason);
}

void dynamic_calls_clear(struct worker *w)
{
	for (struct dynamic_call *call; (call = TAILQ_FIRST(&w->dynamic_calls));)
		drop(call);
}
