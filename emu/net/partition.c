/* SPDX-License-Identifier: MIT */
/*
 * A partition: the nodes of a set reach each other, and so do the others, but no packet gets from
 * one side to the other. Packets are dropped where they arrive, so that it does not matter which
 * links the two sides share.
 */
#include "emu/net/net.h"
#include "shaper/ingress_filter.h"

/* Adds the rules of one port: a node of the set accepts packets of the set only, another node all
 * packets but those of the set. */
static int add_rules(struct sfe_net *net, uint32_t h, int ifindex, bool inside, const bool *set,
	struct sfe_error *err)
{
	const struct sfe_plan *p = net->plan;
	const char *name = p->hosts[h].name;
	int r = 0;

	for (uint32_t n = 0; n < p->topology->n_nodes && !r; n++)
		if (set[n])
			r = sfe_ingress_filter_add(&net->nl[h], ifindex,
				p->hosts[p->host_of_vertex[n]].address, 32, inside, name, err);
	if (inside && !r)
		r = sfe_ingress_filter_add(&net->nl[h], ifindex, 0, 0, false, name, err);
	return r;
}

int sfe_net_heal(struct sfe_net *net, struct sfe_error *err)
{
	const struct sfe_plan *p = net->plan;
	int r = 0;

	for (uint32_t n = 0; net->partitioned && n < p->topology->n_nodes && !r; n++) {
		uint32_t h = p->host_of_vertex[n];
		for (uint32_t i = 0; i < p->hosts[h].n_ports && !r; i++)
			r = sfe_ingress_filter_clear(
				&net->nl[h], SFE_FIRST_PORT_INDEX + (int)i, p->hosts[h].name, err);
		r = r ? r : sfe_nl_flush(&net->nl[h], err);
	}
	net->partitioned = false;
	return r;
}

int sfe_net_partition(struct sfe_net *net, const bool *set, struct sfe_error *err)
{
	const struct sfe_plan *p = net->plan;
	int r = sfe_net_heal(net, err);

	net->partitioned = true;
	for (uint32_t n = 0; n < p->topology->n_nodes && !r; n++) {
		uint32_t h = p->host_of_vertex[n];
		for (uint32_t i = 0; i < p->hosts[h].n_ports && !r; i++)
			r = add_rules(net, h, SFE_FIRST_PORT_INDEX + (int)i, set[n], set, err);
		r = r ? r : sfe_nl_flush(&net->nl[h], err);
	}
	return r;
}
