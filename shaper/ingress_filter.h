/* SPDX-License-Identifier: MIT */
/* Drops packets from some addresses at the ingress of an interface. Partitions are made of this. */
#ifndef SFE_SHAPER_INGRESS_FILTER_H
#define SFE_SHAPER_INGRESS_FILTER_H

#include <stdbool.h>

#include "shaper/netlink.h"

/*
 * Queues one more rule of the interface, after those that it has: IPv4 packets from address/prefix
 * are accepted, or dropped. The first rule that matches decides; a packet that matches none is
 * accepted. The address is in host byte order.
 */
int sfe_ingress_filter_add(struct sfe_nl *nl, int ifindex, uint32_t address, unsigned prefix,
	bool accept, const char *where, struct sfe_error *err);
/* Queues the message that removes all rules of the interface, which must have some. */
int sfe_ingress_filter_clear(
	struct sfe_nl *nl, int ifindex, const char *where, struct sfe_error *err);

#endif
