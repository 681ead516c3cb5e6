/* SPDX-License-Identifier: MIT */
/* netem: delay, rate, losses, duplicates, corruption, reordering, slots of one interface. */
#ifndef SFE_SHAPER_NETEM_H
#define SFE_SHAPER_NETEM_H

#include "sfemu/link.h"
#include "shaper/netlink.h"

#define SFE_NETEM_HANDLE 0x10000u /* 1: */

/* Queues the one message that makes the interface's root qdisc a netem with all of this, or changes
 * the one that is there. */
int sfe_netem_set(struct sfe_nl *nl, int ifindex, const struct sfe_link_spec *spec, uint32_t mtu,
	const char *where, struct sfe_error *err);

/* Compares what the kernel says (TCA_OPTIONS) with all that was asked for, but for the table of
 * delays, which the kernel does not tell. */
int sfe_netem_compare(struct nlattr *options, const struct sfe_link_spec *spec, uint32_t mtu,
	const char *where, struct sfe_error *err);

#endif
