/* SPDX-License-Identifier: MIT */
/* Packets from some addresses are not let in at an interface: what a partition is made of. */
#ifndef SFE_SHAPER_REFUSE_H
#define SFE_SHAPER_REFUSE_H

#include <stdbool.h>

#include "shaper/netlink.h"

/*
 * Queues a rule of the interface, after those that it has: IPv4 packets from address/prefix are let
 * in, or not. A packet that no rule knows is let in. Addresses in host byte order.
 */
int sfe_refuse_add(struct sfe_nl *nl, int ifindex, uint32_t address, unsigned prefix, bool let_in,
	const char *where, struct sfe_error *err);
/* Queues the message that takes all rules of the interface away; it has some. */
int sfe_refuse_none(struct sfe_nl *nl, int ifindex, const char *where, struct sfe_error *err);

#endif
