/* SPDX-License-Identifier: MIT */
/*
 * UnchainedInEdge and UnchainedExternal: the client invokes each step itself. The states are in a
 * store, on the network's central node or in a cloud. A step fetches the states that it depends on
 * from the store and returns them to it before it answers. The published model counts these
 * transfers between client and store; here they are between the step's node and the store.
 */
#include "nodes/jobs/actions.h"
#include "nodes/strategies/all.h"

static void start(struct worker *w, struct package *package)
{
	job_call(w, package, 0);
}

static bool wants(const struct invocation *inv, uint32_t *state, uint32_t *holder)
{
	*holder = inv->worker->deployment->store;
	return invocation_lacks(inv, state);
}

static bool gives(const struct invocation *inv, uint32_t *state, uint32_t *to)
{
	const struct sfe_step *step = invocation_step(inv);

	*to = inv->worker->deployment->store;
	for (uint32_t i = 0; i < step->n_deps; i++) {
		*state = step->deps[i];
		if (inv->package.states[*state].here)
			return true;
	}
	return false;
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
		job_done(w, package, end_ns, false);
}

#define STORED(of)                                                                                 \
	{                                                                                          \
		.interface = STRATEGY_INTERFACE, .info = &(of), .carries = CARRIES_NO_STATES,      \
		.answers = true, .created_on_use = true, .stores = true, .start = start,           \
		.wants = wants, .gives = gives, .finished = finished, .returned = returned,        \
	}

const struct strategy strategy_unchained_in_edge = STORED(sfe_unchained_in_edge);
const struct strategy strategy_unchained_external = STORED(sfe_unchained_external);
