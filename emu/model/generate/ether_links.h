/* SPDX-License-Identifier: MIT */
/* Ether's site connections and latency laws. */
#ifndef SFE_GENERATE_ETHER_LINKS_H
#define SFE_GENERATE_ETHER_LINKS_H

#include <stdbool.h>

#include "sfemu/delay.h"

/* Ether's connections of a site (its blocks/cells.py) with their latency. */
struct sfe_ether_uplink {
	const char *name;
	double up_mbps, down_mbps;
	const char *latency; /* name of a law */
};
/* The i-th; NULL past the last. */
const struct sfe_ether_uplink *sfe_ether_uplink(unsigned i);
/* By name; NULL: unknown. */
const struct sfe_ether_uplink *sfe_ether_uplink_find(const char *name);
#define SFE_ETHER_UPLINKS "mobile, business, fibre"

/* Ether's latency laws (its qos/latency.py) by name; false: unknown. */
bool sfe_ether_latency(const char *name, struct sfe_delay *out);
/* The i-th name; NULL past the last. */
const char *sfe_ether_latency_name(unsigned i);
#define SFE_ETHER_LATENCIES "lan, wlan, business, mobile"

#endif
