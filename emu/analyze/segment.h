/* SPDX-License-Identifier: MIT */
/* Parses one packet down to its TCP segment. Pure; each length in the packet is checked. */
#ifndef SFE_ANALYZE_SEGMENT_H
#define SFE_ANALYZE_SEGMENT_H

#include "emu/analyze/capture.h"

struct sfe_socket { /* an address (IPv4 as ::ffff:a.b.c.d) and a port, in network byte order */
	uint8_t address[16];
	uint16_t port;
};

enum sfe_tcp_flag {
	SFE_TCP_FIN = 1,
	SFE_TCP_SYN = 2,
	SFE_TCP_RST = 4,
	SFE_TCP_ACK = 16,
};

struct sfe_fragment {        /* of an IP packet */
	uint32_t id, offset; /* offset in bytes */
	bool more;           /* it is not the last */
	const uint8_t *data;
	uint32_t bytes, captured;
};

struct sfe_segment {
	struct sfe_socket from, to;
	uint32_t seq, ack;
	uint16_t window; /* the header's field, not scaled */
	uint8_t flags;
	uint8_t sacks;          /* blocks in the SACK option */
	uint32_t header_bytes;  /* from the link layer to TCP's options */
	uint32_t payload_bytes; /* on the wire */
	uint32_t captured;      /* bytes of the payload that were captured */
	const uint8_t *payload;
	struct sfe_fragment fragment; /* of SFE_PACKET_FRAGMENT, with the addresses above */
};

enum sfe_packet_kind {
	SFE_PACKET_TCP,
	SFE_PACKET_OTHER,    /* not TCP */
	SFE_PACKET_FRAGMENT, /* a piece of one (fragments.h) */
	SFE_PACKET_CUT,      /* too little was captured */
	SFE_PACKET_BROKEN,   /* its lengths contradict each other */
};

enum sfe_packet_kind sfe_segment_read(
	const struct sfe_packet *packet, enum sfe_link_layer layer, struct sfe_segment *segment);

/* The same of a segment without the headers below TCP's, of which there were `passed` bytes. The
 * addresses are set already. */
enum sfe_packet_kind sfe_segment_parse(
	const uint8_t *data, uint32_t bytes, uint32_t passed, struct sfe_segment *segment);

/* "10.0.0.1:8080", "[2001:db8::1]:80". Returns buf. */
const char *sfe_socket_text(const struct sfe_socket *s, char *buf, size_t size);

#endif
