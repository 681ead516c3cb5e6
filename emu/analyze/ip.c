/* SPDX-License-Identifier: MIT */
#include "emu/analyze/ip.h"

#include <netinet/in.h>
#include <string.h>

#include "emu/analyze/link_layer.h"

#define MAX_EXTENSION_HEADERS 32u
#define PROTOCOL_HIP 139u
#define PROTOCOL_SHIM6 140u
#define PROTOCOL_MOBILITY 135u
#define OPTION_PAD1 0u
#define OPTION_JUMBO 0xc2u
#define MORE_FRAGMENTS 0x2000u
#define FRAGMENT_OFFSET 0x1fffu

/* Limits the rest of the packet to the length in the IP header: Ethernet pads short frames. A
 * length beyond the frame's says that the file has lost the frame's own length. */
static void limit_to(struct sfe_cursor *c, uint64_t length, bool *cut)
{
	*cut = length > c->on_wire;
	if (*cut)
		return;
	c->on_wire = (uint32_t)length;
	if (c->left > length)
		c->left = (uint32_t)length;
}

enum sfe_packet_kind sfe_ip_not_tcp(uint8_t protocol)
{
	switch (protocol) {
	case IPPROTO_IPIP:
	case IPPROTO_IPV6:
	case IPPROTO_GRE:
	case IPPROTO_ESP:
		return SFE_PACKET_OPAQUE;
	}
	return SFE_PACKET_OTHER;
}

/* Where a packet goes in the end whose next stop is its destination address. */
static void last_stop(struct sfe_ip *ip, const uint8_t *h, uint32_t length)
{
	enum { SOURCE_ROUTE = 0, MOBILE = 2, SEGMENTS = 4 };
	uint32_t at = 8;

	if (!h[3] || length < 8 + 16) /* no segments left: it has arrived there */
		return;
	if (h[2] == SOURCE_ROUTE)
		at = 8 + (length - 8) / 16 * 16 - 16;
	else if (h[2] != MOBILE &&
		 h[2] != SEGMENTS) /* the first of the segments is the last stop */
		return;
	memcpy(ip->to, h + at, 16);
}

static enum sfe_packet_kind fragment_header(
	struct sfe_cursor *c, struct sfe_ip *ip, const uint8_t *h)
{
	uint16_t field = sfe_be16(h + 2);

	ip->offset = field & 0xfff8u;
	ip->more = field & 1;
	ip->id = sfe_be32(h + 4);
	ip->protocol = h[0];
	sfe_pass(c, 8);
	/* An atomic fragment is the whole datagram. */
	return ip->offset || ip->more ? SFE_PACKET_FRAGMENT : SFE_PACKET_TCP;
}

enum sfe_packet_kind sfe_ip_read_rest(struct sfe_cursor *c, struct sfe_ip *ip)
{
	for (unsigned i = 0; i < MAX_EXTENSION_HEADERS; i++) {
		const uint8_t *h = c->at;
		uint32_t length;
		if (ip->protocol == IPPROTO_TCP)
			return SFE_PACKET_TCP;
		switch (ip->protocol) {
		case IPPROTO_HOPOPTS:
		case IPPROTO_DSTOPTS:
		case IPPROTO_ROUTING:
		case IPPROTO_FRAGMENT:
		case PROTOCOL_MOBILITY:
		case PROTOCOL_HIP:
		case PROTOCOL_SHIM6:
			if (!ip->v6)
				return sfe_ip_not_tcp(ip->protocol);
			break;
		case IPPROTO_AH:
			break;
		default:
			return sfe_ip_not_tcp(ip->protocol);
		}
		if (c->left < 8)
			return c->on_wire < 8 ? SFE_PACKET_BROKEN : SFE_PACKET_CUT;
		if (ip->protocol == IPPROTO_FRAGMENT) {
			enum sfe_packet_kind kind = fragment_header(c, ip, h);
			if (kind == SFE_PACKET_TCP)
				continue;
			return kind;
		}
		length = ip->protocol == IPPROTO_AH ? (h[1] + 2u) * 4 : (h[1] + 1u) * 8;
		if (length > c->on_wire)
			return SFE_PACKET_BROKEN;
		if (length > c->left)
			return SFE_PACKET_CUT;
		if (ip->protocol == IPPROTO_ROUTING)
			last_stop(ip, h, length);
		ip->protocol = h[0];
		sfe_pass(c, length);
	}
	return SFE_PACKET_BROKEN;
}

/* The final destination of a packet with a source route (RFC 791): the last of its addresses. */
static const uint8_t *ipv4_last_stop(const uint8_t *h, uint32_t header)
{
	enum { END = 0, NOP = 1, LOOSE = 131, STRICT = 137 };

	for (uint32_t at = 20; at + 1 < header && h[at] != END;) {
		uint32_t length = h[at] == NOP ? 1 : h[at + 1];
		if (!length || at + length > header || (length == 1 && h[at] != NOP))
			break;
		if ((h[at] == LOOSE || h[at] == STRICT) && length >= 7 && h[at + 2] < length)
			return h + at + 3 + (length - 3) / 4 * 4 - 4;
		at += length;
	}
	return h + 16;
}

static void put_mapped(uint8_t out[16], const uint8_t address[4])
{
	memset(out, 0, 10);
	memset(out + 10, 0xff, 2);
	memcpy(out + 12, address, 4);
}

static enum sfe_packet_kind ipv4(struct sfe_cursor *c, struct sfe_ip *ip)
{
	const uint8_t *h = c->at;

	if (c->left < 20)
		return c->on_wire < 20 ? SFE_PACKET_BROKEN : SFE_PACKET_CUT;
	uint32_t header = (h[0] & 15u) * 4, total = sfe_be16(h + 2), field = sfe_be16(h + 6);
	/* A total length of 0: the interface cuts the frame into segments (TSO), or it is longer
	 * than the field can say (BIG TCP). It is as long as the frame then. */
	if (h[0] >> 4 != 4 || header < 20 || (total && total < header) || header > c->on_wire)
		return SFE_PACKET_BROKEN;
	if (header > c->left)
		return SFE_PACKET_CUT;
	if (total)
		limit_to(c, total, &ip->cut);
	put_mapped(ip->from, h + 12);
	put_mapped(ip->to, ipv4_last_stop(h, header));
	ip->protocol = h[9];
	ip->id = sfe_be16(h + 4);
	ip->offset = (field & FRAGMENT_OFFSET) * 8;
	ip->more = field & MORE_FRAGMENTS;
	sfe_pass(c, header);
	if (ip->offset || ip->more)
		return SFE_PACKET_FRAGMENT;
	return sfe_ip_read_rest(c, ip);
}

/* The length in a jumbogram's hop-by-hop option (RFC 2675), or 0. */
static uint32_t jumbo_length(const struct sfe_cursor *c)
{
	if (c->left < 8)
		return 0;
	uint32_t end = (c->at[1] + 1u) * 8;
	for (uint32_t at = 2; at + 1 < end && at + 1 < c->left;) {
		uint32_t length = c->at[at] == OPTION_PAD1 ? 1 : c->at[at + 1] + 2u;
		if (c->at[at] == OPTION_JUMBO && length == 6 && at + 6 <= c->left)
			return sfe_be32(c->at + at + 2);
		at += length;
	}
	return 0;
}

static enum sfe_packet_kind ipv6(struct sfe_cursor *c, struct sfe_ip *ip)
{
	const uint8_t *h = c->at;
	uint32_t length;

	if (c->left < 40)
		return c->on_wire < 40 ? SFE_PACKET_BROKEN : SFE_PACKET_CUT;
	if (h[0] >> 4 != 6)
		return SFE_PACKET_BROKEN;
	memcpy(ip->from, h + 8, 16);
	memcpy(ip->to, h + 24, 16);
	ip->v6 = true;
	ip->protocol = h[6];
	length = sfe_be16(h + 4);
	sfe_pass(c, 40);
	if (!length && ip->protocol == IPPROTO_HOPOPTS)
		length = jumbo_length(c);
	/* 0 without the option: as for IPv4. */
	if (length)
		limit_to(c, length, &ip->cut);
	return sfe_ip_read_rest(c, ip);
}

enum sfe_packet_kind sfe_ip_read(struct sfe_cursor *c, uint16_t ether_type, struct sfe_ip *ip)
{
	memset(ip, 0, sizeof(*ip));
	return ether_type == SFE_ETHER_IPV4 ? ipv4(c, ip) : ipv6(c, ip);
}
