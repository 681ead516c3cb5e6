/* SPDX-License-Identifier: MIT */
#include "emu/results/predicted_gain.h"

#include <errno.h>
#include <stdlib.h>

#include "emu/model/workload/job_graph.h"
#include "emu/results/explanation/explained_paths.h"
#include "sfemu/estimate.h"
#include "sfemu/transfer.h"

struct predicting {
	const struct sfe_experiment *e;
	const struct sfe_strategy_info *strategy;
	struct sfe_tcp tcp;
	struct sfe_explained_paths paths;
	bool *connected; /* by the pair of nodes: the first has made a connection to the second */
	struct sfe_fetched_state states[SFE_MAX_TASKS_PER_JOB];
};

static bool *pair(const struct predicting *p, uint32_t from, uint32_t to)
{
	return &p->connected[(size_t)from * p->e->topology->n_nodes + to];
}

static uint32_t store_of(const struct predicting *p)
{
	switch (p->strategy->store) {
	case SFE_STORE_CENTRAL:
		return sfe_central_node(&p->e->emulated, p->e->emulated_routing);
	case SFE_STORE_CLOUD:
		return p->e->topology->n_nodes - 1;
	case SFE_STORE_NONE:
		break;
	}
	return SFE_NONE;
}

/* The states that a step fetches: how many; negative: out of memory. */
static int find_states(struct predicting *p, const struct sfe_placed_job *job, uint32_t step)
{
	const struct sfe_step *of = &job->job->steps[step];
	uint32_t node = job->node[step], forward, back;
	int n = 0;

	for (uint32_t i = 0; i < of->n_deps; i++) {
		uint32_t keeper = p->strategy->keeper(job, of->deps[i], step);
		if (sfe_step_access(of, i) == SFE_WRITE || keeper == node)
			continue;
		if (sfe_explained_paths_find(&p->paths, keeper, node, &forward) ||
			sfe_explained_paths_find(&p->paths, node, keeper, &back))
			return -ENOMEM;
		p->states[n++] = (struct sfe_fetched_state){.from = keeper,
			.bytes = job->job->state_bytes[of->deps[i]],
			.connected = *pair(p, node, keeper),
			.forward = p->paths.of[forward].path,
			.back = p->paths.of[back].path};
	}
	return n;
}

/* The connections that the step's messages have made. */
static void make_connections(
	struct predicting *p, const struct sfe_placed_job *job, uint32_t step, int n)
{
	const struct sfe_job *of = job->job;
	uint32_t node = job->node[step], before = sfe_steps_before(of, step);

	for (int i = 0; i < n; i++)
		*pair(p, node, p->states[i].from) = true;
	if (p->strategy->client_invokes || !before)
		*pair(p, job->client, node) = true;
	for (uint32_t i = 0; i < before && !p->strategy->client_invokes; i++)
		*pair(p, job->node[sfe_step_before(of, step, i)], node) = true;
	if (!p->strategy->client_invokes && !sfe_steps_after(of, step))
		*pair(p, node, job->client) = true;
	for (uint32_t i = 0; i < of->steps[step].n_deps; i++)
		if (sfe_step_access(&of->steps[step], i) != SFE_READ)
			*pair(p, node,
				p->strategy->keeper(job, of->steps[step].deps[i], step + 1)) = true;
}

static int predict_job(
	struct predicting *p, const struct sfe_placed_job *job, struct sfe_predicted_gain *out)
{
	*out = (struct sfe_predicted_gain){0};
	for (uint32_t s = 0; s < job->job->n_steps; s++) {
		int n = find_states(p, job, s);
		if (n < 0)
			return n;
		out->serial_s += sfe_fetch_serial_s(p->states, (uint32_t)n, &p->tcp);
		out->parallel_s += sfe_fetch_parallel_s(p->states, (uint32_t)n, &p->tcp);
		make_connections(p, job, s, n);
	}
	return 0;
}

int sfe_predict_gain(const struct sfe_experiment *e, const struct sfe_strategy_info *strategy,
	struct sfe_predicted_gain *out)
{
	struct predicting *p = calloc(1, sizeof(*p));
	size_t n = e->topology->n_nodes;
	int r = p ? 0 : -ENOMEM;

	if (r)
		return r;
	p->e = p->paths.e = e;
	p->strategy = strategy;
	p->tcp = (struct sfe_tcp){.mtu = e->net.mtu,
		.initial_window = e->net.initial_window,
		.timestamps = e->net.timestamps,
		.slow_start_after_idle = e->net.slow_start_after_idle};
	p->connected = calloc(n * n, sizeof(*p->connected));
	r = p->connected ? 0 : -ENOMEM;
	for (uint32_t j = 0; j < e->n_jobs && !r; j++) {
		const struct sfe_placed_job job = {
			e->jobs[j].job, e->jobs[j].client, e->jobs[j].node, store_of(p)};
		r = predict_job(p, &job, &out[j]);
	}
	sfe_explained_paths_free(&p->paths);
	free(p->connected);
	free(p);
	return r;
}
