/* SPDX-License-Identifier: MIT */
/*
 * Where the copies of a job's states are: on the nodes nearest to its client, in the order of the
 * deployment's list, one more than the copies that are made, since a state's holder may be among
 * them. So a copy is replaced by the next version of its state wherever that is changed.
 */
#ifndef SFE_NODES_REPLICAS_H
#define SFE_NODES_REPLICAS_H

#include "nodes/base/package.h"
#include "nodes/worker/worker_state.h"

/* The i-th node that may have a copy; HOLDER_UNKNOWN: no more. */
static inline uint32_t replica_node(const struct worker *w, uint32_t job, uint32_t i)
{
	const struct sfe_deployment *d = w->deployment;
	uint32_t per_node = d->n_replicas + 1;

	return d->n_replicas && i < per_node ? d->replica_of[d->jobs[job].client * per_node + i]
					     : HOLDER_UNKNOWN;
}

/* The i-th of those that are not the holder. */
static inline uint32_t replica_node_but(
	const struct worker *w, uint32_t job, uint32_t i, uint32_t holder)
{
	for (uint32_t k = 0, node; (node = replica_node(w, job, k)) != HOLDER_UNKNOWN; k++) {
		if (node != holder && !i--)
			return node;
	}
	return HOLDER_UNKNOWN;
}

#endif
