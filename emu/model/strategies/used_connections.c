/* SPDX-License-Identifier: MIT */
#include "emu/model/strategies/used_connections.h"

struct walk {
	const struct sfe_strategy_info *rules;
	const struct sfe_placed_job *placed;
	const struct sfe_job *job;
	const struct sfe_inlined *inlined;
	const struct sfe_connection_uses *uses;
};

static void use(const struct walk *w, uint32_t opener, uint32_t other)
{
	if (opener != other)
		w->uses->use(w->uses->arg, opener, other);
}

static void use_calls(const struct walk *w, uint32_t step)
{
	uint32_t node = w->placed->node[step], n = sfe_steps_before(w->job, step);
	bool by_client = w->rules->client_invokes || !n;

	if (by_client)
		use(w, w->placed->client, node);
	for (uint32_t i = 0; i < n && !by_client; i++)
		use(w, w->placed->node[sfe_step_before(w->job, step, i)], node);
	if (!w->rules->client_invokes && !sfe_steps_after(w->job, step))
		use(w, node, w->placed->client);
}

static void use_states(const struct walk *w, uint32_t step)
{
	const struct sfe_step *s = &w->job->steps[step];
	uint32_t node = w->placed->node[step];

	for (uint32_t i = 0; w->rules->keeper && i < s->n_deps; i++) {
		uint32_t state = s->deps[i];
		enum sfe_access access = sfe_step_access(s, i);
		bool pushed = sfe_push_goes(w->uses->pushed, state, step);
		if (pushed)
			use(w, w->rules->keeper(w->placed, state, step), node);
		/* What goes ahead, and is only read, is not asked for. */
		if (access != SFE_WRITE && !(pushed && access == SFE_READ) &&
			!(w->inlined && sfe_inlined_comes(w->inlined, w->job, state, step)))
			use(w, node, w->rules->keeper(w->placed, state, step));
		if (access != SFE_READ)
			use(w, node, w->rules->keeper(w->placed, state, step + 1));
	}
}

static void use_shared(const struct walk *w, uint32_t step)
{
	const struct sfe_shared_instances *all = w->uses->shared;

	for (uint32_t i = 0; all && w->job->shared && i < w->job->shared[step].n; i++)
		use(w, w->placed->node[step],
			sfe_shared_home(all, sfe_shared_instance(all, w->placed, step, i),
				w->uses->homes ? w->uses->homes : w->rules, w->placed->store,
				w->uses->cloud));
}

void sfe_connections_used(const struct sfe_strategy_info *rules, const struct sfe_placed_job *job,
	const struct sfe_inlined *inlined, const struct sfe_connection_uses *uses)
{
	const struct walk w = {rules, job, job->job, inlined, uses};

	for (uint32_t s = 0; s < w.job->n_steps; s++) {
		use_calls(&w, s);
		use_states(&w, s);
		use_shared(&w, s);
	}
}
