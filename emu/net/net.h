/* SPDX-License-Identifier: MIT */
/*
 * A network that is up: the namespaces of a plan, alive by the descriptors held here, and the links
 * between them. Closing it (or dying) lets the kernel take everything back.
 */
#ifndef SFE_NET_NET_H
#define SFE_NET_NET_H

#include <stdbool.h>

#include "emu/net/plan.h"
#include "sfemu/link.h"
#include "shaper/shaper.h"

#define SFE_FIRST_PORT_INDEX                                                                       \
	10 /* port i of a host has interface index 10 + i: chosen, so that none is asked for */

struct sfe_net_params {
	uint64_t seed; /* of the links' chance; each direction has a stream of its own */
	/* Two a link of the topology, by direction: link[2 * l + SFE_UP]; a spec of zeros shapes
	 * nothing. Media of half duplex have the first for all. */
	const struct sfe_link_spec *link;
	uint32_t mtu;
	const char *congestion; /* TCP congestion control of the nodes */
	bool slow_start_after_idle, sack, timestamps;
	uint32_t rmem_max, wmem_max; /* bytes */
	uint32_t initial_window;     /* segments */
};

struct sfe_net {
	const struct sfe_plan *plan; /* borrowed, as are the parameters */
	const struct sfe_net_params *params;
	int home;                   /* the namespace that the process was in */
	int *ns;                    /* a descriptor a host */
	struct sfe_link_spec *link; /* as they are now, like params->link */
	uint32_t *changes;          /* how often each was changed */
	bool partitioned;
	struct sfe_nl *nl;
};

/* Builds, shapes, reads back. Returns in the namespace that it was called in. Needs CAP_SYS_ADMIN
 * and CAP_NET_ADMIN. */
int sfe_net_build(const struct sfe_plan *plan, const struct sfe_net_params *params,
	struct sfe_net **out, struct sfe_error *err);
void sfe_net_close(struct sfe_net *net);

/* What the direction of a link does now, with the seed of its chance. */
struct sfe_link_spec sfe_net_spec(
	const struct sfe_net *net, uint32_t link, enum sfe_link_direction direction);
/*
 * Changes a direction of a link in the running network to a complete other specification, in one
 * atomic step, and reads it back; the seed in it is not used. MTU and duplex stay as they were
 * built: other ones are refused.
 */
int sfe_net_change(struct sfe_net *net, uint32_t link, enum sfe_link_direction direction,
	const struct sfe_link_spec *spec, struct sfe_error *err);
/* Whether it can be changed to that, before anything is. */
int sfe_net_can_change(const struct sfe_net *net, uint32_t link, enum sfe_link_direction direction,
	const struct sfe_link_spec *spec, struct sfe_error *err);

/*
 * From now on no packet gets from a node of the set (by node of the topology; at least one is in
 * it and one is not) to one that is not in it, or back. Another partition replaces it; heal ends
 * it.
 */
int sfe_net_partition(struct sfe_net *net, const bool *set, struct sfe_error *err);
int sfe_net_heal(struct sfe_net *net, struct sfe_error *err);

/*
 * All links as they were built, and their chance from its start: what follows meets the same
 * network as what was first. Nothing that waits is lost.
 */
int sfe_net_restart(struct sfe_net *net, struct sfe_error *err);

/* The MTU of a host's port: the smallest of the links (and media) on its cable. */
uint32_t sfe_net_mtu(const struct sfe_net *net, uint32_t host, uint32_t port);
/* Whether a medium's port leads to a station: a node, or, where there is none at it, anything. */
bool sfe_net_is_station(const struct sfe_plan *p, uint32_t medium, uint32_t port);
/* All that a host shapes, into shaped (its ports and two more); returns how many. */
uint32_t sfe_net_shaped(const struct sfe_net *net, uint32_t host, struct sfe_shaped *shaped);

/* Moves the calling thread into a host's namespace, or back to where it was. */
int sfe_net_enter(const struct sfe_net *net, uint32_t host, struct sfe_error *err);
int sfe_net_leave(const struct sfe_net *net, struct sfe_error *err);

/* One direction of a link, or a medium as a whole (to == SFE_NONE), with what its interfaces
 * counted. */
struct sfe_link_count {
	uint32_t link; /* index into the topology's links */
	enum sfe_link_direction direction;
	uint32_t from, to; /* hosts */
	uint64_t wire_bytes,
		packets; /* frames as the receiving side counts them, with their Ethernet header */
	uint64_t drops;  /* by the link's own queue: full, or managed */
	uint64_t losses; /* as asked */
	uint32_t backlog_bytes, backlog_packets; /* waiting and under way now */
};

/* Reads everything back and compares it with what was asked; sfe_net_build has done it once. */
int sfe_net_verify(struct sfe_net *net, struct sfe_error *err);

/* All links in the order of the topology; *rows is the caller's (free). Also verifies the qdiscs
 * once more. */
int sfe_net_count(
	struct sfe_net *net, struct sfe_link_count **rows, uint32_t *n, struct sfe_error *err);

#endif
