/* SPDX-License-Identifier: MIT */
/*
 * A link's specification made into qdiscs, read back and compared.
 *
 * What one direction of a link does stands on the egress of the interface that it leaves by, as one
 * netem with `rate` and `delay` (no TBF or HTB in a delay path). netem orphans a packet when it has
 * a delay or a rate, so that TCP small queues do not push back from it into the sending socket.
 *
 * A shared link is one medium: all packets that come in at any port of its host are redirected at
 * ingress to one IFB device, wait in that device's one netem, and then go on as if they had just
 * come in.
 */
#ifndef SFE_SHAPER_SHAPER_H
#define SFE_SHAPER_SHAPER_H

#include "sfemu/link.h"
#include "shaper/netlink.h"

#define SFE_IFB_INDEX 5 /* of the medium's IFB device in its own namespace */
#define SFE_IFB_NAME "ifb0"

/* Octets that an Ethernet frame adds to its MTU, as qdiscs and interface counters count it. */
#define SFE_FRAME_OVERHEAD 14

/*
 * How many packets netem may hold: those on the way (rate x delay) and those that wait (the queue),
 * in frames of the MTU; at least one of each.
 */
uint32_t sfe_shaper_limit(const struct sfe_link_spec *spec, uint32_t mtu);

/* Queues the message that sets the root qdisc of the interface. A spec without rate and delay sets
 * none. */
int sfe_shaper_set(struct sfe_nl *nl, int ifindex, const struct sfe_link_spec *spec, uint32_t mtu,
	const char *where, struct sfe_error *err);

/* Queues the IFB device (up, index SFE_IFB_INDEX) and its qdisc; then for each port the redirection
 * to it. */
int sfe_shaper_medium(struct sfe_nl *nl, const struct sfe_link_spec *spec, uint32_t mtu,
	const char *where, struct sfe_error *err);
int sfe_shaper_medium_port(
	struct sfe_nl *nl, int ifindex, const char *where, struct sfe_error *err);

/* One interface's qdisc as it should be, for sfe_shaper_verify. */
struct sfe_shaped {
	int ifindex;
	struct sfe_link_spec spec;
	const char *where;
	uint64_t drops; /* filled: packets that the qdisc dropped since it was made */
	bool found;     /* internal */
};

/* Reads the namespace's qdiscs; a difference from what was asked is an error that names link and
 * field. */
int sfe_shaper_verify(struct sfe_nl *nl, struct sfe_shaped *shaped, uint32_t n, uint32_t mtu,
	struct sfe_error *err);

#endif
