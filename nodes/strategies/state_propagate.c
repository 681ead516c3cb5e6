/* SPDX-License-Identifier: MIT */
/* StatePropagate: each step calls the next. All states go along the chain, and return to the client
 * with the result. */
#include "nodes/jobs/actions.h"
#include "nodes/strategies/all.h"

static void start(struct worker *w, struct package *package)
{
	job_call(w, package, 0);
}

static void finished(struct worker *w, struct invocation *inv)
{
	struct package *package = &inv->package;

	if (package->step + 1 < worker_job(w, package->job)->n_steps)
		job_call(w, package, package->step + 1);
	else
		job_return(w, package);
}

static void returned(struct worker *w, struct package *package, uint64_t end_ns)
{
	job_done(w, package, end_ns, true);
}

const struct strategy strategy_state_propagate = {
	.interface = STRATEGY_INTERFACE,
	.info = &sfe_state_propagate,
	.carries = CARRIES_ALL_STATES,
	.answers = false,
	.restarts = true,
	.start = start,
	.finished = finished,
	.returned = returned,
};
