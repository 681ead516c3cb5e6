/* SPDX-License-Identifier: MIT */
/* The sums of the frames that port_count.h counts. */
#ifndef SFE_NET_PORT_SUMS_H
#define SFE_NET_PORT_SUMS_H

#include "emu/net/net.h"

struct sfe_port_count {
	int *map;    /* of each host */
	int *socket; /* of all interfaces */
	uint32_t n, room, n_hosts;
};

struct sfe_port_sum {
	uint64_t bytes, packets;
};
/* The sums of a host's ports, then those of its IFB devices, by direction: n_ports +
 * SFE_DIRECTIONS of them. */
int sfe_net_port_read(
	const struct sfe_net *net, uint32_t host, struct sfe_port_sum *sums, struct sfe_error *err);

#endif
