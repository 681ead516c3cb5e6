/* SPDX-License-Identifier: MIT */
/*
 * A cloud beyond a topology: a node with a store, for UnchainedExternal. It computes nothing for
 * others: placement and the closed form do not know it.
 */
#ifndef SFE_EXPERIMENT_CLOUD_H
#define SFE_EXPERIMENT_CLOUD_H

#include "sfemu/routing.h"
#include "sfemu/scenario.h"

#define SFE_CLOUD_NODE "cloud"

/*
 * The same topology with the cloud: its node and its two links are the last ones, so that all
 * others keep their indexes. It hangs on the junction cloud.at, or on the one from which the
 * farthest node is nearest. *out is the caller's.
 */
int sfe_cloud_add(const struct sfe_scenario *s, const struct sfe_topology *t,
	const struct sfe_routing *r, struct sfe_topology **out, struct sfe_error *err);

/* The same on that junction. */
int sfe_cloud_add_at(const struct sfe_scenario *s, const struct sfe_topology *t, const char *at,
	struct sfe_topology **out, struct sfe_error *err);
/* Whether a strategy of the scenario needs one. */
bool sfe_cloud_needed(const struct sfe_scenario *s);
#define SFE_CLOUD_UPLINK "up_" SFE_CLOUD_NODE

/* Whether it is one of the cloud's links, which go by the keys of cloud and not by their kind's. */
bool sfe_cloud_has_link(const struct sfe_scenario *s, const char *link);

#endif
