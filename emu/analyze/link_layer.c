/* SPDX-License-Identifier: MIT */
#include "emu/analyze/link_layer.h"

#include <pcap/dlt.h>

/* In files, raw IP has a number that is the same on all systems. */
#define LINKTYPE_RAW 101

#define FIRST_ETHER_TYPE 0x600u /* below: a length, and an LLC header follows */
#define PPP_IPV4 0x0021u
#define PPP_IPV6 0x0057u

enum sfe_link_layer sfe_link_layer_of(int link_type)
{
	switch (link_type) {
	case DLT_EN10MB:
		return SFE_LAYER_ETHERNET;
	case DLT_LINUX_SLL:
		return SFE_LAYER_SLL;
	case DLT_LINUX_SLL2:
		return SFE_LAYER_SLL2;
	case DLT_RAW:
	case LINKTYPE_RAW:
	case DLT_IPV4:
	case DLT_IPV6:
		return SFE_LAYER_IP;
	case DLT_NULL:
	case DLT_LOOP:
		return SFE_LAYER_NULL;
	case DLT_PPP:
		return SFE_LAYER_PPP;
	}
	return SFE_LAYER_UNKNOWN;
}

static bool is_vlan(uint16_t type)
{
	/* 802.1Q, 802.1ad, and what was used for tags in tags before 802.1ad. */
	return type == 0x8100 || type == 0x88a8 || type == 0x9100 || type == 0x9200 ||
	       type == 0x9300;
}

/* Protocols that carry no IP: ARP, spanning tree and the like. (IP in 802.2 SNAP is not read.) */
static bool carries_no_ip(uint16_t type)
{
	static const uint16_t types[] = {0x0806 /* ARP */, 0x8035 /* RARP */, 0x88cc /* LLDP */,
		0x8808 /* pause */, 0x8809 /* LACP */, 0x888e /* 802.1X */, 0x88f7 /* PTP */,
		0x9000 /* loopback */};

	for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (type == types[i])
			return true;
	return type < FIRST_ETHER_TYPE;
}

/* Raw IP, BSD loopback and PPP: the version in the IP header says which it is. */
static enum sfe_packet_kind bare_ip(struct sfe_cursor *c, uint16_t *type)
{
	if (!c->left)
		return SFE_PACKET_CUT;
	if (c->at[0] >> 4 != 4 && c->at[0] >> 4 != 6)
		return SFE_PACKET_BROKEN;
	*type = c->at[0] >> 4 == 4 ? SFE_ETHER_IPV4 : SFE_ETHER_IPV6;
	return SFE_PACKET_TCP;
}

static enum sfe_packet_kind null_layer(struct sfe_cursor *c, uint16_t *type)
{
	const uint8_t *h = c->at;

	if (!sfe_pass(c, 4))
		return SFE_PACKET_CUT;
	/* In the byte order of the machine that captured: 2 is IPv4, 24, 28 and 30 are IPv6. */
	uint32_t family = sfe_be32(h);
	family = family > 0xffff ? __builtin_bswap32(family) : family;
	if (family != 2 && family != 10 && family != 24 && family != 28 && family != 30)
		return SFE_PACKET_OTHER;
	return bare_ip(c, type);
}

static enum sfe_packet_kind ppp_layer(struct sfe_cursor *c, uint16_t *type)
{
	if (c->left >= 2 && c->at[0] == 0xff && c->at[1] == 0x03) /* as in HDLC frames */
		sfe_pass(c, 2);
	const uint8_t *h = c->at;
	if (!sfe_pass(c, 2))
		return SFE_PACKET_CUT;
	if (sfe_be16(h) != PPP_IPV4 && sfe_be16(h) != PPP_IPV6)
		return SFE_PACKET_OTHER;
	return bare_ip(c, type);
}

enum sfe_packet_kind sfe_link_layer_read(
	struct sfe_cursor *c, enum sfe_link_layer layer, uint16_t *type, uint32_t *vlan)
{
	static const struct {
		uint32_t length, type_at;
	} layers[] = {
		[SFE_LAYER_ETHERNET] = {14, 12},
		[SFE_LAYER_SLL] = {16, 14},
		[SFE_LAYER_SLL2] = {20, 0},
	};
	const uint8_t *start = c->at;

	*type = 0;
	*vlan = 0;
	if (layer == SFE_LAYER_UNKNOWN)
		return SFE_PACKET_OPAQUE;
	if (layer == SFE_LAYER_IP)
		return bare_ip(c, type);
	if (layer == SFE_LAYER_NULL)
		return null_layer(c, type);
	if (layer == SFE_LAYER_PPP)
		return ppp_layer(c, type);
	if (!sfe_pass(c, layers[layer].length))
		return SFE_PACKET_CUT;
	*type = sfe_be16(start + layers[layer].type_at);
	while (is_vlan(*type)) {
		start = c->at;
		if (!sfe_pass(c, 4))
			return SFE_PACKET_CUT;
		*vlan = *vlan << 16 | (sfe_be16(start) & 0xfffu);
		*type = sfe_be16(start + 2);
	}
	if (*type == SFE_ETHER_IPV4 || *type == SFE_ETHER_IPV6)
		return SFE_PACKET_TCP;
	return carries_no_ip(*type) ? SFE_PACKET_OTHER : SFE_PACKET_OPAQUE;
}
