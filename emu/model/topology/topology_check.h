/* SPDX-License-Identifier: MIT */
/* Checks a complete topology. */
#ifndef SFE_TOPOLOGY_TOPOLOGY_CHECK_H
#define SFE_TOPOLOGY_TOPOLOGY_CHECK_H

#include "sfemu/topology.h"

struct sfe_places { /* where each vertex first appears */
	const char *nodes_file, *links_file, *edges_file;
	unsigned *line; /* by vertex */
};

const char *sfe_places_file(
	const struct sfe_places *places, const struct sfe_topology *t, uint32_t vertex);

/*
 * Checks that there are nodes, that each link has an end on both sides, and that paths lead from
 * and to each node without crossing other nodes (nodes do not forward).
 */
int sfe_topology_check(
	const struct sfe_topology *t, const struct sfe_places *places, struct sfe_error *err);

#endif
