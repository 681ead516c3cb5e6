/* SPDX-License-Identifier: MIT */
/*
 * UnchainedInFunction: the client invokes each step itself. A state lives with the function that
 * uses it, from its first use on. In the published model no state ever moves. Here that holds as
 * long as all steps that use a state are on one node; a later step on another node fetches the
 * state from the last such node, which is traffic that the model does not count. The client knows
 * the placement of all steps, so each call names the holders of the states.
 */
#include "emu/model/workload/job_graph.h"
#include "nodes/jobs/actions.h"
#include "nodes/strategies/all.h"

/* The holder of a state before the step: the node of the last earlier step that depends on it. */
static uint32_t holder_before(const struct worker *w, uint32_t job, uint32_t state, uint32_t step)
{
	while (step--) {
		if (sfe_step_uses(&worker_job(w, job)->steps[step], state))
			return w->deployment->jobs[job].node[step];
	}
	return HOLDER_UNKNOWN;
}

static void call(struct worker *w, struct package *package, uint32_t step)
{
	for (uint32_t i = 0; i < package->n_states; i++)
		package->states[i].holder = holder_before(w, package->job, i, step);
	job_call(w, package, step);
}

static void start(struct worker *w, struct package *package)
{
	call(w, package, 0);
}

static bool wants(const struct invocation *inv, uint32_t *state, uint32_t *holder)
{
	if (!invocation_lacks(inv, state))
		return false;
	*holder = inv->package.states[*state].holder;
	if (*holder == HOLDER_UNKNOWN) /* its first use: this node creates it */
		*holder = inv->worker->node;
	return true;
}

static void finished(struct worker *w, struct invocation *inv)
{
	if (job_keep(w, &inv->package, inv->package.step + 1))
		job_answer(w, inv);
}

static void returned(struct worker *w, struct package *package, uint64_t end_ns)
{
	if (package->step + 1 < worker_job(w, package->job)->n_steps)
		call(w, package, package->step + 1);
	else
		job_done(w, package, end_ns, false);
}

const struct strategy strategy_unchained_in_function = {
	.interface = STRATEGY_INTERFACE,
	.info = &sfe_unchained_in_function,
	.carries = CARRIES_NO_STATES,
	.answers = true,
	.created_on_use = true,
	.start = start,
	.wants = wants,
	.finished = finished,
	.returned = returned,
};
