/* SPDX-License-Identifier: MIT */
/* Packet-list loss: the packets whose numbers are in a list are lost. */
#ifndef SFE_SHAPER_PACKET_LIST_LOSS_H
#define SFE_SHAPER_PACKET_LIST_LOSS_H

#include "shaper/netlink.h"
#include "shaper/shaped.h"

/*
 * Queues the message that makes the interface lose the packets of the specification's list; the
 * next packet has number 1. Does nothing without a list. On an interface that may have a list
 * already (not is_new) the list is replaced in one atomic step, and the count of losses goes on.
 */
int sfe_packet_list_loss_set(struct sfe_nl *nl, int ifindex, bool is_new,
	const struct sfe_link_spec *spec, const char *where, struct sfe_error *err);
/* Reads the lists of all interfaces that have one back, compares, and adds what was lost. */
int sfe_packet_list_loss_read_back(
	struct sfe_nl *nl, struct sfe_shaped *shaped, uint32_t n, struct sfe_error *err);

#endif
