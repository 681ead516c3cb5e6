/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "sfemu/scenario.h"

static int make(const struct sfe_scenario *s, struct sfe_topology **out, struct sfe_error *err)
{
	if (s->topology.generate && !strcmp(s->topology.generate, "urban"))
		return sfe_topology_urban(s->topology.cells, s->seed, out, err);
	if (s->topology.generate)
		return sfe_topology_iiot(s->topology.premises, out, err);
	return sfe_topology_read(s->topology.nodes, s->topology.links, s->topology.edges, out, err);
}

/* Ways, placement and the closed form must go by the rates that the links are given. */
static void set_rates(const struct sfe_scenario *s, struct sfe_topology *t)
{
	for (uint32_t l = 0; l < t->n_links; l++) {
		uint64_t rate_bps = s->link[t->links[l].kind].rate_bps;

		if (!rate_bps)
			continue;
		t->links[l].capacity_mbps = (double)rate_bps / 1e6;
		t->links[l].capacity_bps = (float)rate_bps;
	}
}

int sfe_scenario_topology(
	const struct sfe_scenario *s, struct sfe_topology **out, struct sfe_error *err)
{
	int rc = make(s, out, err);

	if (!rc)
		set_rates(s, *out);
	return rc;
}
