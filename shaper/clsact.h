/* SPDX-License-Identifier: MIT */
/* The clsact qdisc, which the filters of an interface hang on, and the order of these filters. */
#ifndef SFE_SHAPER_CLSACT_H
#define SFE_SHAPER_CLSACT_H

#include "shaper/netlink.h"

/* Preferences of an interface's egress filters: packet-list loss first, then the queue (policer or
 * redirection to an IFB device). */
#define SFE_LOSS_PREFERENCE 1u
#define SFE_QUEUE_PREFERENCE 2u

/* Queues the message that adds a clsact qdisc; nothing changes if the interface has one. */
int sfe_clsact_add(struct sfe_nl *nl, int ifindex, const char *where, struct sfe_error *err);

#endif
