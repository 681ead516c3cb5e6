/* SPDX-License-Identifier: MIT */
/*
 * StateLocal: each step calls the next with its argument only. A step fetches the states that it
 * depends on from their last holder (at first the client), one after the other in ascending order,
 * and holds them from then on. Calls name the holders of the states.
 */
#include "nodes/jobs/actions.h"
#include "nodes/strategies/all.h"

static void start(struct worker *w, struct package *package)
{
	if (job_keep(w, package, 0))
		job_call(w, package, 0);
	else
		package_drop(package);
}

static bool wants(const struct invocation *inv, uint32_t *state, uint32_t *holder)
{
	if (!invocation_lacks(inv, state))
		return false;
	*holder = inv->package.states[*state].holder;
	return true;
}

static void finished(struct worker *w, struct invocation *inv)
{
	struct package *package = &inv->package;

	if (!job_keep(w, package, package->step + 1))
		return;
	if (package->step + 1 < worker_job(w, package->job)->n_steps)
		job_call(w, package, package->step + 1);
	else
		job_return(w, package);
}

static void returned(struct worker *w, struct package *package, uint64_t end_ns)
{
	job_done(w, package, end_ns, false);
}

const struct strategy strategy_state_local = {
	.interface = STRATEGY_INTERFACE,
	.info = &sfe_state_local,
	.carries = CARRIES_NO_STATES,
	.answers = false,
	.resumes = true,
	.copies = true,
	.start = start,
	.wants = wants,
	.finished = finished,
	.returned = returned,
};
