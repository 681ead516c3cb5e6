/* SPDX-License-Identifier: MIT */
/*
 * What a link does to packets in one direction. Plain data: the shaper turns it into qdiscs.
 */
#ifndef SFEMU_LINK_H
#define SFEMU_LINK_H

#include <stdbool.h>
#include <stdint.h>

struct sfe_link_spec {
	uint64_t rate_bps;    /* bit/s of layer-2 bytes; 0: no limit */
	uint64_t delay_ns;    /* one-way, constant */
	uint64_t queue_bytes; /* how much may wait for the transmitter; 0: from queue_ns */
	uint64_t queue_ns;    /* the same as time at the link's rate */
	uint64_t prng_seed;   /* of this direction's chance; 0: the kernel draws one */
};

#endif
