/* SPDX-License-Identifier: MIT */
/*
 * The paths between all pairs of nodes, computed once and then read-only, so that threads can share
 * them. The cost of a path depends only on the sequence of its links' capacities, and a topology
 * has few different ones. Paths with equal sequences are stored once, as lists that share their
 * tails.
 */
#ifndef SFE_TOPOLOGY_PAIR_PATHS_H
#define SFE_TOPOLOGY_PAIR_PATHS_H

#include <math.h>

#include "emu/model/topology/routing_tree.h"

struct sfe_pair_path {
	float capacity_bps; /* of the first link */
	uint32_t capacity;  /* its index in sfe_pair_paths.capacity_bps */
	uint32_t rest;      /* the path after the first link; 0: the end */
	uint32_t hops;
};

struct sfe_pair_paths {
	uint32_t n_nodes;
	uint32_t *between;          /* [to * n_nodes + from]: index into path; SFE_NONE: no path */
	struct sfe_pair_path *path; /* the first is empty: from a node to itself */
	uint32_t n_paths, cap_paths;
	float *capacity_bps; /* the distinct capacities */
	uint32_t n_capacities;
	/* While the paths are computed: a hash table of path indexes by (capacity, rest); 0:
	 * free. */
	uint32_t *slot;
	uint32_t n_slots; /* a power of two */
};

/* Computes all paths; 0 or -ENOMEM. Free w with sfe_pair_paths_clear in both cases. */
int sfe_pair_paths_make(struct sfe_pair_paths *w, const struct sfe_routing_graph *g);
void sfe_pair_paths_clear(struct sfe_pair_paths *w);

static inline uint32_t sfe_pair_path_between(
	const struct sfe_pair_paths *w, uint32_t from, uint32_t to)
{
	return w->between[(size_t)to * w->n_nodes + from];
}

/* Seconds to send bytes: each link stores the whole message, then forwards it. */
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

/* The paths of a routing; NULL before sfe_routing_prepare has succeeded. */
const struct sfe_pair_paths *sfe_routing_pairs(const struct sfe_routing *r);

#endif
