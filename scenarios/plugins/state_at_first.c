/* SPDX-License-Identifier: MIT */
/*
 * StateAtFirst, a strategy as a plugin: a state is kept on the node of the first step that uses it.
 * Later steps fetch it from there, and give it back when they have changed it. Each step calls the
 * next ones, as under StateLocal, but states never move: who wants one knows where it is.
 *
 *   cc -shared -fPIC $(pkg-config --cflags sfemu) -o state_at_first.so state_at_first.c
 *
 * docs/strategies.md explains the rule and the flags.
 */
#include <sfemu/strategy.h>

/* The same node for every version, so also for the one that `step` gets. */
static uint32_t keeper(const struct sfe_placed_job *j, uint32_t state, uint32_t step)
{
	(void)step;
	for (uint32_t s = 0; s < j->job->n_steps; s++)
		if (sfe_step_uses(&j->job->steps[s], state))
			return j->node[s];
	return j->client; /* nobody uses it */
}

SFE_STRATEGY(.summary = "states stay on the node of the first step that uses them",
	.created_on_use = true, .keeper = keeper, .names_keepers = true)
