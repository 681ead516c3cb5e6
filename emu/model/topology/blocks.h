/* SPDX-License-Identifier: MIT */
/*
 * The blocks of a graph, without regard to the edges' directions: its biconnected components. Two
 * blocks share at most one vertex, and every path from one to the other leads through it. A network
 * of sites has many small blocks, so that a shortest path is found block by block.
 *
 * The blocks of a connected component form a tree; its root is an arbitrary vertex. Each other
 * vertex has one block above it, and each block one entry: its vertex that is nearest to the root.
 */
#ifndef SFE_TOPOLOGY_BLOCKS_H
#define SFE_TOPOLOGY_BLOCKS_H

#include "emu/model/topology/routing_tree.h"

struct sfe_blocks {
	uint32_t n_blocks;
	/* By vertex. */
	uint32_t *above; /* the block towards the root; SFE_NONE: a root */
	uint32_t *place; /* its index among the members of the block above */
	uint32_t *depth; /* the number of blocks up to the root */
	/* By block. */
	uint32_t *entry;          /* the vertex towards the root */
	uint32_t *entry_place;    /* its index among the members */
	uint32_t *begin, *member; /* [begin[b] … begin[b + 1]]: its vertices, ascending */
};

/* 0 or -ENOMEM. Clear it in both cases. */
int sfe_blocks_init(struct sfe_blocks *b, const struct sfe_routing_graph *g);
void sfe_blocks_clear(struct sfe_blocks *b);

static inline uint32_t sfe_block_size(const struct sfe_blocks *b, uint32_t block)
{
	return b->begin[block + 1] - b->begin[block];
}

/* The index of a vertex among the members of a block that it is in. */
static inline uint32_t sfe_block_place(const struct sfe_blocks *b, uint32_t block, uint32_t v)
{
	return v == b->entry[block] ? b->entry_place[block] : b->place[v];
}

/* The vertex's next one towards the root. It is no root. */
static inline uint32_t sfe_block_up(const struct sfe_blocks *b, uint32_t v)
{
	return b->entry[b->above[v]];
}

/* Whether the edge is one of the block. u is in the block. */
static inline bool sfe_block_has_edge(
	const struct sfe_blocks *b, uint32_t block, uint32_t u, uint32_t v)
{
	return v == b->entry[block] || (b->above[v] == block && u != v);
}

#endif
