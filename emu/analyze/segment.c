/* SPDX-License-Identifier: MIT */
#include "emu/analyze/segment.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define ETHERTYPE_IPV4 0x0800u
#define ETHERTYPE_IPV6 0x86ddu
#define PROTOCOL_TCP 6u
#define OPTION_SACK 5u
#define OPTION_JUMBO 0xc2u
#define IPV6_HOP_BY_HOP 0u
#define IPV6_ROUTING 43u
#define IPV6_FRAGMENT 44u
#define IPV6_AUTHENTICATION 51u
#define IPV6_DESTINATION 60u
#define IPV6_MOBILITY 135u
#define IPV6_HIP 139u
#define IPV6_SHIM6 140u

struct cursor {
	const uint8_t *at;
	uint32_t left;    /* captured */
	uint32_t on_wire; /* bytes that follow on the wire */
	uint32_t passed;
};

static uint16_t be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)be16(p) << 16 | be16(p + 2);
}

/* 802.1Q, 802.1ad, and what was used for tags in tags before it. */
static bool is_vlan(uint16_t type)
{
	return type == 0x8100 || type == 0x88a8 || type == 0x9100 || type == 0x9200 ||
	       type == 0x9300;
}

static bool pass(struct cursor *c, uint32_t n)
{
	if (n > c->left)
		return false;
	c->at += n;
	c->left -= n;
	c->on_wire -= n;
	c->passed += n;
	return true;
}

/* Moves the cursor behind the link layer's header and gives its EtherType. */
static bool link_layer(struct cursor *c, enum sfe_link_layer layer, uint16_t *type)
{
	static const struct {
		uint32_t length, type_at;
	} layers[] = {
		[SFE_LAYER_ETHERNET] = {14, 12},
		[SFE_LAYER_SLL] = {16, 14},
		[SFE_LAYER_SLL2] = {20, 0},
		[SFE_LAYER_IP] = {0, 0},
	};
	const uint8_t *start = c->at;

	if (layer == SFE_LAYER_IP) {
		if (!c->left)
			return false;
		*type = c->at[0] >> 4 == 4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6;
		return true;
	}
	if (!pass(c, layers[layer].length))
		return false;
	*type = be16(start + layers[layer].type_at);
	while (is_vlan(*type)) {
		start = c->at;
		if (!pass(c, 4))
			return false;
		*type = be16(start + 2);
	}
	return true;
}

/* Limits the rest of the packet to the length in the IP header: Ethernet pads short frames. */
static bool cut_to(struct cursor *c, uint32_t length)
{
	if (length > c->on_wire)
		return false;
	c->on_wire = length;
	if (c->left > length)
		c->left = length;
	return true;
}

static void set_ipv4(uint8_t address[16], const uint8_t *at)
{
	memset(address, 0, 10);
	memset(address + 10, 0xff, 2);
	memcpy(address + 12, at, 4);
}

/* The rest of the packet is a piece of a segment. */
static enum sfe_packet_kind fragment(
	struct cursor *c, struct sfe_segment *s, uint32_t id, uint32_t offset, bool more)
{
	s->header_bytes = c->passed;
	s->fragment = (struct sfe_fragment){.id = id,
		.offset = offset,
		.more = more,
		.data = c->at,
		.bytes = c->on_wire,
		.captured = c->left};
	return SFE_PACKET_FRAGMENT;
}

static enum sfe_packet_kind ipv4(struct cursor *c, struct sfe_segment *s)
{
	const uint8_t *h = c->at;

	if (c->left < 20)
		return SFE_PACKET_CUT;
	uint32_t header = (h[0] & 15u) * 4, total = be16(h + 2),
		 offset = (be16(h + 6) & 0x1fffu) * 8;
	bool more = be16(h + 6) & 0x2000;
	if (!total) /* a packet larger than 64 KiB, or one that the card is still to fill in */
		total = c->on_wire;
	if (h[0] >> 4 != 4 || header < 20 || total < header)
		return SFE_PACKET_BROKEN;
	if (h[9] != PROTOCOL_TCP)
		return SFE_PACKET_OTHER;
	if (!cut_to(c, total))
		return SFE_PACKET_BROKEN;
	set_ipv4(s->from.address, h + 12);
	set_ipv4(s->to.address, h + 16);
	if (!pass(c, header))
		return SFE_PACKET_CUT;
	return more || offset ? fragment(c, s, be16(h + 4), offset, more) : SFE_PACKET_TCP;
}

/* The value of the jumbo payload option of hop-by-hop options; 0: none (RFC 2675). */
static uint32_t jumbo_length(const uint8_t *option, uint32_t left)
{
	while (left) {
		uint32_t length = option[0] ? (left < 2 ? left : option[1] + 2u) : 1;
		if (length > left)
			return 0;
		if (option[0] == OPTION_JUMBO && length == 6)
			return be32(option + 2);
		option += length;
		left -= length;
	}
	return 0;
}

/* Passes one extension header; *next: what follows it. */
static enum sfe_packet_kind extension(struct cursor *c, uint8_t *next, struct sfe_segment *s)
{
	const uint8_t *h = c->at;
	uint8_t type = *next;

	if (c->left < 8)
		return c->on_wire < 8 ? SFE_PACKET_BROKEN : SFE_PACKET_CUT;
	*next = h[0];
	if (type == IPV6_FRAGMENT) {
		uint32_t offset = be16(h + 2) & 0xfff8u;
		bool more = h[3] & 1;
		pass(c, 8);
		if (!offset && !more)
			return SFE_PACKET_TCP; /* a whole one (RFC 6946) */
		return *next == PROTOCOL_TCP ? fragment(c, s, be32(h + 4), offset, more)
					     : SFE_PACKET_OTHER;
	}
	uint32_t length = type == IPV6_AUTHENTICATION ? (h[1] + 2u) * 4 : (h[1] + 1u) * 8;
	if (length > c->on_wire)
		return SFE_PACKET_BROKEN;
	return pass(c, length) ? SFE_PACKET_TCP : SFE_PACKET_CUT;
}

static bool is_extension(uint8_t type)
{
	return type == IPV6_HOP_BY_HOP || type == IPV6_ROUTING || type == IPV6_FRAGMENT ||
	       type == IPV6_AUTHENTICATION || type == IPV6_DESTINATION || type == IPV6_MOBILITY ||
	       type == IPV6_HIP || type == IPV6_SHIM6;
}

static enum sfe_packet_kind ipv6(struct cursor *c, struct sfe_segment *s)
{
	const uint8_t *h = c->at;
	enum sfe_packet_kind kind = SFE_PACKET_TCP;

	if (c->left < 40)
		return SFE_PACKET_CUT;
	if (h[0] >> 4 != 6)
		return SFE_PACKET_BROKEN;
	uint8_t next = h[6];
	uint32_t length = be16(h + 4);
	memcpy(s->from.address, h + 8, 16);
	memcpy(s->to.address, h + 24, 16);
	pass(c, 40);
	/* 0: a jumbogram, whose length is in an option or, behind the stack's offload, nowhere. */
	if (!length && next == IPV6_HOP_BY_HOP && c->left >= 8) {
		uint32_t options = (c->at[1] + 1u) * 8;
		length = jumbo_length(c->at + 2, (options < c->left ? options : c->left) - 2);
	}
	if (!cut_to(c, length ? length : c->on_wire))
		return SFE_PACKET_BROKEN;
	while (kind == SFE_PACKET_TCP && is_extension(next))
		kind = extension(c, &next, s);
	return kind == SFE_PACKET_TCP && next != PROTOCOL_TCP ? SFE_PACKET_OTHER : kind;
}

static uint8_t count_sacks(const uint8_t *option, uint32_t left)
{
	while (left >= 2 && option[0] != 0) {
		uint32_t length = option[0] == 1 ? 1 : option[1];
		if (!length || length > left || (length == 1 && option[0] != 1))
			return 0;
		if (option[0] == OPTION_SACK)
			return (uint8_t)((length - 2) / 8);
		option += length;
		left -= length;
	}
	return 0;
}

static enum sfe_packet_kind tcp(struct cursor *c, struct sfe_segment *s)
{
	const uint8_t *h = c->at;

	if (c->left < 20)
		return c->on_wire < 20 ? SFE_PACKET_BROKEN : SFE_PACKET_CUT;
	uint32_t header = (h[12] >> 4) * 4u;
	if (header < 20 || header > c->on_wire)
		return SFE_PACKET_BROKEN;
	if (header > c->left)
		return SFE_PACKET_CUT;
	memcpy(&s->from.port, h, 2);
	memcpy(&s->to.port, h + 2, 2);
	s->seq = be32(h + 4);
	s->ack = be32(h + 8);
	s->flags = h[13];
	s->window = be16(h + 14);
	s->sacks = count_sacks(h + 20, header - 20);
	pass(c, header);
	s->header_bytes = c->passed;
	s->payload = c->at;
	s->payload_bytes = c->on_wire;
	s->captured = c->left;
	return SFE_PACKET_TCP;
}

enum sfe_packet_kind sfe_segment_read(
	const struct sfe_packet *packet, enum sfe_link_layer layer, struct sfe_segment *segment)
{
	struct cursor c = {packet->data, packet->bytes, packet->wire_bytes, 0};
	enum sfe_packet_kind kind = SFE_PACKET_OTHER;
	uint16_t type;

	if (c.left > c.on_wire)
		return SFE_PACKET_BROKEN;
	if (!link_layer(&c, layer, &type))
		return SFE_PACKET_CUT;
	if (type == ETHERTYPE_IPV4)
		kind = ipv4(&c, segment);
	else if (type == ETHERTYPE_IPV6)
		kind = ipv6(&c, segment);
	return kind == SFE_PACKET_TCP ? tcp(&c, segment) : kind;
}

enum sfe_packet_kind sfe_segment_parse(
	const uint8_t *data, uint32_t bytes, uint32_t passed, struct sfe_segment *segment)
{
	struct cursor c = {data, bytes, bytes, passed};

	return tcp(&c, segment);
}

const char *sfe_socket_text(const struct sfe_socket *s, char *buf, size_t size)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	char address[INET6_ADDRSTRLEN];

	if (!memcmp(s->address, mapped, sizeof(mapped)))
		snprintf(buf, size, "%s:%u",
			inet_ntop(AF_INET, s->address + 12, address, sizeof(address)),
			ntohs(s->port));
	else
		snprintf(buf, size, "[%s]:%u",
			inet_ntop(AF_INET6, s->address, address, sizeof(address)), ntohs(s->port));
	return buf;
}
