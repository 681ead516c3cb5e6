/* SPDX-License-Identifier: MIT */
/* IFB devices, and the redirection of an interface's packets to them. */
#ifndef SFE_SHAPER_IFB_H
#define SFE_SHAPER_IFB_H

#include <stdbool.h>

#include "shaper/netlink.h"

/* The IFB devices of a medium in its own namespace, one for each direction; a half-duplex medium
 * has the first only. */
#define SFE_IFB_INDEX 5
#define SFE_IFB_NAME "ifb"

/* The index of the IFB device that holds the managed queue of an interface. */
int sfe_ifb_of_queue(int ifindex);
/* Queues the message that adds an IFB device (up). The name is copied. */
int sfe_ifb_add(struct sfe_nl *nl, int ifb, const char *name, uint32_t mtu, const char *where,
	struct sfe_error *err);
/* Queues the messages that redirect all packets of an interface, at its egress or its ingress, to
 * an IFB device. */
int sfe_ifb_redirect(struct sfe_nl *nl, int ifindex, bool egress, int ifb, const char *where,
	struct sfe_error *err);

#endif
