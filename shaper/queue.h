/* SPDX-License-Identifier: MIT */
/*
 * What a specification needs: whether anything is set at all, which kind of queue it has, and how
 * many packets that queue holds. Pure functions of the specification.
 *
 * A link with a rate has one of three queues:
 * - a drop-tail queue in bytes, kept by a policer (police.c),
 * - a managed queue: codel, fq_codel or pie, or on a medium whose stations take turns one queue of
 *   any discipline a station (aqm.c), or on one for which they contend a drop-tail queue a station
 *   (contention.c),
 * - otherwise netem's own, which counts packets.
 */
#ifndef SFE_SHAPER_QUEUE_H
#define SFE_SHAPER_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "sfemu/link.h"

/* Bytes that an Ethernet frame adds to its MTU, as qdiscs and interface counters count it. */
#define SFE_FRAME_OVERHEAD 14

/* Whether the specification needs anything set at all. */
bool sfe_shaper_shapes(const struct sfe_link_spec *spec);
/* Whether a policer keeps its queue exactly (drop-tail, limited in bytes or in time). */
bool sfe_shaper_polices(const struct sfe_link_spec *spec);
/* Whether stations contend for it (contention.c): it counts as managed too. */
bool sfe_shaper_contends(const struct sfe_link_spec *spec);
/* Whether its queue is managed, or one a station; and how many packets such a queue holds. */
bool sfe_shaper_manages(const struct sfe_link_spec *spec);
uint32_t sfe_shaper_managed_packets(const struct sfe_link_spec *spec, uint32_t mtu);

/*
 * netem's limit in packets. If a policer or a managed queue keeps the queue, the limit is so high
 * that it never acts. Otherwise it is the packets in flight (rate x longest delay) plus those of
 * the queue, in frames of the MTU, at least one of each.
 */
uint32_t sfe_shaper_limit(const struct sfe_link_spec *spec, uint32_t mtu);

#endif
