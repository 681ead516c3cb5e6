/* SPDX-License-Identifier: MIT */
/* Whether a topology that was read makes sense as a whole. */
#ifndef SFE_TOPOLOGY_TOPOLOGY_CHECK_H
#define SFE_TOPOLOGY_TOPOLOGY_CHECK_H

#include "sfemu/topology.h"

struct sfe_places { /* where each vertex was first named */
	const char *nodes_file, *links_file, *edges_file;
	unsigned *line; /* by vertex */
};

const char *sfe_places_file(
	const struct sfe_places *places, const struct sfe_topology *t, uint32_t vertex);

/*
 * There are nodes; each link has an end on both sides; from and to each node there is a path that
 * crosses no other node (a node forwards nothing).
 */
int sfe_topology_check(
	const struct sfe_topology *t, const struct sfe_places *places, struct sfe_error *err);

#endif
