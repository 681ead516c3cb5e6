/* SPDX-License-Identifier: MIT */
/*
 * A link's specification made into qdiscs, read back and compared.
 *
 * What one direction of a link does stands on the egress of the interface that it leaves by: a
 * list of packets to lose (lose.c), a policer that keeps the queue in bytes (police.c), then one
 * netem with all the rest. Only before a queue that is managed (aqm.c) something else than netem
 * keeps the rate. netem orphans a packet
 * when it has a delay or a rate, so that TCP small queues do not push back from it into the sending
 * socket.
 *
 * netem sends a packet at max(the last packet's time, now + delay) + its own time at the rate:
 * order is kept as long as there is a rate, whatever the delays are. A link without one that needs
 * order gets a rate at which nothing takes time.
 *
 * A shared link is one medium: all packets that come in at any port of its host are redirected at
 * ingress to one IFB device, wait in that device's one netem, and then go on as if they had just
 * come in. A medium of full duplex has two of them: what its stations send goes through the first,
 * what goes out to a station through the second. A managed queue of a half duplex medium has two of
 * them as well: on the way in the queue, on the way out the netem.
 */
#ifndef SFE_SHAPER_SHAPER_H
#define SFE_SHAPER_SHAPER_H

#include "sfemu/link.h"
#include "shaper/netlink.h"

/* Of a medium's IFB devices in its own namespace, by direction; half duplex has the first. */
#define SFE_IFB_INDEX 5
#define SFE_IFB_NAME "ifb"

/* Filters of an interface in their order: losses by number, what keeps the queue. */
#define SFE_LOSE_PREFERENCE 1u
#define SFE_QUEUE_PREFERENCE 2u

/* Octets that an Ethernet frame adds to its MTU, as qdiscs and interface counters count it. */
#define SFE_FRAME_OVERHEAD 14

/*
 * How many packets netem may hold. Where something before it keeps the queue it never acts; else
 * those on the way (rate x longest delay) and those that wait (the queue), in frames of the MTU, at
 * least one of each.
 */
uint32_t sfe_shaper_limit(const struct sfe_link_spec *spec, uint32_t mtu);

/* Whether the specification needs anything set at all. */
bool sfe_shaper_shapes(const struct sfe_link_spec *spec);
/* Whether its queue is kept exactly, in bytes, by a policer (drop-tail, in bytes or time). */
bool sfe_shaper_polices(const struct sfe_link_spec *spec);

/* Whether its queue is one that a discipline manages; and how many packets that holds. */
bool sfe_shaper_manages(const struct sfe_link_spec *spec);
uint32_t sfe_shaper_managed_packets(const struct sfe_link_spec *spec, uint32_t mtu);
/* The IFB device that it stands on, before the interface's own netem. */
int sfe_shaper_queue_device(int ifindex);

/* Queues the messages that shape an interface that has nothing yet. A spec that shapes nothing sets
 * nothing. mtu: of the interface. */
int sfe_shaper_set(struct sfe_nl *nl, int ifindex, const struct sfe_link_spec *spec, uint32_t mtu,
	const char *where, struct sfe_error *err);
/*
 * Queues the messages that change an interface that is shaped to a complete other specification:
 * one atomic change of netem (and one of what keeps the queue), in which nothing that waits is lost
 * and no attribute stays as it was. What is under way keeps the time that it was given, and nothing
 * overtakes it. A policer that stays as it was (rate and queue do) is left alone, as a change makes
 * it forget what waits. So is a list of packets to lose, which counts on; another one begins at 1.
 * Without `before` (NULL) all is set in any case.
 */
int sfe_shaper_change(struct sfe_nl *nl, int ifindex, const struct sfe_link_spec *before,
	const struct sfe_link_spec *spec, uint32_t mtu, const char *where, struct sfe_error *err);

/* Queues the clsact qdisc, which redirection and policer hang on. */
int sfe_shaper_clsact(struct sfe_nl *nl, int ifindex, const char *where, struct sfe_error *err);

/* Queues an IFB device (up). The name is copied. */
int sfe_shaper_ifb(struct sfe_nl *nl, int ifb, const char *name, uint32_t mtu, const char *where,
	struct sfe_error *err);
/* Queues an IFB device (up) and its shaping; then for each port, at its ingress or its egress, the
 * redirection to it. Where its queue is managed, what comes in is redirected to the device of that,
 * and to this one what goes out. */
int sfe_shaper_medium(struct sfe_nl *nl, int ifb, const struct sfe_link_spec *spec, uint32_t mtu,
	const char *where, struct sfe_error *err);
int sfe_shaper_medium_port(struct sfe_nl *nl, int ifindex, bool egress, int ifb, const char *where,
	struct sfe_error *err);

/* One interface's shaping as it should be, for sfe_shaper_verify. */
struct sfe_shaped {
	int ifindex;
	struct sfe_link_spec spec;
	uint32_t mtu;
	const char *where;
	uint32_t link; /* which it is of, for the caller */
	enum sfe_link_direction direction;
	/* Filled, since it was made: */
	uint64_t drops;                          /* packets that the queue refused or dropped */
	uint64_t losses;                         /* packets that were lost as asked */
	uint32_t backlog_bytes, backlog_packets; /* waiting and under way now */
	uint64_t netem_drops;                    /* internal */
	bool found, policer_found, queue_found, rate_found;
};

/* Reads the namespace's qdiscs and policers; a difference from what was asked is an error that
 * names link and field. */
int sfe_shaper_verify(
	struct sfe_nl *nl, struct sfe_shaped *shaped, uint32_t n, struct sfe_error *err);

#endif
