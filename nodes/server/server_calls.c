/* SPDX-License-Identifier: MIT */
#include "nodes/server/server_calls.h"

#include <errno.h>

#include "emu/model/workload/job_graph.h"
#include "nodes/http/wire_ahead.h"
#include "nodes/http/wire_check.h"
#include "nodes/jobs/client.h"
#include "nodes/jobs/lost_nodes.h"
#include "nodes/jobs/prefetch.h"
#include "nodes/jobs/push.h"
#include "nodes/jobs/take_call.h"
#include "nodes/server/server_states.h"

void server_tell_step(struct server_connection *c)
{
	unsigned job, step;

	const struct http_head *head = &c->http.head;
	bool found = server_find_job(c, &job, &step);
	uint32_t after = head->fields & HEAD_STEP ? head->step : SFE_CLIENT;

	if (found && after != SFE_CLIENT && after >= worker_job(c->worker, job)->n_steps)
		server_answer(c, 400, "no such step\n");
	else if (found && job_has_reached(c->worker, job, step, after))
		server_answer(c, 200, "is accepted\n");
	else
		server_answer(c, 404, "is not accepted\n");
}

/*
 * Answers a repeated call, which this node has accepted before: as it did then, or once its result
 * is there. false: the call is not known, and is to be run.
 */
static bool answer_repeated_call(struct server_connection *c)
{
	struct worker *w = c->worker;
	const struct http_head *head = &c->http.head;
	struct accepted_call *call = accepted_find(&w->accepted, head->job, head->step);

	if (!call || head->attempt > call->attempt)
		return false;
	if (!worker_rules(w, head->job)->client_invokes)
		server_answer(c, 202, "");
	else if (head->attempt < call->attempt)
		server_answer(c, 409, "a later attempt has begun\n");
	else if (call->running)
		server_wait_for_result(c, call->running);
	else if (call->result.states)
		server_send(c, wire_result(&w->wire, &call->result));
	else
		server_answer(c, 409, "its answer is not kept any more\n");
	return true;
}

/* One of several calls of a step. */
static void take_joined_call(struct server_connection *c, uint64_t done_ns)
{
	struct worker *w = c->worker;
	const struct http_head *head = &c->http.head;
	struct package package;
	enum taken taken = CALL_NO_MEMORY;

	server_record(c, SFE_TRANSFER_CALL, done_ns);
	if (!wire_unpack(&w->wire, head, WIRE_CALL, &c->http.body, &package))
		taken = call_join(w, &package, head->from, c->http.head_ns);
	if (taken == CALL_NO_MEMORY)
		server_answer(c, 500, "out of memory\n");
	else if (taken == CALL_REPEATED && !w->deployment->retry.retries)
		server_answer(c, 409, "this call came before\n");
	else
		server_answer(c, 202, "");
}

void server_take_call(struct server_connection *c, uint64_t done_ns)
{
	struct worker *w = c->worker;
	const struct http_head *head = &c->http.head;
	bool may_be_repeated = w->deployment->retry.retries;
	struct package package;

	if (call_is_joined(w, head->job, head->step)) {
		take_joined_call(c, done_ns);
		return;
	}
	/* Without retries there is one call of a step: any other one would only use memory. */
	if (!may_be_repeated && accepted_find(&w->accepted, head->job, head->step)) {
		server_answer(c, 409, "this step runs already\n");
		return;
	}
	server_record(c, SFE_TRANSFER_CALL, done_ns);
	if (may_be_repeated && answer_repeated_call(c))
		return;
	struct accepted_call *call =
		accepted_add(&w->accepted, head->job, head->step, head->attempt);
	bool begun = call && !wire_unpack(&w->wire, head, WIRE_CALL, &c->http.body, &package) &&
		     !invocation_begin(w, &package, head->from, c->http.head_ns,
			     worker_rules(w, head->job)->client_invokes ? &c->caller : NULL, call);
	if (!begun) {
		if (call)
			accepted_remove(&w->accepted, call);
		server_answer(c, 500, "out of memory\n");
	} else if (!worker_rules(w, head->job)->client_invokes) {
		server_answer(c, 202, "");
	}
}

void server_take_prefetch(struct server_connection *c)
{
	struct worker *w = c->worker;
	const struct http_head *head = &c->http.head;
	const uint32_t job = server_job_of_states(c);
	const struct accepted_call *call = accepted_find(&w->accepted, job, head->step);
	uint32_t states[SFE_MAX_TASKS_PER_JOB];
	struct wire_ahead ahead = {.at = {job, head->step, head->attempt},
		.after = head->after,
		.n = head->versions.n,
		.states = states};

	/* It has overtaken this word. */
	if (call && !call->join && call->attempt >= head->attempt) {
		server_answer(c, 202, "");
		return;
	}
	for (uint32_t i = 0; i < ahead.n; i++)
		states[i] = head->versions.items[i].state;
	prefetch_begin(w, &ahead);
	if (!w->over)
		server_answer(c, 202, "");
}

void server_push_begins(struct server_connection *c)
{
	struct worker *w = c->worker;
	const struct http_head *head = &c->http.head;
	const struct job_place at = {server_job_of_states(c), head->step, head->attempt};
	const struct accepted_call *call = accepted_find(&w->accepted, at.job, at.step);

	const bool waits = call && call->running && !call->running->fetches;

	c->push = push_begins(w, &at, call && !call->join && call->attempt >= at.attempt && !waits);
}

void server_take_push(struct server_connection *c, uint64_t done_ns)
{
	struct worker *w = c->worker;
	const uint32_t push = c->push;

	c->http.head.job = server_job_of_states(c);
	server_record(c, SFE_TRANSFER_PUSH, done_ns);
	server_answer(c, 202, "");
	c->push = 0;
	push_ends(w, push, &c->http.head, &c->http.body);
}

void server_push_closed(struct server_connection *c)
{
	const uint32_t push = c->push;

	c->push = 0;
	push_breaks(c->worker, push);
}

void server_take_return(struct server_connection *c, uint64_t done_ns)
{
	struct worker *w = c->worker;
	const struct http_head *head = &c->http.head;
	struct package package;

	if (!client_runs(w, head->job)) {
		server_answer(c, 409, "this job does not run\n");
	} else if (head->fields & HEAD_STATUS) {
		const struct job_place at = {head->job, head->step, head->attempt};
		client_failed(w, &at, head->error ? head->error : -EPROTO, head->reason);
		server_answer(c, 200, "");
	} else if (sfe_steps_after(worker_job(w, head->job), head->step) ||
		   worker_rules(w, head->job)->client_invokes) {
		server_answer(c, 409, "no return is due\n");
	} else if (wire_unpack(&w->wire, head, WIRE_RETURN, &c->http.body, &package)) {
		server_answer(c, 500, "out of memory\n");
	} else {
		server_record(c, SFE_TRANSFER_RETURN, done_ns);
		server_answer(c, 200, "");
		client_returned(w, &package, done_ns);
	}
}

void server_calls_closed(struct server_connection *c)
{
	if (c->caller.invocation)
		c->caller.invocation->caller = NULL;
	c->caller.invocation = NULL;
}
