/* SPDX-License-Identifier: MIT */
/*
 * A topology by composition: cells within cells, with counts that may be drawn, as a scenario's
 * topology.compose says it (scenarios/README.md has the words). Ether's scenarios are compositions
 * too.
 */
#ifndef SFE_GENERATE_COMPOSE_H
#define SFE_GENERATE_COMPOSE_H

#include "emu/model/base/yaml_tree.h"
#include "sfemu/topology.h"

/* file: the place for errors, as is each line of the tree. Equal seeds give equal topologies. */
int sfe_compose(const struct sfe_tree *tree, const char *file, uint64_t seed,
	struct sfe_topology **out, struct sfe_error *err);
/* The same with fewer vertices at most than SFE_MAX_VERTICES. */
int sfe_compose_within(const struct sfe_tree *tree, const char *file, uint64_t seed,
	uint32_t max_vertices, struct sfe_topology **out, struct sfe_error *err);

/* Ether's connections of a site (its blocks/cells.py) and the laws of their latency. */
struct sfe_ether_uplink {
	const char *name;
	double up_mbps, down_mbps;
	const char *latency; /* name of a law */
};
/* One after the other; NULL after the last. */
const struct sfe_ether_uplink *sfe_ether_uplink(unsigned i);
/* NULL if there is none of that name. */
const struct sfe_ether_uplink *sfe_ether_uplink_find(const char *name);
#define SFE_ETHER_UPLINKS "mobile, business, fibre"

/* Ether's laws of latency (its qos/latency.py) by name; false if there is none of that name. */
bool sfe_ether_latency(const char *name, struct sfe_delay *out);
/* Their names, one after the other; NULL after the last. */
const char *sfe_ether_latency_name(unsigned i);
#define SFE_ETHER_LATENCIES "lan, wlan, business, mobile"

#endif
