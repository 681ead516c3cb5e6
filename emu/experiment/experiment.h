/* SPDX-License-Identifier: MIT */
/*
 * A scenario and everything derived from it before a network exists: its inputs, the random draws,
 * the computed plan. Pure except for reading files; equal in the orchestrator and in the guest.
 */
#ifndef SFE_EXPERIMENT_EXPERIMENT_H
#define SFE_EXPERIMENT_EXPERIMENT_H

#include "emu/net/net.h"
#include "nodes/base/control.h"
#include "nodes/base/deployment.h"
#include "sfemu/scenario.h"

struct sfe_placed_program {
	const struct sfe_program *program; /* of the scenario */
	uint32_t node;                     /* of the topology */
	char *text; /* "NODE: COMMAND"; words are quoted where a shell would need it */
};

struct sfe_placed_flow {
	const struct sfe_flow_spec *spec; /* of the scenario */
	uint32_t from, to;                /* nodes of the topology */
	char *stream;                     /* the name of its random stream */
};

struct sfe_experiment {
	struct sfe_scenario *scenario; /* owned */
	/* The scenario's topology, for placement and closed form; and the topology that is
	 * built, with the cloud if a strategy needs it (cloud.h), else the same. */
	struct sfe_topology *bare, *topology;
	struct sfe_routing *bare_routing, *routing; /* physical direction */
	struct sfe_workload *workload;
	struct sfe_assignment *assignment;
	struct sfe_plan *plan;
	struct sfe_link_spec *link; /* two per link of the topology, by direction */
	/* The bare topology with the emulated capacities, for the closed form. Borrows
	 * everything but its links. */
	struct sfe_topology emulated;
	struct sfe_routing *emulated_routing;
	struct sfe_net_params net;
	uint32_t n_jobs;
	struct sfe_deployed_job *jobs;
	struct sfe_shared_instances shared; /* states that outlive jobs */
	uint64_t *arrival_ns; /* per job, from the start of the run; unused if sequential */
	struct sfe_endpoint *endpoints; /* per node of the topology */
	/* Replica nodes of each node, one more than the scenario's replicas, as in struct
	 * sfe_deployment; NULL: no replicas. */
	uint32_t *replica_of;
	/* By function of the workload; NULL: the scenario defines none. */
	struct sfe_deployed_function *functions;
	char *unpredicted; /* which of them no prediction knows (scenario_functions.h), or NULL */
	/* What runs beside the jobs, by element of the scenario, then by node. */
	uint32_t n_programs, n_flows;
	struct sfe_placed_program *programs;
	struct sfe_placed_flow *flows;
};

void sfe_experiment_free(struct sfe_experiment *e);

/* The name of the client or function whose instance of a state it is; "": it is global. */
const char *sfe_shared_owner(const struct sfe_experiment *e, const struct sfe_shared_instance *one);

#endif
