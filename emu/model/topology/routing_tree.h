/* SPDX-License-Identifier: MIT */
/* A tree of shortest paths to one destination, with the memory that making it takes. */
#ifndef SFE_TOPOLOGY_ROUTING_TREE_H
#define SFE_TOPOLOGY_ROUTING_TREE_H

#include <stdbool.h>

#include "sfemu/routing.h"

/* A topology as paths are looked for in it. Borrows the topology. */
struct sfe_routing_graph {
	const struct sfe_topology *t;
	bool nodes_forward; /* a path may lead through a node: only in the published model */
	uint32_t n;         /* vertices */
	/* The neighbours of a vertex, away from the destination: the edges as written
	 * (SFE_STATESIM) or reversed. */
	uint32_t *begin, *to;
	float *weight; /* by vertex: 2/capacity of a link, 0 of anything else */
};

/* 0 or -ENOMEM. To be cleared in both cases. */
int sfe_routing_graph_init(
	struct sfe_routing_graph *g, const struct sfe_topology *t, enum sfe_direction direction);
void sfe_routing_graph_clear(struct sfe_routing_graph *g);

struct sfe_routing_heap;

struct sfe_routing_tree {
	uint32_t root;
	uint32_t *next;     /* by vertex: the one after it towards the root, SFE_NONE if no path */
	uint32_t *order;    /* the vertices that reach the root, nearest first */
	uint32_t n_reached; /* the root too */
	float *distance;    /* by vertex */
	struct sfe_routing_heap *heap;
};

/* Memory for trees of this graph, one at a time; 0 or -ENOMEM. To be cleared in both cases. */
int sfe_routing_tree_init(struct sfe_routing_tree *tree, const struct sfe_routing_graph *g);
void sfe_routing_tree_clear(struct sfe_routing_tree *tree);
/* The tree of that destination, in place of the one before. */
void sfe_routing_tree_grow(
	struct sfe_routing_tree *tree, const struct sfe_routing_graph *g, uint32_t root);

#endif
