/* SPDX-License-Identifier: MIT */
#include "emu/experiment/experiment.h"

#include <stdlib.h>

void sfe_experiment_free(struct sfe_experiment *e)
{
	if (!e)
		return;
	for (uint32_t f = 0; e->functions && f < e->workload->n_functions; f++)
		free((void *)e->functions[f].files);
	free(e->functions);
	free(e->unpredicted);
	for (uint32_t i = 0; i < e->n_programs; i++)
		free(e->programs[i].text);
	for (uint32_t i = 0; i < e->n_flows; i++)
		free(e->flows[i].stream);
	free(e->programs);
	free(e->flows);
	free(e->replica_of);
	free(e->endpoints);
	sfe_shared_free(&e->shared);
	free(e->arrival_ns);
	free(e->jobs);
	free(e->link);
	sfe_plan_free(e->plan);
	sfe_assignment_free(e->assignment);
	sfe_workload_free(e->workload);
	sfe_routing_free(e->emulated_routing);
	free(e->emulated.links);
	if (e->topology != e->bare) {
		sfe_routing_free(e->routing);
		sfe_topology_free(e->topology);
	}
	sfe_routing_free(e->bare_routing);
	sfe_topology_free(e->bare);
	sfe_scenario_free(e->scenario);
	free(e);
}

const char *sfe_shared_owner(const struct sfe_experiment *e, const struct sfe_shared_instance *one)
{
	switch (e->shared.states[one->state].scope) {
	case SFE_SCOPE_CLIENT:
		return e->topology->nodes[one->owner].name;
	case SFE_SCOPE_FUNCTION:
		return e->workload->function_names[one->owner];
	case SFE_SCOPE_JOB:
	case SFE_SCOPE_GLOBAL:
		break;
	}
	return "";
}
