/* SPDX-License-Identifier: MIT */
#include "emu/net/turns.h"

#include <errno.h>
#include <stdlib.h>

struct sfe_net_turns {
	struct sfe_stations *of_host; /* n 0: none */
	const char **port;            /* the names of all their ports, one host's after another's */
};

static bool has_stations(const struct sfe_net *net, uint32_t host)
{
	const struct sfe_plan *p = net->plan;

	if (p->hosts[host].kind != SFE_HOST_MEDIUM)
		return false;
	uint32_t link = p->hosts[host].vertex - p->topology->n_nodes;
	return net->link[SFE_DIRECTIONS * link + SFE_UP].medium != SFE_MEDIUM_FIFO;
}

int sfe_net_turns_find(struct sfe_net *net)
{
	const struct sfe_plan *p = net->plan;
	size_t n = 0;

	for (uint32_t h = 0; h < p->n_hosts; h++)
		n += has_stations(net, h) ? p->hosts[h].n_ports : 0;
	if (!n)
		return 0;
	net->turns = calloc(1, sizeof(*net->turns));
	if (!net->turns)
		return -ENOMEM;
	net->turns->of_host = calloc(p->n_hosts, sizeof(*net->turns->of_host));
	net->turns->port = calloc(n, sizeof(*net->turns->port));
	if (!net->turns->of_host || !net->turns->port)
		return -ENOMEM;
	n = 0;
	for (uint32_t h = 0; h < p->n_hosts; h++) {
		const struct sfe_host *host = &p->hosts[h];
		if (!has_stations(net, h))
			continue;
		net->turns->of_host[h] = (struct sfe_stations){
			host->n_ports, SFE_FIRST_PORT_INDEX, net->turns->port + n};
		for (uint32_t i = 0; i < host->n_ports; i++)
			net->turns->port[n++] =
				p->cables[host->ports[i].cable].end[host->ports[i].side].ifname;
	}
	return 0;
}

void sfe_net_turns_free(struct sfe_net *net)
{
	if (!net->turns)
		return;
	free(net->turns->of_host);
	free(net->turns->port);
	free(net->turns);
}

const struct sfe_stations *sfe_net_stations(const struct sfe_net *net, uint32_t host)
{
	if (!net->turns || !net->turns->of_host[host].n)
		return NULL;
	return &net->turns->of_host[host];
}
