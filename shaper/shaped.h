/* SPDX-License-Identifier: MIT */
/* One shaped interface: what was asked for, and what was read back. */
#ifndef SFE_SHAPER_SHAPED_H
#define SFE_SHAPER_SHAPED_H

#include <stdbool.h>
#include <stdint.h>

#include "sfemu/link.h"

/* The stations of a medium that take turns or contend: the interfaces that their packets arrive
 * by. */
struct sfe_stations {
	uint32_t n;
	int first; /* the index of the first; those of the others follow */
	const char *const *port;
};

struct sfe_shaped {
	int ifindex;
	struct sfe_link_spec spec;
	uint32_t mtu;
	const char *where;                   /* the object's name in error texts */
	const struct sfe_stations *stations; /* of an IFB device, if the medium has any */
	uint32_t link;                       /* for the caller: which link it belongs to */
	enum sfe_link_direction direction;
	/* Filled by sfe_shaper_read_back; the counters count from the interface's creation: */
	uint64_t drops;                          /* packets that the queue refused or dropped */
	uint64_t losses;                         /* packets lost as the specification asks */
	uint32_t backlog_bytes, backlog_packets; /* queued and in flight now */
	uint64_t netem_drops;                    /* internal */
	bool found, policer_found;               /* internal */
	uint32_t queues, classes, filters;       /* internal: how many were found */
};

#endif
