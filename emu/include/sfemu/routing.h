/* SPDX-License-Identifier: MIT */
/*
 * Shortest paths in a topology, by the weights of the published model (2/capacity of each link
 * end).
 */
#ifndef SFEMU_ROUTING_H
#define SFEMU_ROUTING_H

#include "sfemu/topology.h"

#ifdef __cplusplus
extern "C" {
#endif

enum sfe_direction {
	SFE_PHYSICAL, /* the path from A to B follows the edges from A to B */
	SFE_STATESIM, /* as in the published simulator: the path from B to A, reversed */
};

struct sfe_routing;

/*
 * The topology must outlive *out, which is the caller's. Paths are computed when they are asked
 * for, so an unprepared routing belongs to one thread (see below). SFE_PHYSICAL paths never
 * cross a node.
 */
int sfe_routing_new(const struct sfe_topology *t, enum sfe_direction direction,
	struct sfe_routing **out, struct sfe_error *err);
void sfe_routing_free(struct sfe_routing *r);
enum sfe_direction sfe_routing_direction(const struct sfe_routing *r);

/*
 * Computes the paths between all pairs of nodes. Afterwards sfe_routing_hops and sfe_routing_time
 * between nodes only read, are fast, and are thread-safe. Nodes at one switch with equal links
 * count as one: c such classes cost c^2 paths and 4 c^2 bytes. -ERANGE for more than
 * SFE_MAX_PAIRED_NODES nodes.
 */
#define SFE_MAX_PAIRED_NODES 10000u
int sfe_routing_prepare(struct sfe_routing *r, struct sfe_error *err);
/* -ERANGE for a topology of more nodes, before any work on it. */
int sfe_routing_check_size(const struct sfe_topology *t, struct sfe_error *err);

/* The vertex after `at` on the path to `to` (any vertices); SFE_NONE if there is no path or at
 * == to. */
uint32_t sfe_routing_next(struct sfe_routing *r, uint32_t at, uint32_t to);
/* The number of links on the path between two nodes (vertex ids); 0 if equal; SFE_NONE: no path. */
uint32_t sfe_routing_hops(struct sfe_routing *r, uint32_t from, uint32_t to);
/* Closed-form time in seconds to send bytes between two nodes (store and forward, no overlap);
 * INFINITY: no path. */
double sfe_routing_time(struct sfe_routing *r, uint32_t from, uint32_t to, uint64_t bytes);

#ifdef __cplusplus
}
#endif

#endif
