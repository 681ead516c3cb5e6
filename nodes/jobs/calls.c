/* SPDX-License-Identifier: MIT */
#include "nodes/jobs/calls.h"

#include <errno.h>
#include <string.h>

#include "nodes/base/clock.h"
#include "nodes/http/wire_check.h"
#include "nodes/jobs/client.h"
#include "nodes/jobs/invocation.h"
#include "nodes/jobs/job_end.h"
#include "nodes/jobs/take_call.h"
#include "nodes/recovery/retry.h"

void job_handed_off(struct exchange *e)
{
	struct worker *w = e->worker;

	if (peers_is_lost(w, e->to)) { /* its crash was seen before its answer */
		job_failed(w, &e->at, -EHOSTDOWN, "node %s has gone away",
			w->deployment->nodes[e->to].name);
		return;
	}
	uint64_t now = now_ns(), timeout = w->deployment->job_timeout_ns;
	struct handoff handoff = {.at = e->at,
		.to = e->to,
		.repeated = e->tried,
		.package = package_move(&e->package),
		.repeat_until_ns = now + retry_window_ns(&w->deployment->retry),
		.job_over_ns = timeout ? now + timeout : UINT64_MAX};
	if (handoffs_add(&w->handoffs, &handoff, now)) {
		package_drop(&handoff.package);
		worker_fatal(w, -ENOMEM, "a hand-off");
	}
}

/* The answer where callees accept calls. */
static void accepted(struct exchange *e, int status)
{
	if (status == 202)
		job_handed_off(e);
	else
		job_failed_call(e, status);
}

/* The answer where callees answer with the result. */
static void answered(struct exchange *e, int status)
{
	struct worker *w = e->worker;
	char why[128];
	struct package package;

	if (status != 200) {
		job_failed_call(e, status);
		return;
	}
	int r = wire_check(&w->wire, e->head, WIRE_RETURN, why, sizeof(why));
	if (r || e->head->job != e->at.job || e->head->step != e->at.step ||
		e->head->fields & HEAD_STATUS) {
		job_failed(w, &e->at, -EPROTO, "the answer of %s: %s",
			w->deployment->nodes[e->to].name, r ? why : "of another call");
		return;
	}
	peers_record_answer(e, SFE_TRANSFER_RETURN);
	if (wire_unpack(&w->wire, e->head, WIRE_RETURN, &e->body, &package))
		job_failed(w, &e->at, -ENOMEM, "a result: out of memory");
	else
		client_returned(w, &package, e->done_ns);
}

/* To another node. */
static void send_call(struct worker *w, struct package *package, uint32_t repeated)
{
	struct exchange e = {.to = w->deployment->jobs[package->job].node[package->step],
		.kind = SFE_TRANSFER_CALL,
		.at = package_place(package),
		.tried = repeated,
		.done = worker_rules(w, package->job)->client_invokes ? answered : accepted};
	struct outgoing *message = wire_call(&w->wire, e.to, package);

	if (w->deployment->retry.retries && worker_rules(w, package->job)->resumes)
		e.package = package_move(package);
	peers_send(w, &e, message);
	package_drop(package);
}

/* On this node: it takes no message and no time. */
static void call_here(struct worker *w, struct package *package)
{
	const struct job_place at = package_place(package);
	int r;

	if (call_is_joined(w, at.job, at.step))
		r = call_join(w, package, w->node, now_ns()) == CALL_NO_MEMORY ? -ENOMEM : 0;
	else
		r = invocation_begin(w, package, w->node, now_ns(), NULL, NULL);
	if (r)
		job_failed(w, &at, r, "an invocation: %s", strerror(-r));
}

void job_call(struct worker *w, struct package *package, uint32_t step)
{
	uint32_t to = w->deployment->jobs[package->job].node[step];

	package->step = step;
	if (to == w->node) {
		call_here(w, package);
	} else if (job_too_large(w, package)) {
		package_drop(package);
	} else {
		send_call(w, package, 0);
	}
}

void job_call_again(struct worker *w, struct package *package, uint32_t repeated)
{
	send_call(w, package, repeated);
}
