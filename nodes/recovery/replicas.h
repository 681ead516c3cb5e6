/* SPDX-License-Identifier: MIT */
/*
 * The replicas: which nodes keep copies of a job's states. They are the nodes nearest to its client
 * (replica_of in deployment.h), one more than there are copies, since the state's keeper may be one
 * of them. The list is fixed for a job: wherever a state is changed, the copy of its next version
 * replaces the last one.
 */
#ifndef SFE_NODES_REPLICAS_H
#define SFE_NODES_REPLICAS_H

#include "nodes/base/deployment.h"

#define NO_REPLICA_NODE UINT32_MAX

/* The i-th node that may have a copy; NO_REPLICA_NODE: no more. */
static inline uint32_t replica_node(const struct sfe_deployment *d, uint32_t job, uint32_t i)
{
	uint32_t per_node = d->n_replicas + 1;

	return d->n_replicas && i < per_node ? d->replica_of[d->jobs[job].client * per_node + i]
					     : NO_REPLICA_NODE;
}

/* The i-th of those that are not the keeper. */
static inline uint32_t replica_node_except(
	const struct sfe_deployment *d, uint32_t job, uint32_t i, uint32_t keeper)
{
	for (uint32_t k = 0, node; (node = replica_node(d, job, k)) != NO_REPLICA_NODE; k++) {
		if (node != keeper && !i--)
			return node;
	}
	return NO_REPLICA_NODE;
}

/* Likewise of a state that outlives jobs: by the first client that uses it, without its home. Of
 * one that a function creates by name no client is known before: the nodes nearest to its home,
 * which the cloud has not. */
static inline uint32_t replica_node_of_shared(
	const struct sfe_deployment *d, uint32_t instance, uint32_t i)
{
	const uint32_t per_node = d->n_replicas + 1, home = deployment_home(d, instance);
	const uint32_t near = instance < d->shared->n ? d->shared->of[instance].client : home;
	uint32_t n = 0;

	if (near >= d->n_nodes || near == d->cloud)
		return NO_REPLICA_NODE;
	for (uint32_t k = 0; d->strategy->copies && d->n_replicas && k < per_node; k++) {
		uint32_t node = d->replica_of[near * per_node + k];
		if (node != home && node != NO_REPLICA_NODE && n < d->n_replicas && n++ == i)
			return node;
	}
	return NO_REPLICA_NODE;
}

#endif
