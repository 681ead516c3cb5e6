/* SPDX-License-Identifier: MIT */
/*
 * Counts the frames of one TCP port apart, on every link.
 *
 * Theory of operation. A packet socket is bound to each interface whose counters are a link's
 * (count.c). Its filter is a BPF program that adds the length of each frame from or to the port to
 * an array of its host, and returns 0: no frame is queued or copied, and none takes another path.
 * So counting changes nothing, and the rest is the interface's counter less this one. A frame whose
 * IPv4 packet is a later fragment has no port and counts as rest.
 */
#ifndef SFE_NET_PORT_COUNT_H
#define SFE_NET_PORT_COUNT_H

#include "emu/net/port_sums.h"

/* From now on sfe_net_count() has port_bytes and port_packets, which begin at 0. */
int sfe_net_port_start(struct sfe_net *net, uint16_t port, struct sfe_error *err);
void sfe_net_port_end(struct sfe_net *net);

#endif
