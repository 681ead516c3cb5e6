/* SPDX-License-Identifier: MIT */
/*
 * Bytes per interval of time. Only intervals with bytes take memory, so that a clock that jumps by
 * years is no matter; a clock may also go back, before the first interval.
 */
#ifndef SFE_ANALYZE_INTERVALS_H
#define SFE_ANALYZE_INTERVALS_H

#include <stdbool.h>
#include <stdint.h>

#define SFE_INTERVALS_MAX 1000000u /* of a capture */

struct sfe_interval {
	int64_t index; /* from the origin on, which interval 0 begins with */
	uint64_t bytes;
};

struct sfe_intervals {
	struct sfe_interval *all; /* ascending, each once, when they are settled */
	uint32_t n, room;
	uint32_t settled;  /* the first so many are */
	uint64_t left_out; /* bytes of intervals beyond SFE_INTERVALS_MAX */
};

/* The interval that a time is in. */
int64_t sfe_interval_of(uint64_t time_ns, uint64_t origin_ns, uint64_t interval_ns);
/* False when memory ran out. */
bool sfe_intervals_add(struct sfe_intervals *v, int64_t index, uint64_t bytes);
/* Sorts, and puts together what is of the same interval. */
void sfe_intervals_settle(struct sfe_intervals *v);
void sfe_intervals_free(struct sfe_intervals *v);

#endif
