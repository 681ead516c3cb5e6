/* SPDX-License-Identifier: MIT */
/*
 * Pairs of vertices whose paths have equal capacities though they lead through other links. A
 * network of many sites has few kinds of them.
 *
 * The stem of a vertex leads from it towards the root of its blocks (blocks.h), through blocks in
 * which there is one way in each direction: two vertices, or a ring of one-way edges, as an uplink
 * and a downlink. It ends at the first other block, or at the root. Vertices are of one kind if
 * their stems end at the same vertex, and have the same capacities step by step. So a path between
 * two vertices depends on their kinds, and on where their stems meet. (That nodes do not forward
 * makes no difference: each is reached from all others without that, so it is in no other's stem.)
 */
#ifndef SFE_TOPOLOGY_PATH_STEMS_H
#define SFE_TOPOLOGY_PATH_STEMS_H

#include "emu/model/topology/block_paths.h"

#define SFE_STEMS_APART SFE_NONE       /* they meet where both have ended, or not at all */
#define SFE_STEMS_ALONE (SFE_NONE - 1) /* the pair is like no other one */

struct sfe_stem {        /* of a vertex */
	uint32_t kind;   /* SFE_NONE: not known yet */
	uint32_t length; /* steps to its end; of another vertex of the stem fewer */
};

struct sfe_stem_kind {
	uint32_t above, up, down; /* the kind one step up, the path to there and that from there */
};

struct sfe_path_stems {
	struct sfe_block_paths *blocks; /* borrowed */
	struct sfe_stem *of;            /* by vertex */
	struct sfe_stem_kind *kind;
	uint32_t n_kinds, cap_kinds;
	uint32_t *slot, n_slots; /* hash table of kinds by what they are; SFE_NONE: free */
	uint32_t *chain, cap_chain;
	/* The path between two vertices, as a number: equal ones have equal capacities. 0 or
	 * -ENOMEM. */
	int (*path)(void *context, uint32_t from, uint32_t to, uint32_t *path);
	void *context;
};

/* 0 or -ENOMEM. Clear it in both cases. */
int sfe_path_stems_init(struct sfe_path_stems *s, struct sfe_block_paths *blocks);
void sfe_path_stems_clear(struct sfe_path_stems *s);

/* Where two different vertices meet: pairs with the same two kinds and the same *meet have equal
 * paths, but for SFE_STEMS_ALONE. The kinds are in s->of then. 0 or -ENOMEM. */
int sfe_path_stems_meet(struct sfe_path_stems *s, uint32_t from, uint32_t to, uint32_t *meet);

#endif
