/* SPDX-License-Identifier: MIT */
/*
 * The paths between all pairs of nodes, made once and then only read, so that threads can share
 * them. What a message costs on a path follows from the capacities of its links in their order
 * alone, of which a topology has few: paths that are equal in this are one, a list that shares its
 * tails with others.
 */
#ifndef SFE_TOPOLOGY_PAIR_PATHS_H
#define SFE_TOPOLOGY_PAIR_PATHS_H

#include <math.h>

#include "emu/model/topology/routing_tree.h"

struct sfe_pair_path {
	float capacity_bps; /* of the first link */
	uint32_t capacity;  /* the same as an index into sfe_pair_paths.capacity_bps */
	uint32_t rest;      /* the path beyond it; 0: it ends */
	uint32_t hops;
};

struct sfe_pair_paths {
	uint32_t n_nodes;
	uint32_t
		*between; /* [to * n_nodes + from]: index into path, SFE_NONE where there is none */
	struct sfe_pair_path *path; /* the first one is empty: from a node to itself */
	uint32_t n_paths, cap_paths;
	float *capacity_bps; /* all that occur, each once */
	uint32_t n_capacities;
	/* While they are made: paths by (capacity, rest), a hash table of indexes, 0 is free. */
	uint32_t *slot;
	uint32_t n_slots; /* a power of two */
};

/* Makes them all; 0 or -ENOMEM. w is to be freed with sfe_pair_paths_clear in both cases. */
int sfe_pair_paths_make(struct sfe_pair_paths *w, const struct sfe_routing_graph *g);
void sfe_pair_paths_clear(struct sfe_pair_paths *w);

static inline uint32_t sfe_pair_path_between(
	const struct sfe_pair_paths *w, uint32_t from, uint32_t to)
{
	return w->between[(size_t)to * w->n_nodes + from];
}

/* Seconds for that many bytes: each link stores the whole message and then forwards it. */
static inline double sfe_pair_path_time(
	const struct sfe_pair_paths *w, uint32_t path, uint64_t bytes)
{
	float bits = (float)(8 * bytes);
	double sum = 0;

	if (!bytes)
		return 0;
	if (path == SFE_NONE)
		return INFINITY;
	for (; path; path = w->path[path].rest)
		sum += (double)(bits / w->path[path].capacity_bps);
	return sum;
}

/* The paths of a routing; NULL until sfe_routing_prepare succeeded. */
const struct sfe_pair_paths *sfe_routing_pairs(const struct sfe_routing *r);

#endif
