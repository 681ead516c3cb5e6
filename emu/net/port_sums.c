/* SPDX-License-Identifier: MIT */
#include "emu/net/port_sums.h"

#include <string.h>

#include "shaper/bpf.h"

int sfe_net_port_read(
	const struct sfe_net *net, uint32_t host, struct sfe_port_sum *sums, struct sfe_error *err)
{
	const struct sfe_host *h = &net->plan->hosts[host];
	int r = sfe_bpf_array_read(
		net->port->map[host], sums, sizeof(*sums), h->n_ports + SFE_DIRECTIONS);

	return r ? sfe_fail(err, r, h->name, NULL, "cannot read the workers' traffic: %s",
			   strerror(-r))
		 : 0;
}
