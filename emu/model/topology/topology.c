/* SPDX-License-Identifier: MIT */
/* Access to a topology: vertices, names; and its end. */
#include "sfemu/topology.h"

#include <stdlib.h>
#include <string.h>

#include "emu/model/base/name_index.h"
#include "emu/model/base/text.h"

enum sfe_vertex_kind sfe_vertex_kind(const struct sfe_topology *t, uint32_t vertex)
{
	if (vertex < t->n_nodes)
		return SFE_VERTEX_NODE;
	if (vertex < t->n_nodes + t->n_links)
		return SFE_VERTEX_LINK;
	return SFE_VERTEX_JUNCTION;
}

const char *sfe_vertex_name(const struct sfe_topology *t, uint32_t vertex)
{
	switch (sfe_vertex_kind(t, vertex)) {
	case SFE_VERTEX_NODE:
		return t->nodes[vertex].name;
	case SFE_VERTEX_LINK:
		return t->links[vertex - t->n_nodes].name;
	default:
		return t->junctions[vertex - t->n_nodes - t->n_links].name;
	}
}

uint32_t sfe_vertex_find(const struct sfe_topology *t, const char *name)
{
	return sfe_name_index_find(t->names, name, strlen(name));
}

const char *sfe_link_kind_name(enum sfe_link_kind kind)
{
	static const char *const names[SFE_LINK_KINDS] = {
		[SFE_LINK_NODE] = "node",
		[SFE_LINK_SHARED] = "shared",
		[SFE_LINK_UPLINK] = "uplink",
		[SFE_LINK_DOWNLINK] = "downlink",
	};

	return (unsigned)kind < SFE_LINK_KINDS ? names[kind] : "?";
}

void sfe_topology_free(struct sfe_topology *t)
{
	if (!t)
		return;
	for (uint32_t i = 0; i < t->n_nodes; i++) {
		free(t->nodes[i].name);
		free(t->nodes[i].arch);
		free(t->nodes[i].type);
		free(t->nodes[i].model);
	}
	for (uint32_t i = 0; i < t->n_links; i++)
		free(t->links[i].name);
	for (uint32_t i = 0; i < t->n_junctions; i++)
		free(t->junctions[i].name);
	sfe_name_index_free(t->names);
	free(t->nodes);
	free(t->links);
	free(t->junctions);
	free(t->edge_begin);
	free(t->edge_to);
	free(t->file_from);
	free(t->file_to);
	free(t->edge_latencies);
	free(t);
}
