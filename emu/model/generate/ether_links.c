/* SPDX-License-Identifier: MIT */
/*
 * Ether's connections and latencies, from github.com/edgerun/ether (MIT): ether/blocks/cells.py and
 * ether/qos/latency.py. A law is log-normal with shape, location and scale; the latter two in ms.
 */
#include <string.h>

#include "emu/model/generate/ether_links.h"

static const struct sfe_ether_uplink uplinks[] = {
	{"mobile", 25, 125, "mobile"},
	{"business", 50, 500, "business"},
	{"fibre", 1000, 1000, "lan"},
};

static const struct {
	const char *name;
	double shape, location_ms, scale_ms;
} latencies[] = {
	{"lan", 0.25, 0.35, 0.16},
	{"wlan", 0.635, 1.18, 3.27},
	{"business", 0.87, 5.95, 1.21},
	{"mobile", 0.49, 16.2, 8.02},
};

const struct sfe_ether_uplink *sfe_ether_uplink(unsigned i)
{
	return i < sizeof(uplinks) / sizeof(uplinks[0]) ? &uplinks[i] : NULL;
}

const char *sfe_ether_latency_name(unsigned i)
{
	return i < sizeof(latencies) / sizeof(latencies[0]) ? latencies[i].name : NULL;
}

const struct sfe_ether_uplink *sfe_ether_uplink_find(const char *name)
{
	for (size_t i = 0; i < sizeof(uplinks) / sizeof(uplinks[0]); i++)
		if (!strcmp(uplinks[i].name, name))
			return &uplinks[i];
	return NULL;
}

bool sfe_ether_latency(const char *name, struct sfe_delay *out)
{
	for (size_t i = 0; i < sizeof(latencies) / sizeof(latencies[0]); i++)
		if (!strcmp(latencies[i].name, name))
			return !sfe_delay_ether(latencies[i].shape, latencies[i].location_ms,
				latencies[i].scale_ms, out, NULL);
	return false;
}
