/* SPDX-License-Identifier: MIT */
/*
 * Paths between nodes as sequences of capacities, on which their costs depend alone. A topology has
 * few different ones. Paths with equal sequences are stored once, as lists that share their tails.
 *
 * Nodes are alike if each has one link, of equal capacities, to the same switch: other nodes are
 * equally far from all of them. Paths are computed for pairs of such classes of nodes: on first
 * use, by one thread; or all at once, and then read-only, so that threads can share them.
 */
#ifndef SFE_TOPOLOGY_PAIR_PATHS_H
#define SFE_TOPOLOGY_PAIR_PATHS_H

#include <math.h>

#include "emu/model/topology/path_stems.h"

struct sfe_pair_path {
	float capacity_bps; /* of the first link */
	uint32_t capacity;  /* its index in sfe_pair_paths.capacity_bps */
	uint32_t rest;      /* the path after the first link; 0: the end */
	uint32_t hops;
};

struct sfe_pair_known { /* of two kinds of vertices, or of two classes: see path_stems.h */
	uint32_t from, to, meet, path;
};

struct sfe_pair_paths {
	const struct sfe_topology *t;
	struct sfe_block_paths *blocks; /* borrowed */
	struct sfe_pair_path *path;     /* the first is empty: from a node to itself */
	uint32_t n_paths, cap_paths;
	float *capacity_bps; /* the distinct capacities */
	uint32_t n_capacities;
	uint32_t *of_link; /* by link: its capacity's index */
	uint32_t *slot;    /* hash table of path indexes by (capacity, rest); 0: free */
	uint32_t n_slots;  /* a power of two */
	uint32_t n_classes;
	uint32_t *class_of;     /* by node */
	uint32_t (*example)[2]; /* by class: its first two nodes; SFE_NONE: it has one */
	struct sfe_path_stems stems;
	/* Pairs that are known: a hash table; from SFE_NONE: free. */
	struct sfe_pair_known *known;
	uint32_t n_known, n_known_slots;
	uint32_t *all; /* [to * n_classes + from]: path; NULL until all are computed */
	/* A path could not be computed: what was asked since is not valid. */
	bool out_of_memory;
};

/* 0 or -ENOMEM. Free w with sfe_pair_paths_clear in both cases. */
int sfe_pair_paths_init(
	struct sfe_pair_paths *w, const struct sfe_topology *t, struct sfe_block_paths *blocks);
/* Computes the paths of all pairs; 0 or -ENOMEM. */
int sfe_pair_paths_all(struct sfe_pair_paths *w);
void sfe_pair_paths_clear(struct sfe_pair_paths *w);

/* The path from any node of a class to another one of a class: an index into path; SFE_NONE: none,
 * or out_of_memory is set. */
uint32_t sfe_class_path(struct sfe_pair_paths *w, uint32_t from, uint32_t to);

/* The path between two nodes. */
static inline uint32_t sfe_pair_path_between(struct sfe_pair_paths *w, uint32_t from, uint32_t to)
{
	return from == to ? 0 : sfe_class_path(w, w->class_of[from], w->class_of[to]);
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

/* The paths of a routing; *out is the routing's. -ERANGE for more than SFE_MAX_PAIRED_NODES nodes;
 * -ENOMEM. */
int sfe_routing_pairs(struct sfe_routing *r, struct sfe_pair_paths **out, struct sfe_error *err);

#endif
