/* SPDX-License-Identifier: MIT */
/*
 * From the graph to a network, on paper: which namespaces, cables, addresses and routes a topology
 * becomes. Pure; build.c carries it out.
 *
 * - Every node, junction and shared link is a host (a namespace). A shared link's host is its
 * medium.
 * - Every other link joins exactly two hosts: a cable (a veth pair), each direction of which may
 * belong to a link of its own (an uplink one way, a downlink back). Where hosts touch without a
 * link between them (switch to switch, switch to medium) the cable is bare: it shapes nothing.
 * - Two such links that meet with no junction between get a junction of their own ("a~b").
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
	uint32_t port; /* index into the host's ports; the way goes to the host on its other end */
};

struct sfe_host {
	const char *name; /* borrowed from the topology, or own_name */
	char *own_name;
	enum sfe_host_kind kind;
	uint32_t vertex;  /* SFE_NONE for a junction that the plan added */
	uint32_t address; /* IPv4, host byte order */
	uint8_t block;    /* prefix length of its subtree's block */
	uint32_t parent;  /* host, SFE_NONE at the root */
	uint32_t n_ports;
	struct sfe_port *ports;
	uint32_t n_routes;
	struct sfe_route *routes;
};

struct sfe_cable_end {
	uint32_t host;
	uint32_t link; /* index into the topology's links of the link that leaves here, SFE_NONE:
			  bare */
	uint32_t edge; /* of a bare cable: the topology's edge that leaves here, for its latency */
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

/* Addresses are taken from 10.0.0.0/8. Fails with the link's name where a link has not two ends. */
int sfe_plan_new(const struct sfe_topology *t, struct sfe_plan **out, struct sfe_error *err);
/* Its hosts and cables alone, without addresses and routes. */
int sfe_plan_cables(const struct sfe_topology *t, struct sfe_plan **out, struct sfe_error *err);
void sfe_plan_free(struct sfe_plan *p);

/* The host of that name, SFE_NONE if there is none. */
uint32_t sfe_plan_host(const struct sfe_plan *p, const char *name);
/* The end of port i of a host that is the neighbour's. */
const struct sfe_cable_end *sfe_plan_peer(
	const struct sfe_plan *p, const struct sfe_host *h, uint32_t i);
/*
 * Which direction of a link leads from one host to its neighbour: an uplink is up, a downlink down,
 * and an access link up from its node. Between two that are alike, up is from the first.
 */
enum sfe_link_direction sfe_plan_direction(
	const struct sfe_plan *p, uint32_t link, uint32_t from, uint32_t to);
/* Total number of routes. */
uint64_t sfe_plan_routes(const struct sfe_plan *p);

#endif
