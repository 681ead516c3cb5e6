/* SPDX-License-Identifier: MIT */
/* IP headers: IPv4, IPv6, and the extension headers down to TCP. */
#ifndef SFE_ANALYZE_IP_H
#define SFE_ANALYZE_IP_H

#include "emu/analyze/cursor.h"
#include "emu/analyze/packet.h"

struct sfe_ip {
	uint8_t from[16], to[16]; /* IPv4 as ::ffff:a.b.c.d */
	uint8_t protocol;         /* that follows */
	bool v6;
	bool cut; /* the header says that the packet is longer than the frame */
	/* Of a fragment. */
	bool more;
	uint32_t id;
	uint32_t offset; /* bytes */
};

/*
 * Reads from the IP header on. SFE_PACKET_TCP: the cursor is at the TCP header.
 * SFE_PACKET_FRAGMENT: it is at the fragment's content.
 */
enum sfe_packet_kind sfe_ip_read(struct sfe_cursor *c, uint16_t ether_type, struct sfe_ip *ip);
/* The same from behind the IP header on, in a datagram that was put together. */
enum sfe_packet_kind sfe_ip_read_rest(struct sfe_cursor *c, struct sfe_ip *ip);

/* What a packet of another protocol is: opaque if the protocol may carry TCP. */
enum sfe_packet_kind sfe_ip_not_tcp(uint8_t protocol);

#endif
