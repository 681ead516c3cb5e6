/* SPDX-License-Identifier: MIT */
/* The law that measured delays should have, and how far they are from it. */
#ifndef SFE_VERIFY_VERIFY_LAW_H
#define SFE_VERIFY_VERIFY_LAW_H

#include <stdint.h>

#include "sfemu/delay.h"

/*
 * The law of the measured delays. Where a packet's first copy is lost (a share `replaced` of those
 * that arrive), the second one is measured: it leaves after both delays have passed, and one
 * transmission time after the first.
 */
struct sfe_verify_law {
	const struct sfe_delay *delay;
	double base;     /* shift: constant delays and transmission */
	double replaced; /* 0 to 1 */
	double frame_ns;
	double slack; /* how far a delay may be from one that has a probability of its own */
};

/*
 * The Kolmogorov-Smirnov distance of sorted delays from their law. A law that is cut at 0 has a
 * probability of exactly 0: what is measured there is a little more or less than the base, and is
 * compared as one step, from before it to after it.
 */
double sfe_verify_law_distance(const struct sfe_verify_law *law, const int64_t *ns, uint32_t n);

#endif
