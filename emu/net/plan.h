/* SPDX-License-Identifier: MIT */
/*
 * The plan of a network: its hosts (namespaces), cables (veth pairs), addresses and routes.
 * planner.h says how a topology becomes one. Pure.
 */
#ifndef SFE_NET_PLAN_H
#define SFE_NET_PLAN_H

#include "sfemu/link.h"
#include "sfemu/topology.h"

#define SFE_IFNAME_SIZE 16 /* IFNAMSIZ */

enum sfe_host_kind { SFE_HOST_NODE, SFE_HOST_JUNCTION, SFE_HOST_MEDIUM };

struct sfe_port { /* one end of a cable */
	uint32_t cable;
	uint32_t side; /* 0: the cable's a, 1: its b */
};

struct sfe_route {
	uint32_t prefix; /* host byte order */
	uint8_t length;
	uint32_t port; /* index into the host's ports; the next hop is the host at its other end */
};

struct sfe_host {
	const char *name; /* borrowed from the topology, or own_name */
	char *own_name;
	enum sfe_host_kind kind;
	uint32_t vertex;  /* of the topology; SFE_NONE for a junction that the planner added */
	uint32_t address; /* IPv4, host byte order */
	uint8_t block;    /* prefix length of its subtree's block */
	uint32_t parent;  /* host, SFE_NONE at the root */
	uint32_t n_ports;
	struct sfe_port *ports;
	uint32_t n_routes;
	struct sfe_route *routes;
};

struct sfe_cable_end {
	uint32_t host, port; /* port: index into the host's ports */
	/* The link that carries packets from here to the other end, as an index into the topology's
	 * links; SFE_NONE: a bare cable. */
	uint32_t link;
	/* Of a bare cable: the topology's edge from here to the other end, for its latency. */
	uint32_t edge;
	char ifname[SFE_IFNAME_SIZE];
	uint8_t mac[6];
};

struct sfe_cable {
	struct sfe_cable_end end[2];
};

struct sfe_plan {
	const struct sfe_topology *topology; /* borrowed */
	uint32_t n_hosts;
	struct sfe_host *hosts;
	uint32_t n_cables;
	struct sfe_cable *cables;
	uint32_t *host_of_vertex; /* SFE_NONE for links that are cables */
};

void sfe_plan_free(struct sfe_plan *p);

/* The host of that name, SFE_NONE if there is none. */
uint32_t sfe_plan_host(const struct sfe_plan *p, const char *name);
/* The far end of the cable at port i of a host. */
const struct sfe_cable_end *sfe_plan_peer(
	const struct sfe_plan *p, const struct sfe_host *h, uint32_t i);
/*
 * The direction in which a link carries packets from one host to its neighbour. An uplink carries
 * them up, a downlink down. An access link is up from its node; between two nodes, or two other
 * hosts, up is from the one with the lower index.
 */
enum sfe_link_direction sfe_plan_direction(
	const struct sfe_plan *p, uint32_t link, uint32_t from, uint32_t to);
/* Total number of routes. */
uint64_t sfe_plan_routes(const struct sfe_plan *p);

#endif
