/* SPDX-License-Identifier: MIT */
/* Regions of public clouds and what was measured between them. */
#ifndef SFE_GENERATE_CLOUD_REGIONS_H
#define SFE_GENERATE_CLOUD_REGIONS_H

#include "sfemu/delay.h"

struct sfe_region {
	const char *name, *place, *provider;
};

/* One after the other, by provider; NULL after the last. */
const struct sfe_region *sfe_region(unsigned i);
/* NULL if there is none of that name. */
const struct sfe_region *sfe_region_find(const char *name);
/*
 * One way between two regions, half of the measured round trip. -ENOENT where nothing was measured:
 * a name is of no region, or the two are of different providers.
 */
int sfe_region_latency(const char *a, const char *b, struct sfe_delay *out);

#endif
