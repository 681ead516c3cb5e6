/* SPDX-License-Identifier: MIT */
/* The link layer's header of a packet, and its VLAN tags. */
#ifndef SFE_ANALYZE_LINK_LAYER_H
#define SFE_ANALYZE_LINK_LAYER_H

#include "emu/analyze/cursor.h"
#include "emu/analyze/packet.h"

enum sfe_ether_type {
	SFE_ETHER_IPV4 = 0x0800,
	SFE_ETHER_IPV6 = 0x86dd,
};

/* How packets of a link type (LINKTYPE_…, or libpcap's DLT_…) begin. */
enum sfe_link_layer sfe_link_layer_of(int link_type);
/*
 * Moves the cursor behind the header. *type: the EtherType; *vlan: the identifiers of up to two
 * innermost tags. SFE_PACKET_TCP: there is an IP packet, which has to be read further.
 */
enum sfe_packet_kind sfe_link_layer_read(
	struct sfe_cursor *c, enum sfe_link_layer layer, uint16_t *type, uint32_t *vlan);

#endif
