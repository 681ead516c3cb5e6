/* SPDX-License-Identifier: MIT */
/* Ether's connections of a site and its laws of latency. */
#ifndef SFE_GENERATE_ETHER_LINKS_H
#define SFE_GENERATE_ETHER_LINKS_H

#include <stdbool.h>

#include "sfemu/delay.h"

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
