/* SPDX-License-Identifier: MIT */
/*
 * A scenario with everything that follows from it: what is read from its inputs, drawn from its
 * seed and computed, before anything is built. Pure but for reading files; the same in the
 * orchestrator and in the guest.
 */
#ifndef SFE_EXPERIMENT_EXPERIMENT_H
#define SFE_EXPERIMENT_EXPERIMENT_H

#include "emu/net/net.h"
#include "nodes/base/control.h"
#include "nodes/base/deployment.h"
#include "sfemu/scenario.h"

struct sfe_experiment {
	struct sfe_scenario *scenario; /* owned */
	/* As the scenario has it, for placement and closed form; and as it is built, with the cloud
	 * where a strategy needs one (cloud.h): else they are the same. */
	struct sfe_topology *bare, *topology;
	struct sfe_routing *bare_routing, *routing; /* physical direction */
	struct sfe_workload *workload;
	struct sfe_assignment *assignment;
	struct sfe_plan *plan;
	struct sfe_link_spec *link; /* two per link of the topology, by direction */
	/* The bare topology with the capacities that the links really get, for the closed form.
	 * Borrows all but its links from it. */
	struct sfe_topology emulated;
	struct sfe_routing *emulated_routing;
	struct sfe_net_params net;
	uint32_t n_jobs;
	struct sfe_deployed_job *jobs;
	uint64_t *arrival_ns; /* per job, from the start of the run; unused when sequential */
	struct sfe_endpoint *endpoints; /* per node of the topology */
	/* One more than the scenario's replicas a node, as struct sfe_deployment has them; NULL: no
	 * replicas. */
	uint32_t *replica_of;
};

void sfe_experiment_free(struct sfe_experiment *e);

#endif
