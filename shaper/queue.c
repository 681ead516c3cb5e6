/* SPDX-License-Identifier: MIT */
#include "shaper/queue.h"

#include <math.h>

#define NS_PER_S 1000000000ull
#define ATM_CELL 48u
#define MIN_FRAME 34u /* Ethernet and IP headers */
#define NO_LIMIT 1000000u

bool sfe_shaper_shapes(const struct sfe_link_spec *s)
{
	return s->rate_bps || s->delay.law != SFE_DELAY_NONE || s->loss.model != SFE_LOSS_RANDOM ||
	       s->loss.p[0] > 0 || s->loss.packets || s->duplicate.probability > 0 ||
	       s->corrupt.probability > 0 || s->slots.max_ns;
}

bool sfe_shaper_polices(const struct sfe_link_spec *spec)
{
	bool counted =
		!spec->cell_bytes || (spec->cell_bytes == ATM_CELL && spec->cell_overhead == 5);

	return spec->rate_bps && !sfe_link_is_managed(spec) && counted && spec->overhead >= 0 &&
	       (spec->queue_bytes || !spec->queue_packets);
}

bool sfe_shaper_manages(const struct sfe_link_spec *spec)
{
	return spec->rate_bps && sfe_link_is_managed(spec);
}

bool sfe_shaper_contends(const struct sfe_link_spec *spec)
{
	return spec->rate_bps && spec->medium == SFE_MEDIUM_DCF;
}

uint32_t sfe_shaper_managed_packets(const struct sfe_link_spec *spec, uint32_t mtu)
{
	double n = ceil(sfe_link_queue_bytes(spec) / (mtu + SFE_FRAME_OVERHEAD));

	if (spec->queue_packets && !spec->queue_bytes)
		return spec->queue_packets;
	return (uint32_t)fmin(fmax(n, 1), UINT32_MAX);
}

static double in_flight_bytes(const struct sfe_link_spec *spec)
{
	struct sfe_delay_netem delay = {0};

	sfe_delay_netem_range(&spec->delay, &delay, NULL);
	return (double)spec->rate_bps / 8 / NS_PER_S * (double)delay.max_ns;
}

static double frames(double bytes, uint32_t frame)
{
	return fmax(1, ceil(bytes / frame));
}

uint32_t sfe_shaper_limit(const struct sfe_link_spec *spec, uint32_t mtu)
{
	uint32_t frame = mtu + SFE_FRAME_OVERHEAD;
	double bytes = in_flight_bytes(spec), limit;

	/* Without a rate nothing is queued, and the number of packets in flight has no bound. */
	if (!spec->rate_bps)
		return NO_LIMIT;
	if (!sfe_shaper_polices(spec) && !sfe_shaper_manages(spec))
		limit = (spec->queue_packets ? spec->queue_packets + 1
					     : frames(sfe_link_queue_bytes(spec), frame)) +
			frames(bytes, frame);
	else
		/* Something else keeps the queue, and this limit only bounds memory. It holds
		 * packets of any size, and those still in flight from before a change. */
		limit = fmax(NO_LIMIT,
			frames(2 * (sfe_link_queue_bytes(spec) + bytes + frame), MIN_FRAME));
	return limit > UINT32_MAX ? UINT32_MAX : (uint32_t)limit;
}
