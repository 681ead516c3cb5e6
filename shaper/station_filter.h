/* SPDX-License-Identifier: MIT */
/* Filters that put what arrives from each station of a medium into the station's own class. */
#ifndef SFE_SHAPER_STATION_FILTER_H
#define SFE_SHAPER_STATION_FILTER_H

#include "shaper/netlink.h"
#include "shaper/shaped.h"

/* Queues the messages that add one filter a station to the root qdisc (its handle) of an IFB
 * device. Station i has the class first + i. */
int sfe_station_filter_set(struct sfe_nl *nl, int ifb, uint32_t root, uint32_t first,
	const struct sfe_stations *stations, const char *where, struct sfe_error *err);
/* Reads them back and compares. */
int sfe_station_filter_read_back(struct sfe_nl *nl, int ifb, uint32_t root, uint32_t first,
	struct sfe_shaped *s, struct sfe_error *err);

#endif
