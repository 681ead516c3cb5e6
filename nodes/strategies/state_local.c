/* SPDX-License-Identifier: MIT */
/*
 * StateLocal: each step calls the next with its argument only; a step fetches the states that it
 * depends on from their last holder (at first the client), one after the other in ascending order,
 * and holds them from then on. Who holds what travels with the calls.
 */
#include "nodes/strategies/strategy.h"

/*
 * Puts the states of the package into this node's store and notes that they are there. What no step
 * from `next` on depends on is final.
 */
static bool keep(struct worker *w, struct package *package, uint32_t next)
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

static void start(struct worker *w, struct package *package)
{
	if (keep(w, package, 0))
		job_call(w, package, 0);
	else
		package_drop(package);
}

static bool wants(const struct invocation *inv, uint32_t *state)
{
	const struct sfe_step *step = invocation_step(inv);

	for (uint32_t i = 0; i < step->n_deps; i++) {
		*state = step->deps[i];
		if (!inv->package.states[*state].here)
			return true;
	}
	return false;
}

static void finished(struct worker *w, struct invocation *inv)
{
	struct package *package = &inv->package;

	if (!keep(w, package, package->step + 1))
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
	.answers = false,
	.start = start,
	.wants = wants,
	.finished = finished,
	.returned = returned,
};
