/* SPDX-License-Identifier: MIT */
/*
 * A running network: the namespaces of a plan and the links between them. The namespaces live by
 * the descriptors held here. When the network is closed, or the process dies, the kernel removes
 * everything.
 */
#ifndef SFE_NET_NET_H
#define SFE_NET_NET_H

#include <stdbool.h>

#include "emu/net/plan.h"
#include "sfemu/link.h"
#include "shaper/shaper.h"

/* Port i of a host has interface index 10 + i. The indices are chosen here, so that no index has to
 * be read back. */
#define SFE_FIRST_PORT_INDEX 10

struct sfe_net_params {
	uint64_t seed; /* of the links' randomness; each direction has its own stream */
	/* Two for each link of the topology, by direction: link[2 * l + SFE_UP]. A specification of
	 * zeros shapes nothing. A half-duplex medium uses the first only. */
	const struct sfe_link_spec *link;
	uint32_t mtu;
	const char *congestion; /* TCP congestion control of the nodes */
	bool slow_start_after_idle, sack, timestamps;
	uint32_t rmem_max, wmem_max; /* bytes */
	uint32_t initial_window;     /* segments */
	bool own_kernel; /* a guest's: what its namespaces begin with is changed by nobody else */
};

struct sfe_port_count;
struct sfe_net_turns;

struct sfe_net {
	const struct sfe_plan *plan; /* borrowed, as are the parameters */
	const struct sfe_net_params *params;
	int home;                   /* the namespace of the process before */
	int *ns;                    /* one descriptor per host */
	struct sfe_link_spec *link; /* the current specifications, indexed like params->link */
	uint32_t *changes;          /* how often each was changed, indexed alike */
	bool partitioned;
	bool reorders; /* a link was asked to, since the network was last as it was built */
	struct sfe_nl *nl;
	struct sfe_net_turns *turns; /* the media whose stations take turns */
	struct sfe_port_count *port; /* NULL: no TCP port is counted apart */
};

/* Builds the network, shapes its links and reads everything back. Returns in the namespace that it
 * was called in. Needs CAP_SYS_ADMIN and CAP_NET_ADMIN. */
int sfe_net_build(const struct sfe_plan *plan, const struct sfe_net_params *params,
	struct sfe_net **out, struct sfe_error *err);
void sfe_net_close(struct sfe_net *net);

/* The current specification of a link's direction, with the seed of its random numbers. */
struct sfe_link_spec sfe_net_spec(
	const struct sfe_net *net, uint32_t link, enum sfe_link_direction direction);
/*
 * Changes a direction of a link in the running network to a complete other specification, in one
 * atomic step, and reads it back. The seed in it is not used. MTU, medium, duplex and discipline
 * cannot change: other ones are refused.
 */
int sfe_net_change(struct sfe_net *net, uint32_t link, enum sfe_link_direction direction,
	const struct sfe_link_spec *spec, struct sfe_error *err);
/* Checks whether sfe_net_change would accept the specification, without changing anything. */
int sfe_net_can_change(const struct sfe_net *net, uint32_t link, enum sfe_link_direction direction,
	const struct sfe_link_spec *spec, struct sfe_error *err);

/*
 * Partitions the network: from now on no packet gets from a node of the set to a node outside it,
 * or back. The set is indexed by node of the topology; at least one node is in it and one is not. A
 * second partition replaces the first. sfe_net_heal ends it.
 */
int sfe_net_partition(struct sfe_net *net, const bool *set, struct sfe_error *err);
int sfe_net_heal(struct sfe_net *net, struct sfe_error *err);

/*
 * Sets all links to the specifications that they were built with, and their random streams to the
 * start, so that the next strategy meets the same network as the first. No queued packet is lost.
 */
int sfe_net_restart(struct sfe_net *net, struct sfe_error *err);

/* The MTU of a host's port: the smallest of the links and media of its cable. */
uint32_t sfe_net_mtu(const struct sfe_net *net, uint32_t host, uint32_t port);
/* Whether a medium's port leads to a station: to a node, or, if the medium has no node, to any
 * host. */
bool sfe_net_is_station(const struct sfe_plan *p, uint32_t medium, uint32_t port);
/* Fills shaped with all shaped interfaces of a host, and returns how many there are. shaped has
 * room for the host's ports and two more. */
uint32_t sfe_net_shaped(const struct sfe_net *net, uint32_t host, struct sfe_shaped *shaped);

/* Move the calling thread into a host's namespace, or back into the one before. */
int sfe_net_enter(const struct sfe_net *net, uint32_t host, struct sfe_error *err);
int sfe_net_leave(const struct sfe_net *net, struct sfe_error *err);

/* The counters of one direction of a link, or of a medium (to == SFE_NONE). */
struct sfe_link_count {
	uint32_t link; /* index into the topology's links */
	enum sfe_link_direction direction;
	uint32_t from, to; /* hosts */
	/* Frames with their Ethernet header, counted at the receiver. */
	uint64_t wire_bytes, packets;
	/* Those of them that are of the counted TCP port; 0 if none is. */
	uint64_t port_bytes, port_packets;
	uint64_t drops;                          /* by the link's own queue: full, or managed */
	uint64_t losses;                         /* as the specification asks */
	uint32_t backlog_bytes, backlog_packets; /* queued and in flight now */
};

/* Reads everything back and compares it with the specifications. sfe_net_build has done so once. */
int sfe_net_read_back(struct sfe_net *net, struct sfe_error *err);

/* Reads the counters of all links, in the order of the topology, and verifies their qdiscs again.
 * The caller frees *rows. */
int sfe_net_count(
	struct sfe_net *net, struct sfe_link_count **rows, uint32_t *n, struct sfe_error *err);

#endif
