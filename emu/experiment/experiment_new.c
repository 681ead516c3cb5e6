/* SPDX-License-Identifier: MIT */
#include "emu/experiment/experiment_new.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/experiment/beside_place.h"
#include "emu/experiment/capture_check.h"
#include "emu/experiment/cloud.h"
#include "emu/experiment/functions.h"
#include "emu/experiment/keep_check.h"
#include "emu/experiment/link_specs.h"
#include "emu/experiment/schedule_check.h"
#include "emu/model/scenario/scenario_nodes.h"
#include "emu/model/workload/shared_names.h"
#include "emu/net/plan_cables.h"
#include "emu/net/planner.h"
#include "sfemu/estimate.h"
#include "sfemu/random.h"

static int make_links(struct sfe_experiment *e, struct sfe_error *err)
{
	int r = sfe_links_resolve(e->scenario, e->plan, &e->link, err);

	if (r)
		return r;
	e->net = (struct sfe_net_params){
		.seed = e->scenario->seed,
		.link = e->link,
		.mtu = e->scenario->tcp.mtu,
		.congestion = e->scenario->tcp.congestion,
		.slow_start_after_idle = e->scenario->tcp.slow_start_after_idle,
		.sack = e->scenario->tcp.sack,
		.timestamps = e->scenario->tcp.timestamps,
		.rmem_max = e->scenario->tcp.rmem_max,
		.wmem_max = e->scenario->tcp.wmem_max,
		.initial_window = e->scenario->tcp.initial_window,
	};
	return 0;
}

/* Passes the rates of link.KIND.rate and `links:` to the closed form. It has one capacity per
 * link, that of the first direction. */
static int make_emulated(struct sfe_experiment *e, struct sfe_error *err)
{
	const struct sfe_topology *t = e->bare; /* its links come first in the other topology */

	e->emulated = *t;
	e->emulated.links = calloc((size_t)t->n_links + 1, sizeof(*t->links));
	if (!e->emulated.links)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	for (uint32_t l = 0; l < t->n_links; l++) {
		e->emulated.links[l] = t->links[l];
		e->emulated.links[l].capacity_mbps =
			(double)e->link[SFE_DIRECTIONS * l].rate_bps / 1e6;
		e->emulated.links[l].capacity_bps = (float)e->link[SFE_DIRECTIONS * l].rate_bps;
	}
	return sfe_routing_new(&e->emulated, SFE_PHYSICAL, &e->emulated_routing, err);
}

static int make_topology(struct sfe_experiment *e, struct sfe_error *err)
{
	const struct sfe_scenario *s = e->scenario;
	int r = sfe_scenario_topology(s, &e->bare, err);

	/* What cannot be placed is not planned first. */
	r = r ? r : sfe_routing_check_size(e->bare, err);
	if (!r)
		r = sfe_routing_new(e->bare, SFE_PHYSICAL, &e->bare_routing, err);
	if (r)
		return r;
	if (!sfe_cloud_needed(s)) {
		e->topology = e->bare;
		e->routing = e->bare_routing;
		return 0;
	}
	r = sfe_cloud_add(s, e->bare, e->bare_routing, &e->topology, err);
	return r ? r : sfe_routing_new(e->topology, SFE_PHYSICAL, &e->routing, err);
}

static uint64_t seconds_to_ns(double s)
{
	return (uint64_t)(s * 1e9 + 0.5);
}

/* Arrivals of a trace count from that of its first selected job; those of workflows count from the
 * same time, the start of the run. */
static void make_arrivals(struct sfe_experiment *e)
{
	struct sfe_stream stream = sfe_stream_named(e->scenario->seed, "arrivals");
	double poisson = 0, first = 0;

	for (uint32_t j = 0; j < e->n_jobs && !e->jobs[j].job->workflow; j++)
		if (!j || e->jobs[j].job->arrival_s < first)
			first = e->jobs[j].job->arrival_s;
	for (uint32_t j = 0; j < e->n_jobs; j++) {
		if (e->jobs[j].job->workflow) {
			e->arrival_ns[j] = seconds_to_ns(e->jobs[j].job->arrival_s);
		} else if (e->scenario->workload.arrivals == SFE_ARRIVALS_TRACE) {
			e->arrival_ns[j] = seconds_to_ns(e->jobs[j].job->arrival_s - first);
		} else if (e->scenario->workload.arrivals == SFE_ARRIVALS_POISSON) {
			e->arrival_ns[j] = seconds_to_ns(poisson);
			poisson += sfe_stream_exponential(
				&stream, 1 / e->scenario->workload.poisson_rate);
		}
	}
}

static int make_jobs(struct sfe_experiment *e, struct sfe_error *err)
{
	const struct sfe_assignment *a = e->assignment;

	if (!a->n_jobs)
		return sfe_fail(err, -EINVAL, e->scenario->workload.tasks,
			"ask for more jobs, or choose another seed",
			"the draw selected none of the %u jobs", e->workload->n_jobs);
	e->n_jobs = a->n_jobs;
	e->jobs = calloc(a->n_jobs, sizeof(*e->jobs));
	e->arrival_ns = calloc(a->n_jobs, sizeof(*e->arrival_ns));
	e->endpoints = calloc(e->topology->n_nodes, sizeof(*e->endpoints));
	if (!e->jobs || !e->arrival_ns || !e->endpoints)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	for (uint32_t j = 0; j < a->n_jobs; j++)
		e->jobs[j] = (struct sfe_deployed_job){.job = &e->workload->jobs[a->job[j]],
			.client = a->client[j],
			.node = a->node[j],
			.workflow = sfe_job_workflow(e->workload, &e->workload->jobs[a->job[j]])};
	struct sfe_node_limits *limits;
	int r = sfe_scenario_node_limits(e->scenario, e->bare, &limits, err);
	if (r)
		return r;
	for (uint32_t n = 0; n < e->topology->n_nodes; n++)
		e->endpoints[n] = (struct sfe_endpoint){
			.name = e->topology->nodes[n].name,
			.address = htonl(e->plan->hosts[e->plan->host_of_vertex[n]].address),
			.speed_ops = e->topology->nodes[n].speed_ops,
			/* Not the cloud. */
			.limits = limits && n < e->bare->n_nodes ? limits[n]
								 : (struct sfe_node_limits){0},
		};
	free(limits);
	make_arrivals(e);
	return 0;
}

/* States that C code may use by name. */
static int add_named(struct sfe_experiment *e)
{
	bool *is_code = calloc((size_t)e->workload->n_functions + 1, sizeof(*is_code));
	bool *seen = calloc((size_t)e->scenario->workflows.n + 1, sizeof(*seen));
	int r = is_code && seen ? 0 : -ENOMEM;

	for (uint32_t f = 0; f < e->workload->n_functions && !r; f++)
		is_code[f] =
			e->functions[f].spec && e->functions[f].spec->kind == SFE_FUNCTION_PLUGIN;
	for (uint32_t j = 0; j < e->n_jobs && !r; j++) {
		const struct sfe_deployed_job *job = &e->jobs[j];
		const struct sfe_named_job named = {
			job->workflow, {job->job, job->client, job->node, SFE_NONE}};
		/* What a job of a trace says is not looked at. */
		uint32_t w = job->workflow ? (uint32_t)(job->workflow - e->scenario->workflows.of)
					   : e->scenario->workflows.n;
		r = sfe_shared_names_add(
			&e->shared, &named, is_code, e->workload->n_functions, &seen[w]);
	}
	free(is_code);
	free(seen);
	return r;
}

static int make_shared(struct sfe_experiment *e, struct sfe_error *err)
{
	e->shared.first_code = SFE_NONE;
	for (uint32_t j = 0; j < e->n_jobs; j++) {
		const struct sfe_deployed_job *job = &e->jobs[j];
		const struct sfe_placed_job placed = {job->job, job->client, job->node, SFE_NONE};
		if (sfe_shared_add(&e->shared, e->workload->workflows, &placed, job->sizes_vary))
			return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	}
	return sfe_functions_may_call(e) && add_named(e)
		       ? sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory")
		       : 0;
}

/*
 * Copies go to the nodes nearest to the job's client. Each list has one spare node, because the
 * state's keeper may be in it and needs no copy. The cloud, the last node, has no list.
 */
static int make_replicas(struct sfe_experiment *e, struct sfe_error *err)
{
	uint32_t n = e->scenario->replicas;
	struct sfe_error cause = {0};

	if (!n)
		return 0;
	e->replica_of = calloc((size_t)e->topology->n_nodes * (n + 1), sizeof(*e->replica_of));
	if (!e->replica_of)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	return sfe_nearest_nodes(&e->emulated, e->emulated_routing, n + 1, e->replica_of, &cause)
		       ? sfe_fail(err, -EINVAL, e->scenario->file, "set fewer replicas",
				 "replicas: %u need %u nodes beside a job's client: node %s %s", n,
				 n + 1, cause.where, cause.what)
		       : 0;
}

static int place(struct sfe_experiment *e, struct sfe_error *err)
{
	const struct sfe_scenario *s = e->scenario;
	struct sfe_placed *placed;
	int r = sfe_scenario_placed(s, &placed, err);

	if (r)
		return r;
	const struct sfe_placement_rules rules = {.pins = &s->pins,
		.placed = placed,
		.n_functions = s->functions.n,
		.functions = s->functions.of};
	r = sfe_assign_with(e->bare, e->bare_routing, e->workload, s->placement, &rules,
		s->workload.jobs, s->seed, &e->assignment, err);
	sfe_placed_free(placed);
	return r;
}

int sfe_experiment_new(
	struct sfe_scenario *scenario, struct sfe_experiment **out, struct sfe_error *err)
{
	struct sfe_experiment *e = calloc(1, sizeof(*e));
	int r;

	if (!e) {
		sfe_scenario_free(scenario);
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	}
	e->scenario = scenario;
	if ((r = make_topology(e, err)) || (r = sfe_plan_new(e->topology, &e->plan, err)) ||
		(r = sfe_scenario_workload(scenario, &e->workload, err)) || (r = place(e, err)) ||
		(r = make_links(e, err)) || (r = make_emulated(e, err)) ||
		(r = sfe_schedule_check_of(e, err)) || (r = make_jobs(e, err)) ||
		(r = sfe_functions_make(e, err)) || (r = make_shared(e, err)) ||
		(r = make_replicas(e, err)) || (r = sfe_beside_place(e, err)) ||
		(r = sfe_capture_check(e, err)) || (r = sfe_keep_check(e, err))) {
		sfe_experiment_free(e);
		return r;
	}
	*out = e;
	return 0;
}

int sfe_experiment_network(struct sfe_scenario *scenario, struct sfe_topology *topology,
	const char *cloud_at, struct sfe_experiment **out, struct sfe_error *err)
{
	struct sfe_experiment *e = calloc(1, sizeof(*e));
	int r = 0;

	if (!e) {
		sfe_topology_free(topology);
		sfe_scenario_free(scenario);
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	}
	e->scenario = scenario;
	e->bare = e->topology = topology;
	if (cloud_at)
		r = sfe_cloud_add_at(scenario, topology, cloud_at, &e->topology, err);
	if ((r = r ? r : sfe_plan_cables(e->topology, &e->plan, err)) || (r = make_links(e, err))) {
		sfe_experiment_free(e);
		return r;
	}
	*out = e;
	return 0;
}
