/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "sfemu/scenario.h"

int sfe_scenario_topology(
	const struct sfe_scenario *s, struct sfe_topology **out, struct sfe_error *err)
{
	if (s->topology.generate && !strcmp(s->topology.generate, "urban"))
		return sfe_topology_urban(s->topology.cells, s->seed, out, err);
	if (s->topology.generate)
		return sfe_topology_iiot(s->topology.premises, out, err);
	return sfe_topology_read(s->topology.nodes, s->topology.links, s->topology.edges, out, err);
}
