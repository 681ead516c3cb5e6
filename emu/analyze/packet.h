/* SPDX-License-Identifier: MIT */
/* A packet of a capture, and what kind it is. */
#ifndef SFE_ANALYZE_PACKET_H
#define SFE_ANALYZE_PACKET_H

#include <stdbool.h>
#include <stdint.h>

enum sfe_link_layer {
	SFE_LAYER_ETHERNET,
	SFE_LAYER_SLL,
	SFE_LAYER_SLL2,
	SFE_LAYER_IP,
	SFE_LAYER_NULL, /* BSD loopback: an address family of 4 bytes */
	SFE_LAYER_PPP,
	SFE_LAYER_UNKNOWN,
};

struct sfe_packet {
	uint64_t time_ns;    /* since 1970 */
	uint32_t wire_bytes; /* length on the wire, with the link-layer header */
	uint32_t bytes;      /* captured */
	const uint8_t *data; /* valid until the next call */
	enum sfe_link_layer layer;
	int link_type; /* its number in the capture */
};

enum sfe_packet_kind {
	SFE_PACKET_TCP,
	SFE_PACKET_FRAGMENT, /* of an IP datagram, perhaps with a part of a TCP segment */
	SFE_PACKET_OTHER,    /* of another protocol */
	SFE_PACKET_OPAQUE,   /* something that is not looked into, and that may carry TCP */
	SFE_PACKET_CUT,      /* too little was captured */
	SFE_PACKET_BROKEN,   /* its lengths contradict each other */
};

#endif
