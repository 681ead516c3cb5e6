/* SPDX-License-Identifier: MIT */
/* The shortest-path tree to one destination, or to a vertex on the path there, with its working
 * memory. */
#ifndef SFE_TOPOLOGY_ROUTING_TREE_H
#define SFE_TOPOLOGY_ROUTING_TREE_H

#include <stdbool.h>

#include "sfemu/routing.h"

/* A topology, or a part of it, prepared for the search. Borrows the topology. */
struct sfe_routing_graph {
	const struct sfe_topology *t; /* NULL: a part */
	bool nodes_forward; /* paths may lead through nodes: only in the published model */
	uint32_t n;         /* vertices; the nodes come first */
	uint32_t n_nodes, n_edges;
	/* Neighbours of a vertex, away from the destination: the edges as written (SFE_STATESIM)
	 * or reversed. */
	uint32_t *begin, *to;
	float *weight; /* by vertex: 2/capacity of a link; 0 otherwise */
};

/* 0 or -ENOMEM. Clear it in both cases. */
int sfe_routing_graph_init(
	struct sfe_routing_graph *g, const struct sfe_topology *t, enum sfe_direction direction);
void sfe_routing_graph_clear(struct sfe_routing_graph *g);

struct sfe_routing_heap;

struct sfe_routing_tree {
	uint32_t root;
	uint32_t *next;     /* by vertex: the next one towards the root; SFE_NONE: no path */
	uint32_t *order;    /* the vertices that reach the root, nearest first */
	uint32_t n_reached; /* including the root */
	float *distance;    /* by vertex */
	struct sfe_routing_heap *heap;
};

/* Memory for one tree at a time; 0 or -ENOMEM. Clear it in both cases. */
int sfe_routing_tree_init(struct sfe_routing_tree *tree, const struct sfe_routing_graph *g);
void sfe_routing_tree_clear(struct sfe_routing_tree *tree);

/* Where a tree begins. */
struct sfe_routing_root {
	uint32_t vertex;
	float distance; /* from there to the destination; 0 if it is the destination */
	bool forwards;  /* paths may lead through it although it is a node: it is the destination */
};

/* Computes a tree, replacing the last one. */
void sfe_routing_tree_grow(struct sfe_routing_tree *tree, const struct sfe_routing_graph *g,
	const struct sfe_routing_root *root);

#endif
