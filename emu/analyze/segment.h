/* SPDX-License-Identifier: MIT */
/* Parses one packet down to its TCP segment. Pure; each length in the packet is checked. */
#ifndef SFE_ANALYZE_SEGMENT_H
#define SFE_ANALYZE_SEGMENT_H

#include <stddef.h>

#include "emu/analyze/fragments.h"

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

struct sfe_segment {
	struct sfe_socket from, to;
	uint32_t seq, ack;
	uint16_t window; /* the header's field, not scaled */
	uint8_t flags;
	int8_t window_scale;    /* its option: 0 to 14; -1: none */
	uint32_t packets;       /* that it came in: several if it was fragmented */
	uint32_t wire_bytes;    /* of them */
	uint32_t header_bytes;  /* from the link layer to TCP's options */
	uint32_t payload_bytes; /* on the wire */
	uint32_t captured;      /* bytes of the payload that were captured */
	const uint8_t *payload;
	bool cut; /* the packet is longer than the frame, which the file does not say */
};

/* A fragment that may hold a part of a TCP segment: for sfe_fragments_add. */
struct sfe_segment_fragment {
	struct sfe_ip ip;
	struct sfe_cursor content;
	uint32_t vlan;
};

/* SFE_PACKET_TCP: fills the segment. SFE_PACKET_FRAGMENT: fills the fragment. */
enum sfe_packet_kind sfe_segment_read(const struct sfe_packet *packet, struct sfe_segment *segment,
	struct sfe_segment_fragment *fragment);
/* The same of a datagram that was put together; never SFE_PACKET_FRAGMENT. */
enum sfe_packet_kind sfe_segment_of_datagram(
	const struct sfe_datagram *datagram, struct sfe_segment *segment);

/* "10.0.0.1:8080", "[2001:db8::1]:80". Returns buf. */
const char *sfe_socket_text(const struct sfe_socket *s, char *buf, size_t size);

#endif
