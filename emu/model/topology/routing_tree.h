/* SPDX-License-Identifier: MIT */
/* A tree of shortest ways to one destination, with the memory that making it takes. */
#ifndef SFE_TOPOLOGY_ROUTING_TREE_H
#define SFE_TOPOLOGY_ROUTING_TREE_H

#include "sfemu/routing.h"

struct sfe_routing_heap;

struct sfe_routing_tree {
	uint32_t root;
	uint32_t *next;     /* by vertex: the one after it towards the root, SFE_NONE if no way */
	uint32_t *order;    /* the vertices that reach the root, nearest first */
	uint32_t n_reached; /* the root too */
	float *distance;    /* by vertex */
	struct sfe_routing_heap *heap;
};

const struct sfe_topology *sfe_routing_topology(const struct sfe_routing *r);

/* Memory for trees of this routing, one at a time; 0 or -ENOMEM. To be cleared in both cases. */
int sfe_routing_tree_init(struct sfe_routing_tree *tree, const struct sfe_routing *r);
void sfe_routing_tree_clear(struct sfe_routing_tree *tree);
/* The tree of that destination, in place of the one before. */
void sfe_routing_tree_grow(
	struct sfe_routing_tree *tree, const struct sfe_routing *r, uint32_t root);

struct sfe_ways;
/* The ways between all pairs of nodes; NULL until sfe_routing_prepare succeeded. */
const struct sfe_ways *sfe_routing_ways(const struct sfe_routing *r);

#endif
