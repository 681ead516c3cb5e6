/* SPDX-License-Identifier: MIT */
/* Regions of public clouds and the measured latencies between them. */
#ifndef SFE_GENERATE_CLOUD_REGIONS_H
#define SFE_GENERATE_CLOUD_REGIONS_H

#include "sfemu/delay.h"

struct sfe_region {
	const char *name, *place, *provider;
};

/* The i-th region, ordered by provider; NULL past the last. */
const struct sfe_region *sfe_region(unsigned i);
/* By name; NULL: unknown. */
const struct sfe_region *sfe_region_find(const char *name);
/*
 * One-way latency between two regions: half of the measured round trip. -ENOENT without a
 * measurement: an unknown name, or different providers.
 */
int sfe_region_latency(const char *a, const char *b, struct sfe_delay *out);

#endif
