/* SPDX-License-Identifier: MIT */
#include "nodes/jobs/invocation.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "nodes/base/clock.h"
#include "nodes/jobs/client.h"
#include "nodes/jobs/job_end.h"
#include "nodes/jobs/shared_wait.h"
#include "nodes/recovery/retry.h"

static struct invocation *begin(struct worker *w, struct package *package, uint32_t from,
	uint64_t request_ns, struct caller *caller, struct accepted_call *accepted,
	struct invocation_dynamic *dynamic)
{
	struct invocation *inv = calloc(1, sizeof(*inv));

	if (!inv) {
		package_drop(package);
		return NULL;
	}
	*inv = (struct invocation){.worker = w,
		.package = package_move(package),
		.from = from,
		.caller = caller,
		.local = !caller,
		.accepted = accepted,
		.dynamic = dynamic,
		.record = {.request_ns = request_ns}};
	if (!dynamic &&
		deployment_shared_uses(w->deployment, inv->package.job, inv->package.step)->n &&
		!(inv->shared = shared_uses_new(
			  w->deployment, inv->package.job, inv->package.step))) {
		package_drop(&inv->package);
		free(inv);
		return NULL;
	}
	if (caller)
		caller->invocation = inv;
	if (accepted)
		accepted->running = inv;
	TAILQ_INSERT_TAIL(&w->invocations, inv, all);
	STAILQ_INSERT_TAIL(&w->begun, inv, next);
	worker_later(w);
	return inv;
}

int invocation_begin(struct worker *w, struct package *package, uint32_t from, uint64_t request_ns,
	struct caller *caller, struct accepted_call *accepted)
{
	return begin(w, package, from, request_ns, caller, accepted, NULL) ? 0 : -ENOMEM;
}

struct invocation *invocation_begin_dynamic(struct worker *w, struct package *package,
	uint32_t from, uint64_t request_ns, struct caller *caller,
	struct invocation_dynamic *dynamic)
{
	return begin(w, package, from, request_ns, caller, NULL, dynamic);
}

/* Whether the call may be repeated: then it is known for as long as the worker runs. */
static bool may_be_repeated(const struct invocation *inv)
{
	return inv->accepted && inv->worker->deployment->retry.retries;
}

void invocation_free(struct invocation *inv)
{
	if (inv->caller)
		inv->caller->invocation = NULL;
	if (inv->accepted)
		inv->accepted->running = NULL;
	if (inv->accepted && !may_be_repeated(inv))
		accepted_remove(&inv->worker->accepted, inv->accepted);
	TAILQ_REMOVE(&inv->worker->invocations, inv, all);
	if (inv->program)
		inv->drop_program(inv);
	if (inv->code)
		inv->drop_code(inv);
	if (inv->prefetch)
		inv->drop_prefetch(inv);
	timers_cancel(&inv->worker->timers, &inv->cold_start);
	if (inv->admission.waiting || inv->admission.in) {
		admission_leave(&inv->worker->admission, &inv->admission, now_ns());
		worker_later(inv->worker); /* others may be let in */
	}
	shared_wait_forget(inv->shared_wait);
	shared_uses_free(inv->shared);
	package_drop(&inv->package);
	free(inv);
}

void invocations_clear(struct worker *w)
{
	for (struct invocation *inv; (inv = TAILQ_FIRST(&w->invocations));)
		invocation_free(inv);
	STAILQ_INIT(&w->begun);
}

/* Answers the caller, which waits; NULL counts as out of memory. */
static void reply(struct invocation *inv, struct outgoing *answer)
{
	struct connection *c = inv->caller->connection;

	inv->caller->invocation = NULL;
	inv->caller = NULL;
	if (answer)
		connection_send(c, answer);
	else
		connection_fail_later(c, -ENOMEM);
}

void invocation_fail(struct invocation *inv, int code, const char *reason)
{
	struct worker *w = inv->worker;
	const struct job_place at = package_place(&inv->package);
	struct accepted_call *repeated =
		worker_rules(w, at.job)->client_invokes && may_be_repeated(inv) ? inv->accepted
										: NULL;

	if (inv->dynamic) {
		inv->dynamic->ended(inv, code, reason);
		invocation_free(inv);
		return;
	}
	if (inv->caller)
		reply(inv, wire_no_result(&w->wire, &at, code, reason));
	else if (!repeated) /* else the caller repeats the call, or has given it up */
		job_failed(w, &at, code, "%s", reason);
	invocation_free(inv);
	if (repeated)
		accepted_remove(&w->accepted, repeated);
}

void job_answer(struct worker *w, struct invocation *inv)
{
	if (inv->local) {
		client_returned(w, &inv->package, now_ns());
		return;
	}
	if (inv->caller) /* else the caller is gone, or will repeat the call */
		reply(inv, wire_result(&w->wire, &inv->package));
	if (may_be_repeated(inv))
		accepted_keep_result(&w->accepted, inv->accepted, &inv->package,
			now_ns() + retry_window_ns(&w->deployment->retry), now_ns());
	package_drop(&inv->package);
}

void invocation_no_keeper(struct invocation *inv, uint32_t state)
{
	char reason[160];

	snprintf(reason, sizeof(reason),
		"state %" PRIu32 ": the rule of %s names no node that keeps it", state,
		worker_rules(inv->worker, inv->package.job)->name);
	invocation_fail(inv, -EINVAL, reason);
}
