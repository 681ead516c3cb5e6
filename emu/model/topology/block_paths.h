/* SPDX-License-Identifier: MIT */
/*
 * Shortest paths between single pairs of vertices, without a tree over the whole graph for each
 * destination. A path leads from block to block (blocks.h). In each it is that of the block's tree
 * to the vertex where it leaves; this tree depends on that vertex and on the distance from there to
 * the destination, since sums of single precision depend on where they begin. Trees are computed
 * on first use and shared by all destinations for which both are equal.
 *
 * The paths are those of sfe_routing_tree_grow on the whole graph, among equally long ones too:
 * there, what happens in a block depends only on its own vertices and on the distance with which
 * it is entered.
 */
#ifndef SFE_TOPOLOGY_BLOCK_PATHS_H
#define SFE_TOPOLOGY_BLOCK_PATHS_H

#include "emu/model/topology/blocks.h"

struct sfe_block_paths;

/* Borrows the graph. 0 or -ENOMEM. */
int sfe_block_paths_new(const struct sfe_routing_graph *g, struct sfe_block_paths **out);
void sfe_block_paths_free(struct sfe_block_paths *p);

uint32_t sfe_block_paths_vertices(const struct sfe_block_paths *p);

/* The next vertex towards the root, if between vertices of the block in between there is at most
 * one way: they are two, or a ring of one-way edges. SFE_NONE: else, and at a root. 0 or -ENOMEM.
 */
int sfe_block_one_way_up(struct sfe_block_paths *p, uint32_t v, uint32_t *up);

struct sfe_block_climb { /* from two vertices towards the root, until they meet */
	uint32_t steps_from, steps_to;
	bool one_vertex; /* where they meet; else they are in one block, or at two roots */
};

/* 0 or -ENOMEM. */
int sfe_block_climb(
	struct sfe_block_paths *p, uint32_t from, uint32_t to, struct sfe_block_climb *climb);

struct sfe_block_path {
	const uint32_t *vertex; /* from the first to the last; valid until the next path */
	uint32_t n;             /* 0: there is no path */
};

/* 0 or -ENOMEM. Of two equal vertices the path is this vertex. */
int sfe_block_path(
	struct sfe_block_paths *p, uint32_t from, uint32_t to, struct sfe_block_path *path);

#endif
