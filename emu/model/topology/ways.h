/* SPDX-License-Identifier: MIT */
/*
 * The ways between all pairs of nodes, made once and then only read, so that threads can share
 * them. What a message costs on a way follows from the capacities of its links in their order
 * alone, of which a topology has few: ways that are equal in this are one, a list that shares its
 * tails with others.
 */
#ifndef SFE_TOPOLOGY_WAYS_H
#define SFE_TOPOLOGY_WAYS_H

#include <math.h>

#include "sfemu/routing.h"

struct sfe_way {
	float capacity_bps; /* of the first link */
	uint32_t capacity;  /* the same as an index into sfe_ways.capacity_bps */
	uint32_t rest;      /* the way beyond it; 0: it ends */
	uint32_t hops;
};

struct sfe_ways {
	uint32_t n_nodes;
	uint32_t *between; /* [to * n_nodes + from]: index into way, SFE_NONE where there is none */
	struct sfe_way *way; /* the first one is empty: from a node to itself */
	uint32_t n_ways, cap_ways;
	float *capacity_bps; /* all that occur, each once */
	uint32_t n_capacities;
	/* While they are made: ways by (capacity, rest), a hash table of indexes, 0 is free. */
	uint32_t *slot;
	uint32_t n_slots; /* a power of two */
};

/* Makes them all; 0 or -ENOMEM. w is to be freed with sfe_ways_clear in both cases. */
int sfe_ways_make(struct sfe_ways *w, const struct sfe_routing *r);
void sfe_ways_clear(struct sfe_ways *w);

static inline uint32_t sfe_way_between(const struct sfe_ways *w, uint32_t from, uint32_t to)
{
	return w->between[(size_t)to * w->n_nodes + from];
}

/* Seconds for that many bytes: each link stores the whole message and then forwards it. */
static inline double sfe_way_time(const struct sfe_ways *w, uint32_t way, uint64_t bytes)
{
	float bits = (float)(8 * bytes);
	double sum = 0;

	if (!bytes)
		return 0;
	if (way == SFE_NONE)
		return INFINITY;
	for (; way; way = w->way[way].rest)
		sum += (double)(bits / w->way[way].capacity_bps);
	return sum;
}

#endif
