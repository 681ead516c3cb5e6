/* SPDX-License-Identifier: MIT */
#include "emu/analyze/segment.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define ETHERTYPE_IPV4 0x0800u
#define ETHERTYPE_IPV6 0x86ddu
#define ETHERTYPE_VLAN 0x8100u
#define ETHERTYPE_QINQ 0x88a8u
#define PROTOCOL_TCP 6u
#define OPTION_SACK 5u

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
	while (*type == ETHERTYPE_VLAN || *type == ETHERTYPE_QINQ) {
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

static enum sfe_packet_kind ipv4(struct cursor *c, struct sfe_segment *s)
{
	const uint8_t *h = c->at;

	if (c->left < 20)
		return SFE_PACKET_CUT;
	uint32_t header = (h[0] & 15u) * 4, total = be16(h + 2);
	if (h[0] >> 4 != 4 || header < 20 || total < header)
		return SFE_PACKET_BROKEN;
	if (h[9] != PROTOCOL_TCP || (be16(h + 6) & 0x1fff))
		return SFE_PACKET_OTHER;
	if (!cut_to(c, total))
		return SFE_PACKET_BROKEN;
	memset(s->from.address, 0, 10);
	memset(s->from.address + 10, 0xff, 2);
	memcpy(s->from.address + 12, h + 12, 4);
	memset(s->to.address, 0, 10);
	memset(s->to.address + 10, 0xff, 2);
	memcpy(s->to.address + 12, h + 16, 4);
	return pass(c, header) ? SFE_PACKET_TCP : SFE_PACKET_CUT;
}

static enum sfe_packet_kind ipv6(struct cursor *c, struct sfe_segment *s)
{
	const uint8_t *h = c->at;

	if (c->left < 40)
		return SFE_PACKET_CUT;
	if (h[0] >> 4 != 6)
		return SFE_PACKET_BROKEN;
	if (h[6] != PROTOCOL_TCP) /* extension headers are not followed */
		return SFE_PACKET_OTHER;
	if (!cut_to(c, 40 + be16(h + 4)))
		return SFE_PACKET_BROKEN;
	memcpy(s->from.address, h + 8, 16);
	memcpy(s->to.address, h + 24, 16);
	pass(c, 40);
	return SFE_PACKET_TCP;
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
