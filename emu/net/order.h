/* SPDX-License-Identifier: MIT */
/*
 * Packets of one connection keep their order on links that do not reorder, on any number of CPUs.
 *
 * netem sends a packet on whatever CPU its timer fires, and a veth pair puts what it carries into
 * the backlog of the CPU that it is on. Two packets that leave one netem on two CPUs, one after
 * the other, then wait in two backlogs, and the second may be received first. Receive packet
 * steering with a single CPU puts all that arrives at an interface into one backlog: the qdisc
 * hands packets over one at a time, so their order there is that in which they were sent. What an
 * IFB device gives back, it gives back in order, through the same steering of the port.
 */
#ifndef SFE_NET_ORDER_H
#define SFE_NET_ORDER_H

#include "emu/net/net.h"

/*
 * Steers what arrives at each port to one CPU, the CPUs that this process may use in turn, and
 * reads it back. Does nothing where one CPU is all there is. Returns in the namespace outside.
 */
int sfe_net_keep_order(struct sfe_net *net, struct sfe_error *err);
/*
 * How many times a sender's TCP found, since its namespace was made, that a segment which it had
 * not sent again arrived after a later one; all nodes together. NaN: a link was asked to reorder,
 * or TCP has no SACK, which tells. Returns in the namespace outside.
 */
int sfe_net_reordered(const struct sfe_net *net, double *out, struct sfe_error *err);
/* The same of a file like /proc/net/netstat; NaN: it does not say it. */
double sfe_reordered_in(const char *netstat);

#endif
