/* SPDX-License-Identifier: MIT */
/* Each strategy is a function that lists the transfers of a step; the rest is shared. */
#include "sfemu/estimate.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/closed_form/closed_form.h"
#include "emu/model/topology/routing_tree.h"

struct run { /* state of the computation for one job */
	const struct sfe_closed_form *form;
	const struct sfe_job *job;
	uint32_t client;
	uint32_t node, previous; /* nodes of this step and of the one before; at first the client */
	bool last;
	uint32_t *holder; /* StateLocal: the node that holds each state */
	double net_delay_s;
	uint64_t traffic_bytes;
	bool overflow; /* the traffic overflowed */
};

static void carry(struct run *x, uint64_t bytes, uint32_t hops)
{
	uint64_t more;

	x->overflow |= __builtin_mul_overflow(bytes, hops, &more) ||
		       __builtin_add_overflow(x->traffic_bytes, more, &x->traffic_bytes);
}

static double send(struct run *x, uint32_t from, uint32_t to, uint64_t bytes)
{
	const struct sfe_pair_paths *paths = x->form->paths;
	uint32_t path = sfe_pair_path_between(paths, from, to);

	if (path != SFE_NONE)
		carry(x, bytes, paths->path[path].hops);
	return sfe_pair_path_time(paths, path, bytes);
}

/* Adds a message. */
static void add_message(struct run *x, uint32_t from, uint32_t to, uint64_t bytes)
{
	x->net_delay_s += send(x, from, to, bytes);
}

/* Adds two messages. As published, their times are added first; the rounding of the sum matters. */
static void add_call(struct run *x, uint32_t a, uint32_t b, uint64_t forward, uint64_t back)
{
	double time = send(x, a, b, forward);

	x->net_delay_s += time + send(x, b, a, back);
}

/* Adds a message to the cloud and one back. */
static void add_cloud_call(struct run *x, uint64_t bytes)
{
	const struct sfe_estimate_params *cloud = &x->form->cloud;

	if (!bytes)
		return;
	double time = cloud->cloud_latency_s + (double)(8 * bytes) / (1e6 * cloud->cloud_rate_mbps);
	x->net_delay_s += time + time;
	carry(x, bytes, 2);
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

	add_call(x, x->client, x->node, step->arg_bytes + states, step->out_bytes + states);
}

static void state_propagate(struct run *x, const struct sfe_step *step)
{
	uint64_t states = x->job->states_total_bytes;

	add_message(x, x->previous, x->node, step->arg_bytes + states);
	if (x->last)
		add_message(x, x->node, x->client, step->out_bytes + states);
}

static void state_local(struct run *x, const struct sfe_step *step)
{
	add_message(x, x->previous, x->node, step->arg_bytes);
	for (uint32_t d = 0; d < step->n_deps; d++) {
		uint32_t state = step->deps[d];
		add_message(x, x->holder[state], x->node, x->job->state_bytes[state]);
		x->holder[state] = x->node;
	}
	if (x->last)
		add_message(x, x->node, x->client, x->job->return_bytes);
}

static void unchained_external(struct run *x, const struct sfe_step *step)
{
	uint64_t bytes = needed(x, step);

	add_call(x, x->client, x->node, step->arg_bytes, step->out_bytes);
	add_cloud_call(x, bytes);
}

static void unchained_in_edge(struct run *x, const struct sfe_step *step)
{
	uint64_t bytes = needed(x, step);

	add_call(x, x->client, x->node, step->arg_bytes, step->out_bytes);
	add_call(x, x->client, x->form->central, bytes, bytes);
}

static void unchained_in_function(struct run *x, const struct sfe_step *step)
{
	add_call(x, x->client, x->node, step->arg_bytes, step->out_bytes);
}

static void unchained_in_client(struct run *x, const struct sfe_step *step)
{
	uint64_t bytes = needed(x, step);

	add_call(x, x->client, x->node, step->arg_bytes + bytes, step->out_bytes + bytes);
}

struct sfe_closed_strategy {
	const char *name;
	void (*step)(struct run *x, const struct sfe_step *step);
	bool cloud, central;
};

static const struct sfe_closed_strategy strategies[] = {
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

const struct sfe_closed_strategy *sfe_closed_strategy_find(const char *name, struct sfe_error *err)
{
	for (size_t i = 0; i < N_STRATEGIES; i++)
		if (!strcmp(strategies[i].name, name))
			return &strategies[i];
	sfe_fail(err, -ENOENT, name,
		"use PureFaaS, StatePropagate or StateLocal, or one of "
		"Unchained{External,InEdge,InFunction,InClient}",
		"the closed form knows no such strategy");
	return NULL;
}

/* Among equal nodes the first in name order, independent of the file's order. */
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
	return isfinite(least) ? best : SFE_NONE;
}

int sfe_closed_form_init(struct sfe_closed_form *f, const struct sfe_topology *t,
	struct sfe_routing *r, const struct sfe_workload *w,
	const struct sfe_estimate_params *params, struct sfe_error *err)
{
	int rc = sfe_routing_prepare(r, err);

	*f = (struct sfe_closed_form){.t = t, .w = w, .central = SFE_NONE, .most_states = 1};
	if (rc)
		return rc;
	f->r = r;
	f->paths = sfe_routing_pairs(r);
	f->cloud = params ? *params : (struct sfe_estimate_params){-1, -1};
	for (uint32_t j = 0; j < w->n_jobs; j++)
		if (w->jobs[j].n_states > f->most_states)
			f->most_states = w->jobs[j].n_states;
	return 0;
}

int sfe_closed_form_allow(struct sfe_closed_form *f, const struct sfe_closed_strategy *strategy,
	struct sfe_error *err)
{
	if (strategy->cloud &&
		!(f->cloud.cloud_latency_s >= 0 && isfinite(f->cloud.cloud_latency_s)))
		return sfe_fail(err, -EINVAL, strategy->name, "give the cloud's latency in seconds",
			"the cloud needs a latency of 0 or more");
	if (strategy->cloud &&
		!(f->cloud.cloud_rate_mbps > 0 && isfinite(f->cloud.cloud_rate_mbps)))
		return sfe_fail(err, -EINVAL, strategy->name, "give the cloud's rate in Mb/s",
			"the cloud needs a rate of more than 0");
	if (strategy->central && f->central == SFE_NONE)
		f->central = sfe_central_node(f->t, f->r);
	if (strategy->central && f->central == SFE_NONE)
		return sfe_fail(err, -ENETUNREACH, strategy->name, "check the topology's edges",
			"no node is reached from all others");
	return 0;
}

void sfe_closed_form_processing(
	const struct sfe_closed_form *f, const struct sfe_assignment *a, double *proc_delay_s)
{
	for (uint32_t j = 0; j < a->n_jobs; j++) {
		const struct sfe_job *job = &f->w->jobs[a->job[j]];

		proc_delay_s[j] = 0;
		for (uint32_t s = 0; s < job->n_steps; s++) {
			uint32_t node = a->node[j][s];
			float load = (float)a->load[node];
			float time =
				(float)job->steps[s].ops / (f->t->nodes[node].speed_ops / load);
			proc_delay_s[j] += (double)time;
		}
	}
}

static void walk_job(struct run *x, const struct sfe_closed_strategy *strategy,
	const struct sfe_assignment *a, uint32_t j)
{
	x->job = &x->form->w->jobs[a->job[j]];
	x->client = x->previous = a->client[j];
	x->net_delay_s = 0;
	x->traffic_bytes = 0;
	for (uint32_t s = 0; s < x->job->n_states; s++)
		x->holder[s] = x->client;
	for (uint32_t s = 0; s < x->job->n_steps; s++) {
		x->node = a->node[j][s];
		x->last = s + 1 == x->job->n_steps;
		strategy->step(x, &x->job->steps[s]);
		x->previous = x->node;
	}
}

int sfe_closed_form_network(const struct sfe_closed_form *f,
	const struct sfe_closed_strategy *strategy, const struct sfe_assignment *a,
	double *net_delay_s, uint64_t *traffic_bytes, struct sfe_error *err)
{
	struct run x = {.form = f};
	int rc = 0;

	x.holder = calloc(f->most_states, sizeof(*x.holder));
	if (!x.holder)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for the estimate");
	for (uint32_t j = 0; j < a->n_jobs && !rc; j++) {
		walk_job(&x, strategy, a, j);
		net_delay_s[j] = x.net_delay_s;
		traffic_bytes[j] = x.traffic_bytes;
		if (!isfinite(x.net_delay_s))
			rc = sfe_fail(err, -ENETUNREACH, strategy->name,
				"check the topology's edges",
				"two nodes of j_%u have no path between them", x.job->number);
		else if (x.overflow)
			rc = sfe_fail(err, -EOVERFLOW, strategy->name, "use smaller factors",
				"the traffic of j_%u does not fit in 64 bits", x.job->number);
	}
	free(x.holder);
	return rc;
}

int sfe_estimate(const struct sfe_topology *t, struct sfe_routing *r, const struct sfe_workload *w,
	const struct sfe_assignment *a, const char *name, const struct sfe_estimate_params *params,
	struct sfe_estimate **out, struct sfe_error *err)
{
	const struct sfe_closed_strategy *strategy = sfe_closed_strategy_find(name, err);
	size_t n = (size_t)a->n_jobs + 1;
	struct sfe_closed_form form;
	int rc;

	if (!strategy)
		return -ENOENT;
	if ((rc = sfe_closed_form_init(&form, t, r, w, params, err)) ||
		(rc = sfe_closed_form_allow(&form, strategy, err)))
		return rc;
	struct sfe_estimate *each = calloc(n, sizeof(*each));
	double *delay = calloc(2 * n, sizeof(*delay));
	uint64_t *traffic = calloc(n, sizeof(*traffic));
	if (each && delay && traffic) {
		sfe_closed_form_processing(&form, a, delay + n);
		rc = sfe_closed_form_network(&form, strategy, a, delay, traffic, err);
	} else {
		rc = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for the estimate");
	}
	for (uint32_t j = 0; j < a->n_jobs && !rc; j++)
		each[j] = (struct sfe_estimate){delay[n + j], delay[j], traffic[j]};
	free(delay);
	free(traffic);
	if (rc)
		free(each);
	else
		*out = each;
	return rc;
}
