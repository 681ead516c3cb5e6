/* SPDX-License-Identifier: MIT */
/*
 * The cloud of UnchainedExternal, and of states that outlive jobs: a node with a store outside the
 * topology. It runs no functions: placement and the closed form do not include it.
 */
#ifndef SFE_EXPERIMENT_CLOUD_H
#define SFE_EXPERIMENT_CLOUD_H

#include "sfemu/routing.h"
#include "sfemu/scenario.h"

#define SFE_CLOUD_NODE "cloud"

/*
 * A copy of the topology with the cloud. Its node and its two links come last, so all other indexes
 * stay the same. It is attached to the junction cloud.at, or to the junction with the smallest
 * worst-case time to a node. *out is the caller's.
 */
int sfe_cloud_add(const struct sfe_scenario *s, const struct sfe_topology *t, struct sfe_routing *r,
	struct sfe_topology **out, struct sfe_error *err);

/* The same at a given junction. */
int sfe_cloud_add_at(const struct sfe_scenario *s, const struct sfe_topology *t, const char *at,
	struct sfe_topology **out, struct sfe_error *err);
/* Whether a strategy of the scenario needs the cloud. */
bool sfe_cloud_needed(const struct sfe_scenario *s);
#define SFE_CLOUD_UPLINK "up_" SFE_CLOUD_NODE

/* Whether it is one of the cloud's links, which use the keys of `cloud`, not those of their
 * kind. */
bool sfe_cloud_has_link(const struct sfe_scenario *s, const char *link);

#endif
