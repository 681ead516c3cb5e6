/* SPDX-License-Identifier: MIT */
#include "emu/run/replay_deployment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/experiment/functions.h"
#include "emu/model/scenario/scenario_strategies.h"
#include "emu/results/prediction/choice.h"
#include "emu/security/function_rights.h"
#include "nodes/base/inline_jobs.h"
#include "sfemu/estimate.h"

/* The node that keeps all states; SFE_NONE: the strategy has none. */
static uint32_t store_of(const struct sfe_experiment *e, const struct sfe_strategy_info *strategy)
{
	switch (strategy->store) {
	case SFE_STORE_CENTRAL: /* the closed form's central node */
		return sfe_central_node(&e->emulated, e->emulated_routing);
	case SFE_STORE_CLOUD: /* the last node */
		return e->topology->n_nodes - 1;
	case SFE_STORE_NONE:
		break;
	}
	return SFE_NONE;
}

/* Whether a link corrupts packets, at the start or by the schedule. */
static bool corrupts(const struct sfe_experiment *e)
{
	for (size_t i = 0; i < SFE_DIRECTIONS * (size_t)e->topology->n_links; i++)
		if (e->link[i].corrupt.probability > 0)
			return true;
	return sfe_schedule_sets(&e->scenario->schedule, "corrupt");
}

/* Makes the jobs follow the strategies that were chosen for them. *jobs is the caller's. */
static int follow(const struct sfe_experiment *e, const struct sfe_choice *choice,
	struct sfe_deployed_job **jobs)
{
	struct sfe_deployed_job *own = calloc((size_t)e->n_jobs + 1, sizeof(*own));
	uint32_t store[SFE_MAX_STRATEGIES];

	if (!own)
		return -ENOMEM;
	memcpy(own, e->jobs, e->n_jobs * sizeof(*own));
	for (uint32_t k = 0; k < choice->n; k++) /* to find the central node takes long */
		store[k] = store_of(e, &choice->candidate[k]);
	for (uint32_t j = 0; j < e->n_jobs; j++) {
		own[j].rules = &choice->candidate[choice->chosen[j]];
		own[j].store = store[choice->chosen[j]];
		own[j].by_edge = sfe_choice_by_edge(choice, j);
	}
	*jobs = own;
	return 0;
}

int sfe_replay_deploy(const struct sfe_experiment *e, const struct sfe_strategy_info *strategy,
	const struct sfe_choice *choice, const struct sfe_keep *keep,
	struct sfe_replay_deployment *out)
{
	const struct sfe_strategy_plugin *plugin =
		sfe_scenario_strategy_plugin(e->scenario, strategy);
	struct sfe_deployment *d = &out->deployment;
	int r = 0;

	*out = (struct sfe_replay_deployment){.known = {.e = e},
		.paths = {sfe_inline_path_find, &out->known},
		.tcp = {.mtu = e->net.mtu,
			.initial_window = e->net.initial_window,
			.timestamps = e->net.timestamps,
			.slow_start_after_idle = e->net.slow_start_after_idle}};
	*d = (struct sfe_deployment){
		.strategy = strategy,
		.plugin = plugin,
		.n_nodes = e->topology->n_nodes,
		.nodes = e->endpoints,
		.n_jobs = e->n_jobs,
		.jobs = e->jobs,
		.n_functions = e->workload->n_functions,
		.function_names = e->workload->function_names,
		.functions = e->functions,
		.scratch = plugin || sfe_functions_have_code(e) ? SFE_FUNCTION_SCRATCH : NULL,
		.seed = e->scenario->seed,
		.store = store_of(e, strategy),
		.shared = &e->shared,
		.cloud = e->topology != e->bare ? e->topology->n_nodes - 1 : SFE_NONE,
		.damages = corrupts(e),
		.retry = {.deadline_ns = e->scenario->invocation.deadline_ns,
			.retries = e->scenario->invocation.retries,
			.backoff_ns = e->scenario->invocation.backoff_ns},
		.job_timeout_ns = e->scenario->job_timeout_ns,
		.n_replicas = e->scenario->replicas,
		.replica_of = e->replica_of,
		.paths = &out->paths,
		.tcp = &out->tcp,
		.keep = keep,
	};
	if (choice)
		r = follow(e, choice, &out->followed);
	if (!r && out->followed)
		d->jobs = out->followed;
	/* What is inline, and what goes ahead, follows from the rules: those of a plugin are known
	 * to workers only, which decide it themselves. */
	if (!r && !plugin)
		r = inline_jobs_new(d, d->paths, &out->decided);
	if (out->decided)
		d->jobs = out->decided;
	return r;
}

void sfe_replay_deployment_free(struct sfe_replay_deployment *x)
{
	inline_jobs_free(x->decided, x->deployment.n_jobs);
	free(x->followed);
	sfe_explained_paths_free(&x->known);
	*x = (struct sfe_replay_deployment){0};
}
