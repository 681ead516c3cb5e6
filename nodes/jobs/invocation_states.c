/* SPDX-License-Identifier: MIT */
#include "nodes/jobs/invocation_states.h"

#include "emu/model/workload/job_graph.h"

uint32_t invocation_n_states(const struct invocation *inv)
{
	return invocation_n_deps(inv) + (inv->shared ? inv->shared->n : 0);
}

static struct invocation_state shared_state(struct invocation *inv, uint32_t i)
{
	const struct sfe_shared_instances *all = inv->worker->deployment->shared;
	struct shared_use *use = &inv->shared->of[i];
	const struct sfe_shared_state *state = &all->states[all->of[use->instance].state];

	return (struct invocation_state){.name = state->name,
		.bytes = &use->bytes,
		.index = worker_job(inv->worker, inv->package.job)->n_states + i,
		.nominal_bytes = state->bytes,
		.access = use->access};
}

struct invocation_state invocation_state(struct invocation *inv, uint32_t i)
{
	const struct worker *w = inv->worker;
	const struct sfe_workflow *workflow = w->deployment->jobs[inv->package.job].workflow;
	const struct sfe_step *step = invocation_step(inv);

	if (i >= step->n_deps)
		return shared_state(inv, i - step->n_deps);
	uint32_t state = step->deps[i];
	return (struct invocation_state){.name = workflow ? workflow->states[state].name : NULL,
		.bytes = &inv->package.states[state].bytes,
		.index = state,
		.nominal_bytes = worker_job(w, inv->package.job)->state_bytes[state],
		.access = sfe_step_access(step, i)};
}
