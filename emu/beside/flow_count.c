/* SPDX-License-Identifier: MIT */
#include "emu/beside/flow_count.h"

#include <math.h>
#include <string.h>

#define LOW_BITS 6u /* SFE_FLOW_STEPS is 2 to this power */

/* Values below 64 have an entry each, those of [64 * 2^p, 128 * 2^p) 64 entries. */
static uint32_t entry_of(uint64_t ns)
{
	uint32_t power = 0;

	while (ns >> power >= 2 * SFE_FLOW_STEPS)
		power++;
	uint32_t i = ns < SFE_FLOW_STEPS ? (uint32_t)ns
					 : SFE_FLOW_STEPS + power * SFE_FLOW_STEPS +
						   ((uint32_t)(ns >> power) - SFE_FLOW_STEPS);
	return i < SFE_FLOW_POWERS * SFE_FLOW_STEPS ? i : SFE_FLOW_POWERS * SFE_FLOW_STEPS - 1;
}

/* The middle of an entry's values. */
static double middle_ns(uint32_t i)
{
	if (i < SFE_FLOW_STEPS)
		return i;
	uint32_t power = (i >> LOW_BITS) - 1;
	double width = (double)(1ull << power);
	return (SFE_FLOW_STEPS + (i & (SFE_FLOW_STEPS - 1))) * width + (width - 1) / 2;
}

static void forget(struct sfe_flow_counter *c, uint32_t number)
{
	c->seen[number % SFE_FLOW_WINDOW / 64] &= ~(1ull << number % 64);
}

/* Whether the packet is there for the first time. One that is older than the window counts as
 * that. */
static bool is_new(struct sfe_flow_counter *c, uint32_t number)
{
	int32_t ahead = (int32_t)(number - c->newest);
	uint64_t bit = 1ull << number % 64;

	if (!c->sum.received_packets || ahead >= (int32_t)SFE_FLOW_WINDOW) {
		memset(c->seen, 0, sizeof(c->seen));
		c->newest = number;
	} else if (ahead > 0) {
		while (c->newest != number)
			forget(c, ++c->newest);
	} else if (ahead <= -(int32_t)SFE_FLOW_WINDOW) {
		c->sum.reordered++;
		return true;
	}
	uint64_t *seen = &c->seen[number % SFE_FLOW_WINDOW / 64];
	bool first = !(*seen & bit);
	*seen |= bit;
	c->sum.reordered += first && number != c->newest;
	return first;
}

void sfe_flow_count_add(struct sfe_flow_counter *c, uint32_t number, uint64_t delay_ns)
{
	c->sum.duplicates += !is_new(c, number);
	c->sum.received_packets++;
	c->delay_sum_s += (double)delay_ns / 1e9;
	c->delay[entry_of(delay_ns)]++;
}

struct sfe_flow_count sfe_flow_count_sum(const struct sfe_flow_counter *c)
{
	struct sfe_flow_count sum = c->sum;
	const uint64_t n = sum.received_packets;
	uint64_t below = 0;
	uint32_t i = 0;

	sum.delay_mean_s = n ? c->delay_sum_s / (double)n : NAN;
	sum.delay_p95_s = NAN;
	/* the smallest delay that at least 95 % do not exceed */
	for (; n && i < SFE_FLOW_POWERS * SFE_FLOW_STEPS; i++) {
		below += c->delay[i];
		if (below * 20 >= n * 19)
			break;
	}
	if (n)
		sum.delay_p95_s = middle_ns(i) / 1e9;
	return sum;
}
