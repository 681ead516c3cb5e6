/* SPDX-License-Identifier: MIT */
/* netem: delay, rate, loss, duplication, corruption, reordering and slots of one interface. */
#ifndef SFE_SHAPER_NETEM_H
#define SFE_SHAPER_NETEM_H

#include "sfemu/link.h"
#include "shaper/netlink.h"

#define SFE_NETEM_HANDLE 0x10000u /* 1: */

/* Queues the message that makes a netem with this specification the interface's root qdisc, or
 * changes the netem that it has. */
int sfe_netem_set(struct sfe_nl *nl, int ifindex, const struct sfe_link_spec *spec, uint32_t mtu,
	const char *where, struct sfe_error *err);

/* Compares what the kernel reports (TCA_OPTIONS) with the specification, except for the delay
 * table, which the kernel does not report. */
int sfe_netem_compare(struct nlattr *options, const struct sfe_link_spec *spec, uint32_t mtu,
	const char *where, struct sfe_error *err);

#endif
