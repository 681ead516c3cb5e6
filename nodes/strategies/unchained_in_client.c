/* SPDX-License-Identifier: MIT */
/*
 * UnchainedInClient: the client invokes each step itself and holds the states. Those that a step
 * depends on go with its call and come back with its result.
 */
#include "nodes/jobs/actions.h"
#include "nodes/strategies/all.h"

static void call(struct worker *w, struct package *package, uint32_t step)
{
	job_take(w, package, step);
	job_call(w, package, step);
}

static void start(struct worker *w, struct package *package)
{
	if (job_keep(w, package, 0))
		call(w, package, 0);
	else
		package_drop(package);
}

static void finished(struct worker *w, struct invocation *inv)
{
	job_answer(w, inv);
}

static void returned(struct worker *w, struct package *package, uint64_t end_ns)
{
	if (!job_keep(w, package, package->step + 1))
		return;
	if (package->step + 1 < worker_job(w, package->job)->n_steps)
		call(w, package, package->step + 1);
	else
		job_done(w, package, end_ns, false);
}

const struct strategy strategy_unchained_in_client = {
	.interface = STRATEGY_INTERFACE,
	.info = &sfe_unchained_in_client,
	.carries = CARRIES_STATES_OF_STEP,
	.answers = true,
	.start = start,
	.finished = finished,
	.returned = returned,
};
