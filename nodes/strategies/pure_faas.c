/* SPDX-License-Identifier: MIT */
/* PureFaaS: the client invokes each step itself. All states go with every call and come back with
 * its result. */
#include "nodes/jobs/actions.h"
#include "nodes/strategies/all.h"

static void start(struct worker *w, struct package *package)
{
	job_call(w, package, 0);
}

static void finished(struct worker *w, struct invocation *inv)
{
	job_answer(w, inv);
}

static void returned(struct worker *w, struct package *package, uint64_t end_ns)
{
	if (package->step + 1 < worker_job(w, package->job)->n_steps)
		job_call(w, package, package->step + 1);
	else
		job_done(w, package, end_ns, true);
}

const struct strategy strategy_pure_faas = {
	.interface = STRATEGY_INTERFACE,
	.info = &sfe_pure_faas,
	.carries = CARRIES_ALL_STATES,
	.answers = true,
	.start = start,
	.finished = finished,
	.returned = returned,
};
