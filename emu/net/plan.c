/* SPDX-License-Identifier: MIT */
#include "emu/net/plan.h"

#include <stdlib.h>
#include <string.h>

void sfe_plan_free(struct sfe_plan *p)
{
	if (!p)
		return;
	for (uint32_t h = 0; h < p->n_hosts; h++) {
		free(p->hosts[h].own_name);
		free(p->hosts[h].ports);
		free(p->hosts[h].routes);
	}
	free(p->hosts);
	free(p->cables);
	free(p->host_of_vertex);
	free(p);
}

uint32_t sfe_plan_host(const struct sfe_plan *p, const char *name)
{
	for (uint32_t h = 0; h < p->n_hosts; h++)
		if (!strcmp(p->hosts[h].name, name))
			return h;
	return SFE_NONE;
}

const struct sfe_cable_end *sfe_plan_peer(
	const struct sfe_plan *p, const struct sfe_host *h, uint32_t i)
{
	return &p->cables[h->ports[i].cable].end[1 - h->ports[i].side];
}

uint64_t sfe_plan_routes(const struct sfe_plan *p)
{
	uint64_t n = 0;

	for (uint32_t h = 0; h < p->n_hosts; h++)
		n += p->hosts[h].n_routes;
	return n;
}

enum sfe_link_direction sfe_plan_direction(
	const struct sfe_plan *p, uint32_t link, uint32_t from, uint32_t to)
{
	enum sfe_link_kind kind = p->topology->links[link].kind;
	bool from_node = p->hosts[from].kind == SFE_HOST_NODE;
	bool to_node = p->hosts[to].kind == SFE_HOST_NODE;

	if (kind == SFE_LINK_UPLINK || kind == SFE_LINK_DOWNLINK)
		return kind == SFE_LINK_UPLINK ? SFE_UP : SFE_DOWN;
	if (from_node != to_node)
		return from_node ? SFE_UP : SFE_DOWN;
	return from < to ? SFE_UP : SFE_DOWN;
}
