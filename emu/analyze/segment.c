/* SPDX-License-Identifier: MIT */
#include "emu/analyze/segment.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "emu/analyze/link_layer.h"

#define OPTION_END 0u
#define OPTION_NOP 1u
#define OPTION_WINDOW_SCALE 3u
#define MAX_WINDOW_SCALE 14u /* a greater one counts as this (RFC 7323) */

static int8_t window_scale(const uint8_t *option, uint32_t left)
{
	int8_t scale = -1;

	while (left >= 2 && option[0] != OPTION_END) {
		uint32_t length = option[0] == OPTION_NOP ? 1 : option[1];
		if (length > left || (length < 2 && option[0] != OPTION_NOP))
			break;
		if (option[0] == OPTION_WINDOW_SCALE && length == 3)
			scale = (int8_t)(option[2] > MAX_WINDOW_SCALE ? MAX_WINDOW_SCALE
								      : option[2]);
		option += length;
		left -= length;
	}
	return scale;
}

static enum sfe_packet_kind tcp(
	struct sfe_cursor *c, const struct sfe_ip *ip, struct sfe_segment *s)
{
	const uint8_t *h = c->at;

	if (c->left < 20)
		return c->on_wire < 20 ? SFE_PACKET_BROKEN : SFE_PACKET_CUT;
	uint32_t header = (h[12] >> 4) * 4u, captured;
	if (header < 20 || header > c->on_wire)
		return SFE_PACKET_BROKEN;
	/* Of options that were cut, the first ones are used. */
	captured = header < c->left ? header : c->left;
	memcpy(s->from.address, ip->from, sizeof(ip->from));
	memcpy(s->to.address, ip->to, sizeof(ip->to));
	memcpy(&s->from.port, h, 2);
	memcpy(&s->to.port, h + 2, 2);
	s->seq = sfe_be32(h + 4);
	s->ack = sfe_be32(h + 8);
	s->flags = h[13];
	s->window = sfe_be16(h + 14);
	s->window_scale = window_scale(h + 20, captured - 20);
	s->header_bytes = c->passed + header;
	s->payload_bytes = c->on_wire - header;
	sfe_pass(c, captured);
	s->payload = c->at;
	s->captured = c->left;
	s->cut = ip->cut;
	return SFE_PACKET_TCP;
}

/* Whether a fragment's datagram may be a TCP segment. */
static bool may_be_tcp(const struct sfe_ip *ip)
{
	switch (ip->protocol) {
	case IPPROTO_TCP:
	case IPPROTO_AH:
		return true;
	case IPPROTO_HOPOPTS:
	case IPPROTO_DSTOPTS:
	case IPPROTO_ROUTING:
		return ip->v6;
	}
	return false;
}

enum sfe_packet_kind sfe_segment_read(const struct sfe_packet *packet, struct sfe_segment *s,
	struct sfe_segment_fragment *fragment)
{
	struct sfe_cursor c = {packet->data, packet->bytes, packet->wire_bytes, 0};
	enum sfe_packet_kind kind;
	struct sfe_ip ip;
	uint16_t type;
	uint32_t vlan;

	memset(s, 0, sizeof(*s));
	if (c.left > c.on_wire)
		return SFE_PACKET_BROKEN;
	kind = sfe_link_layer_read(&c, packet->layer, &type, &vlan);
	if (kind != SFE_PACKET_TCP)
		return kind;
	kind = sfe_ip_read(&c, type, &ip);
	if (kind == SFE_PACKET_FRAGMENT) {
		if (!may_be_tcp(&ip))
			return sfe_ip_not_tcp((uint8_t)ip.protocol);
		if (ip.cut || c.left < c.on_wire)
			return SFE_PACKET_CUT;
		*fragment = (struct sfe_segment_fragment){ip, c, vlan};
		return kind;
	}
	if (kind != SFE_PACKET_TCP)
		return kind;
	s->packets = 1;
	s->wire_bytes = packet->wire_bytes;
	return tcp(&c, &ip, s);
}

enum sfe_packet_kind sfe_segment_of_datagram(const struct sfe_datagram *d, struct sfe_segment *s)
{
	struct sfe_cursor c = {d->data, d->bytes, d->bytes, 0};
	struct sfe_ip ip = d->ip;

	memset(s, 0, sizeof(*s));
	if (d->wire_bytes > UINT32_MAX)
		return SFE_PACKET_BROKEN;
	enum sfe_packet_kind kind = sfe_ip_read_rest(&c, &ip);
	if (kind == SFE_PACKET_FRAGMENT)
		return SFE_PACKET_BROKEN;
	if (kind != SFE_PACKET_TCP)
		return kind;
	s->packets = d->packets;
	s->wire_bytes = (uint32_t)d->wire_bytes;
	kind = tcp(&c, &ip, s);
	s->header_bytes += (uint32_t)d->header_bytes;
	return kind;
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
