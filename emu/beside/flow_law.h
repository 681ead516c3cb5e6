/* SPDX-License-Identifier: MIT */
/* When a flow of `traffic:` sends its packets. Pure. */
#ifndef SFE_BESIDE_FLOW_LAW_H
#define SFE_BESIDE_FLOW_LAW_H

#include "sfemu/beside.h"
#include "sfemu/random.h"

struct sfe_flow_clock {
	const struct sfe_flow_spec *spec; /* borrowed */
	struct sfe_stream stream;
	uint64_t next_ns;   /* of the next packet, from time 0; SFE_NEVER: none follows */
	uint64_t remainder; /* of the distances of constant and onoff, in 1 / rate_bps ns */
	uint64_t on_ns;     /* onoff: what is left of the period that is on */
};

/* The first packet of a constant flow is due at `at`. An onoff flow begins in the state that it is
 * in at any time: on with probability on / (on + off). */
struct sfe_flow_clock sfe_flow_law_begin(
	const struct sfe_flow_spec *spec, uint64_t seed, const char *stream);
/* Goes on to the packet after next_ns. */
void sfe_flow_law_next(struct sfe_flow_clock *f);

#endif
