/* SPDX-License-Identifier: MIT */
/* Each strategy is one function that lists the transfers of a step; the rest is shared. */
#include "sfemu/estimate.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct run { /* of one job */
	const struct sfe_routing *r;
	const struct sfe_job *job;
	const struct sfe_estimate_params *params;
	uint32_t client, central;
	uint32_t node,
		previous; /* of the step at hand and of the one before; at first the client */
	bool last;
	uint32_t *holder; /* StateLocal: the node that holds each state */
	struct sfe_estimate sum;
};

/* A message of that many bytes. */
static void move(struct run *x, uint32_t from, uint32_t to, uint64_t bytes)
{
	x->sum.net_delay_s += sfe_routing_time(x->r, from, to, bytes);
	x->sum.traffic_bytes += bytes * sfe_routing_hops(x->r, from, to);
}

static void move_cloud(struct run *x, uint64_t bytes)
{
	if (!bytes)
		return;
	x->sum.net_delay_s += x->params->cloud_latency_s +
			      (double)(8 * bytes) / (1e6 * x->params->cloud_rate_mbps);
	x->sum.traffic_bytes += bytes;
}

/* Two messages whose times are added up first, as published: the sum's rounding is part of it. */
static void call(struct run *x, uint32_t a, uint32_t b, uint64_t there, uint64_t back)
{
	x->sum.net_delay_s +=
		sfe_routing_time(x->r, a, b, there) + sfe_routing_time(x->r, b, a, back);
	x->sum.traffic_bytes +=
		there * sfe_routing_hops(x->r, a, b) + back * sfe_routing_hops(x->r, b, a);
}

static uint64_t needed(const struct run *x, const struct sfe_step *step)
{
	uint64_t bytes = 0;

	for (uint32_t d = 0; d < step->n_deps; d++)
		bytes += x->job->state_bytes[step->deps[d]];
	return bytes;
}

static void pure_faas(struct run *x, const struct sfe_step *step)
{
	uint64_t states = x->job->states_total_bytes;

	call(x, x->client, x->node, step->arg_bytes + states, step->out_bytes + states);
}

static void state_propagate(struct run *x, const struct sfe_step *step)
{
	uint64_t states = x->job->states_total_bytes;

	move(x, x->previous, x->node, step->arg_bytes + states);
	if (x->last)
		move(x, x->node, x->client, step->out_bytes + states);
}

static void state_local(struct run *x, const struct sfe_step *step)
{
	move(x, x->previous, x->node, step->arg_bytes);
	for (uint32_t d = 0; d < step->n_deps; d++) {
		uint32_t state = step->deps[d];
		move(x, x->holder[state], x->node, x->job->state_bytes[state]);
		x->holder[state] = x->node;
	}
	if (x->last)
		move(x, x->node, x->client, x->job->return_bytes);
}

static void unchained_external(struct run *x, const struct sfe_step *step)
{
	uint64_t bytes = needed(x, step);

	call(x, x->client, x->node, step->arg_bytes, step->out_bytes);
	move_cloud(x, bytes);
	move_cloud(x, bytes);
}

static void unchained_in_edge(struct run *x, const struct sfe_step *step)
{
	uint64_t bytes = needed(x, step);

	call(x, x->client, x->node, step->arg_bytes, step->out_bytes);
	call(x, x->client, x->central, bytes, bytes);
}

static void unchained_in_function(struct run *x, const struct sfe_step *step)
{
	call(x, x->client, x->node, step->arg_bytes, step->out_bytes);
}

static void unchained_in_client(struct run *x, const struct sfe_step *step)
{
	uint64_t bytes = needed(x, step);

	call(x, x->client, x->node, step->arg_bytes + bytes, step->out_bytes + bytes);
}

static const struct strategy {
	const char *name;
	void (*step)(struct run *x, const struct sfe_step *step);
	bool cloud, central;
} strategies[] = {
	{.name = "PureFaaS", .step = pure_faas},
	{.name = "StatePropagate", .step = state_propagate},
	{.name = "StateLocal", .step = state_local},
	{.name = "UnchainedExternal", .step = unchained_external, .cloud = true},
	{.name = "UnchainedInEdge", .step = unchained_in_edge, .central = true},
	{.name = "UnchainedInFunction", .step = unchained_in_function},
	{.name = "UnchainedInClient", .step = unchained_in_client},
};
#define N_STRATEGIES (sizeof(strategies) / sizeof(strategies[0]))

const char *sfe_estimate_strategy(unsigned i)
{
	return i < N_STRATEGIES ? strategies[i].name : NULL;
}

static const struct strategy *find_strategy(const char *name)
{
	for (size_t i = 0; i < N_STRATEGIES; i++)
		if (!strcmp(strategies[i].name, name))
			return &strategies[i];
	return NULL;
}

/* Among equal nodes the first in name order, whatever order the file has. */
uint32_t sfe_central_node(const struct sfe_topology *t, const struct sfe_routing *r)
{
	uint32_t best = SFE_NONE;
	double least = INFINITY;

	for (uint32_t a = 0; a < t->n_nodes; a++) {
		double worst = 0;
		for (uint32_t b = 0; b < t->n_nodes && worst <= least; b++) {
			worst = fmax(worst, sfe_routing_time(r, a, b, 1000));
			worst = fmax(worst, sfe_routing_time(r, b, a, 1000));
		}
		if (worst > least || (worst == least && best != SFE_NONE &&
					     strcmp(t->nodes[a].name, t->nodes[best].name) > 0))
			continue;
		least = worst;
		best = a;
	}
	return best;
}

static void estimate_job(struct run *x, const struct strategy *strategy,
	const struct sfe_topology *t, const struct sfe_assignment *a, uint32_t j)
{
	x->client = x->previous = a->client[j];
	x->sum = (struct sfe_estimate){0};
	for (uint32_t s = 0; s < x->job->n_states; s++)
		x->holder[s] = x->client;
	for (uint32_t s = 0; s < x->job->n_steps; s++) {
		const struct sfe_step *step = &x->job->steps[s];

		x->node = a->node[j][s];
		x->last = s + 1 == x->job->n_steps;
		float load = (float)a->load[x->node];
		float processing = (float)step->ops / (t->nodes[x->node].speed_ops / load);
		x->sum.proc_delay_s += (double)processing;
		strategy->step(x, step);
		x->previous = x->node;
	}
}

static int estimate_all(struct run *x, const struct strategy *strategy,
	const struct sfe_topology *t, const struct sfe_workload *w, const struct sfe_assignment *a,
	struct sfe_estimate *each, struct sfe_error *err)
{
	uint32_t states = 1;

	for (uint32_t j = 0; j < a->n_jobs; j++)
		if (w->jobs[a->job[j]].n_states > states)
			states = w->jobs[a->job[j]].n_states;
	x->holder = calloc(states, sizeof(*x->holder));
	if (!x->holder)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for the estimate");
	for (uint32_t j = 0; j < a->n_jobs; j++) {
		x->job = &w->jobs[a->job[j]];
		estimate_job(x, strategy, t, a, j);
		each[j] = x->sum;
		if (isfinite(x->sum.net_delay_s))
			continue;
		free(x->holder);
		return sfe_fail(err, -ENETUNREACH, strategy->name, "check the topology's edges",
			"two nodes of j_%u have no way between them", x->job->number);
	}
	free(x->holder);
	return 0;
}

int sfe_estimate(const struct sfe_topology *t, const struct sfe_routing *r,
	const struct sfe_workload *w, const struct sfe_assignment *a, const char *name,
	const struct sfe_estimate_params *params, struct sfe_estimate **out, struct sfe_error *err)
{
	const struct strategy *strategy = find_strategy(name);
	struct run x = {.r = r, .params = params, .central = SFE_NONE};

	if (!strategy)
		return sfe_fail(err, -ENOENT, name,
			"use PureFaaS, StatePropagate or StateLocal, or one of "
			"Unchained{External,InEdge,InFunction,InClient}",
			"the closed form knows no such strategy");
	if (strategy->cloud &&
		!(params && params->cloud_latency_s >= 0 && isfinite(params->cloud_latency_s) &&
			params->cloud_rate_mbps > 0))
		return sfe_fail(err, -EINVAL, name, "give the cloud's latency and rate",
			"the cloud needs a latency of 0 or more and a rate of more than 0");
	if (strategy->central && (x.central = sfe_central_node(t, r)) == SFE_NONE)
		return sfe_fail(err, -ENETUNREACH, name, "check the topology's edges",
			"no node is reached from all others");
	struct sfe_estimate *each = calloc((size_t)a->n_jobs + 1, sizeof(*each));
	if (!each)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for the estimate");
	int rc = estimate_all(&x, strategy, t, w, a, each, err);
	if (rc) {
		free(each);
		return rc;
	}
	*out = each;
	return 0;
}
