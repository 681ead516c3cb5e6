/* SPDX-License-Identifier: MIT */
/* Paths of messages between nodes, each made once: there are many more messages than pairs of nodes
 * that send to each other. */
#ifndef SFE_EXPERIMENT_EXPLAINED_PATHS_H
#define SFE_EXPERIMENT_EXPLAINED_PATHS_H

#include "emu/experiment/experiment.h"
#include "sfemu/transfer.h"

struct sfe_explained_path { /* a path with its hops, and their indexes as shared resources */
	uint32_t from, to;
	struct sfe_transfer_path path;
	double delay_s;   /* the sum of its hops */
	bool half_duplex; /* a medium of its has one queue for both directions */
	struct sfe_hop *hops;
	uint32_t *resources;
};

struct sfe_explained_paths { /* all zero but for e: none yet */
	const struct sfe_experiment *e;
	struct sfe_explained_path *of;
	uint32_t n, room;
	uint32_t *table; /* 1 + the index of a path by its ends, 0: free; its size is a power of two
			  */
	uint32_t n_table;
};

/* *index: of the path in `of`, which is made if it is not there. Without a path, and to itself, it
 * has no hops. 0 or -ENOMEM. */
int sfe_explained_paths_find(
	struct sfe_explained_paths *all, uint32_t from, uint32_t to, uint32_t *index);
void sfe_explained_paths_free(struct sfe_explained_paths *all);

#endif
