/* SPDX-License-Identifier: MIT */
/*
 * Turns a link's specification into qdiscs, reads them back and compares.
 *
 * One direction of a link is shaped at the egress of the interface that its packets leave by, in
 * this order:
 * 1. packet-list loss (packet_list_loss.c), if the specification has a list;
 * 2. the queue: a policer that keeps it in bytes (police.c), or a managed queue on an IFB device of
 *    its own, which then also keeps the rate (aqm.c);
 * 3. netem (netem.c): delay, rate, random loss and all the rest.
 *
 * netem orphans each packet when it has a delay or a rate: the packet no longer counts against the
 * sending socket, so that TCP small queues do not push back into the sender.
 *
 * netem sends a packet at max(time of the last packet, now + delay) + its transmission time at the
 * rate. As long as there is a rate, order is therefore kept, whatever the delays are. A link
 * without a rate that must keep order gets a rate so high that no packet takes a nanosecond.
 *
 * A shared link is one medium. All packets that arrive at any port of its host are redirected at
 * ingress to one IFB device, wait in that device's one netem, and continue as if they had just
 * arrived. A full-duplex medium has two IFB devices: packets from a station pass through the first,
 * packets to a station through the second. A half-duplex medium with a managed queue has two as
 * well: packets pass through the managed queue on their way in, and through netem on their way out.
 * So has a medium whose stations take turns or contend; each has a queue of its own there
 * (contention.c).
 */
#ifndef SFE_SHAPER_SHAPER_H
#define SFE_SHAPER_SHAPER_H

#include "sfemu/link.h"
#include "shaper/ifb.h"
#include "shaper/netlink.h"
#include "shaper/queue.h"
#include "shaper/shaped.h"

/* Queues the messages that shape an interface that has no qdisc or filter yet. A specification that
 * shapes nothing sets nothing. */
int sfe_shaper_set(struct sfe_nl *nl, const struct sfe_shaped *s, struct sfe_error *err);
/*
 * Queues the messages that change a shaped interface to s, a complete other specification. netem
 * changes in one atomic step, and so does what keeps the queue. No queued packet is lost, and no
 * attribute keeps its old value. A packet in flight keeps the departure time that it was given, and
 * no later packet overtakes it.
 *
 * A policer with the same rate and queue is left alone, because a change makes it forget its
 * backlog. The same packet list is left alone and goes on counting; another list counts from 1.
 * Without `before` (NULL) everything is set.
 */
int sfe_shaper_change(struct sfe_nl *nl, const struct sfe_link_spec *before,
	const struct sfe_shaped *s, struct sfe_error *err);

/*
 * Queues the messages that make a medium: an IFB device (up) and its shaping. The caller then
 * redirects the medium's ports to it (sfe_ifb_redirect), at ingress or at egress. If the queue is
 * managed, ingress goes to the device of the queue (sfe_ifb_of_queue) and egress to this one.
 */
int sfe_shaper_medium(struct sfe_nl *nl, const struct sfe_shaped *ifb, struct sfe_error *err);

/* Reads the namespace's qdiscs and filters back, and fills in what they count. A difference from
 * the specification is an error that names the link and the field. */
int sfe_shaper_read_back(
	struct sfe_nl *nl, struct sfe_shaped *shaped, uint32_t n, struct sfe_error *err);

#endif
