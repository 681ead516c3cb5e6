/* SPDX-License-Identifier: MIT */
/*
 * As published, a strategy is a function that lists the transfers of a step of a chain. For jobs
 * with declared access, and under strategies that were not published, the transfers follow from the
 * rules of the strategy (rules_delay.c).
 */
#include "sfemu/estimate.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/closed_form/rules_delay.h"
#include "emu/model/strategies/by_edge.h"
#include "emu/model/strategies/strategy_options.h"
#include "emu/model/topology/routing_tree.h"

struct run { /* state of the computation for one job */
	const struct sfe_closed_form *form;
	const struct sfe_job *job;
	uint32_t client;
	uint32_t node, previous; /* nodes of this step and of the one before; at first the client */
	bool last;
	uint32_t *keeper;      /* StateLocal: the node that keeps each state */
	double *processing_s;  /* by rules: of each step */
	struct sfe_moment *at; /* likewise */
	struct sfe_shared_instances shared;
	double net_delay_s;
	struct sfe_traffic traffic;
};

static double send(struct run *x, uint32_t from, uint32_t to, uint64_t bytes)
{
	return sfe_traffic_send(&x->traffic, x->form, from, to, bytes);
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
	double time = sfe_traffic_cloud(&x->traffic, x->form, bytes);

	x->net_delay_s += time + sfe_traffic_cloud(&x->traffic, x->form, bytes);
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
		add_message(x, x->keeper[state], x->node, x->job->state_bytes[state]);
		x->keeper[state] = x->node;
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

typedef void published_step(struct run *x, const struct sfe_step *step);

static const struct {
	const struct sfe_strategy_info *strategy;
	published_step *step;
} published[] = {
	{&sfe_pure_faas, pure_faas},
	{&sfe_state_propagate, state_propagate},
	{&sfe_state_local, state_local},
	{&sfe_unchained_external, unchained_external},
	{&sfe_unchained_in_edge, unchained_in_edge},
	{&sfe_unchained_in_function, unchained_in_function},
	{&sfe_unchained_in_client, unchained_in_client},
};

/* NULL: it was not published. */
static published_step *published_of(const struct sfe_strategy_info *strategy)
{
	for (size_t i = 0; i < sizeof(published) / sizeof(published[0]); i++)
		if (published[i].strategy == strategy)
			return published[i].step;
	return NULL;
}

const char *sfe_estimate_strategy(unsigned i)
{
	const struct sfe_strategy_info *strategy = sfe_strategy_at(i);

	return strategy ? strategy->name : NULL;
}

const struct sfe_strategy_info *sfe_closed_strategy_find(const char *name, struct sfe_error *err)
{
	char *of = strndup(name, sfe_strategy_options_begin(name));
	const struct sfe_strategy_info *strategy = sfe_strategy_find(name);

	/* Options change nothing in it: it has neither round trips nor anything that overlaps. */
	strategy = strategy || !of ? strategy : sfe_strategy_find(of);
	free(of);
	if (strategy && strategy->chooses) {
		sfe_fail(err, -EINVAL, name, "name the strategies that it chooses from",
			"it has no closed form of its own: each job follows another strategy");
		return NULL;
	}
	if (!strategy)
		sfe_fail(err, -ENOENT, name,
			"use PureFaaS, StatePropagate or StateLocal, or one of "
			"Unchained{External,InEdge,InFunction,InClient}",
			"the closed form knows no such strategy");
	return strategy;
}

/* Among equal nodes the first in name order, independent of the file's order. */
uint32_t sfe_central_node(const struct sfe_topology *t, struct sfe_routing *r)
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
	*f = (struct sfe_closed_form){.t = t, .w = w, .r = r, .central = SFE_NONE};
	int rc = sfe_routing_pairs(r, &f->paths, err);
	if (rc)
		return rc;
	f->cloud = params ? *params : (struct sfe_estimate_params){-1, -1, NULL, NULL, NULL};
	f->inlined = f->cloud.inlined;
	for (uint32_t j = 0; j < w->n_jobs; j++) {
		const struct sfe_job *job = &w->jobs[j];
		f->most_states = job->n_states > f->most_states ? job->n_states : f->most_states;
		f->most_steps = job->n_steps > f->most_steps ? job->n_steps : f->most_steps;
	}
	return 0;
}

int sfe_closed_form_allow(
	struct sfe_closed_form *f, const struct sfe_strategy_info *strategy, struct sfe_error *err)
{
	bool cloud = strategy->store == SFE_STORE_CLOUD ||
		     (f->w->workflows && sfe_shared_needs_cloud(f->w->workflows,
						 f->cloud.homes ? f->cloud.homes : strategy));

	if (cloud && !(f->cloud.cloud_latency_s >= 0 && isfinite(f->cloud.cloud_latency_s)))
		return sfe_fail(err, -EINVAL, strategy->name, "give the cloud's latency in seconds",
			"the cloud needs a latency of 0 or more");
	if (cloud && !(f->cloud.cloud_rate_mbps > 0 && isfinite(f->cloud.cloud_rate_mbps)))
		return sfe_fail(err, -EINVAL, strategy->name, "give the cloud's rate in Mb/s",
			"the cloud needs a rate of more than 0");
	if (strategy->store == SFE_STORE_CENTRAL && f->central == SFE_NONE)
		f->central = sfe_central_node(f->t, f->r);
	if (strategy->store == SFE_STORE_CENTRAL && f->central == SFE_NONE)
		return sfe_fail(err, -ENETUNREACH, strategy->name, "check the topology's edges",
			"no node is reached from all others");
	return 0;
}

/* The processing time of a step; in single precision, as published. */
static double processing(
	const struct sfe_closed_form *f, const struct sfe_assignment *a, uint32_t j, uint32_t step)
{
	uint32_t node = a->node[j][step];
	float load = (float)a->load[node];
	float ops = (float)f->w->jobs[a->job[j]].steps[step].ops;
	float time = ops / (f->t->nodes[node].speed_ops / load);

	return (double)time;
}

void sfe_closed_form_processing(
	const struct sfe_closed_form *f, const struct sfe_assignment *a, double *proc_delay_s)
{
	for (uint32_t j = 0; j < a->n_jobs; j++) {
		proc_delay_s[j] = 0;
		for (uint32_t s = 0; s < f->w->jobs[a->job[j]].n_steps; s++)
			proc_delay_s[j] += processing(f, a, j, s);
	}
}

static void walk_chain(
	struct run *x, published_step *step, const struct sfe_assignment *a, uint32_t j)
{
	x->client = x->previous = a->client[j];
	x->net_delay_s = 0;
	for (uint32_t s = 0; s < x->job->n_states; s++)
		x->keeper[s] = x->client;
	for (uint32_t s = 0; s < x->job->n_steps; s++) {
		x->node = a->node[j][s];
		x->last = s + 1 == x->job->n_steps;
		step(x, &x->job->steps[s]);
		x->previous = x->node;
	}
}

/* 0 or -ENOMEM. */
static int walk_rules(struct run *x, const struct sfe_strategy_info *strategy,
	const struct sfe_assignment *a, uint32_t j, double *proc_delay_s)
{
	const struct sfe_closed_form *f = x->form;
	const struct sfe_placed_job placed = {x->job, a->client[j], a->node[j],
		.store = strategy->store == SFE_STORE_CLOUD ? SFE_AT_CLOUD : f->central,
		.by_edge = f->cloud.by_edge ? f->cloud.by_edge[j] : NULL};
	const struct sfe_strategy_info *rules = placed.by_edge ? &sfe_edges : strategy;

	for (uint32_t s = 0; s < x->job->n_steps; s++)
		x->processing_s[s] = processing(f, a, j, s);
	struct sfe_inlined *inlined = NULL;
	int r = f->inlined ? sfe_inlined_new(strategy, &placed, f->inlined, &inlined) : 0;
	if (r)
		return r;
	struct sfe_moment end = sfe_rules_end(f, rules, &placed, &x->shared,
		placed.by_edge ? placed.by_edge->along : inlined, x->processing_s, x->at,
		&x->traffic);
	x->net_delay_s = end.net_s;
	if (x->job->graph)
		proc_delay_s[j] = end.proc_s;
	free(inlined);
	return 0;
}

static int check_job(
	const struct run *x, const struct sfe_strategy_info *strategy, struct sfe_error *err)
{
	if (x->traffic.nowhere)
		return sfe_fail(err, -EINVAL, strategy->name, "correct its rule keeper",
			"its rule names no node that keeps a state of j_%u", x->job->number);
	if (!isfinite(x->net_delay_s))
		return sfe_fail(err, -ENETUNREACH, strategy->name, "check the topology's edges",
			"two nodes of j_%u have no path between them", x->job->number);
	if (x->traffic.overflow)
		return sfe_fail(err, -EOVERFLOW, strategy->name, "use smaller factors",
			"the traffic of j_%u does not fit in 64 bits", x->job->number);
	return 0;
}

static int find_shared(struct sfe_shared_instances *all, const struct sfe_closed_form *f,
	const struct sfe_assignment *a, struct sfe_error *err)
{
	int r = 0;

	for (uint32_t j = 0; j < a->n_jobs && !r; j++) {
		const struct sfe_placed_job placed = {
			&f->w->jobs[a->job[j]], a->client[j], a->node[j], SFE_NONE};
		r = sfe_shared_add(all, f->w->workflows, &placed, false);
	}
	return r ? sfe_fail(err, r, NULL, NULL, "out of memory for the estimate") : 0;
}

int sfe_closed_form_network(const struct sfe_closed_form *f,
	const struct sfe_strategy_info *strategy, const struct sfe_assignment *a,
	double *net_delay_s, double *proc_delay_s, uint64_t *traffic_bytes, struct sfe_error *err)
{
	struct run x = {.form = f};
	int rc = 0;

	x.keeper = calloc((size_t)f->most_states + 1, sizeof(*x.keeper));
	x.processing_s = calloc((size_t)f->most_steps + 1, sizeof(*x.processing_s));
	x.at = calloc((size_t)f->most_steps + 1, sizeof(*x.at));
	if (!x.keeper || !x.processing_s || !x.at)
		rc = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for the estimate");
	if (!rc)
		rc = find_shared(&x.shared, f, a, err);
	for (uint32_t j = 0; j < a->n_jobs && !rc; j++) {
		x.job = &f->w->jobs[a->job[j]];
		x.traffic = (struct sfe_traffic){0};
		published_step *step = x.job->declared || f->inlined || f->cloud.by_edge
					       ? NULL
					       : published_of(strategy);
		if (step)
			walk_chain(&x, step, a, j);
		else if (walk_rules(&x, strategy, a, j, proc_delay_s))
			rc = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for the estimate");
		if (rc)
			break;
		net_delay_s[j] = x.net_delay_s;
		traffic_bytes[j] = x.traffic.bytes;
		rc = check_job(&x, strategy, err);
	}
	if (f->paths->out_of_memory)
		rc = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for the paths");
	sfe_shared_free(&x.shared);
	free(x.keeper);
	free(x.processing_s);
	free(x.at);
	return rc;
}

int sfe_estimate(const struct sfe_topology *t, struct sfe_routing *r, const struct sfe_workload *w,
	const struct sfe_assignment *a, const char *name, const struct sfe_estimate_params *params,
	struct sfe_estimate **out, struct sfe_error *err)
{
	const struct sfe_strategy_info *strategy = sfe_closed_strategy_find(name, err);
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
		rc = sfe_closed_form_network(&form, strategy, a, delay, delay + n, traffic, err);
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
