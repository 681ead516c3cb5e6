/* SPDX-License-Identifier: MIT */
/* Derived values of a link's specification, and checks of its attributes against each other. */
#include "sfemu/link.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "sfemu/units.h"

#define ETHERNET_HEADER 14u
/* The kernel's policer keeps a queue as time, in 32 bits of 64 ns. */
#define MAX_QUEUE_NS ((uint64_t)UINT32_MAX * 64)

double sfe_link_queue_bytes(const struct sfe_link_spec *spec)
{
	if (spec->queue_bytes || spec->queue_packets)
		return (double)spec->queue_bytes;
	return (double)spec->rate_bps / 8e9 * (double)spec->queue_ns;
}

double sfe_link_frame_ns(const struct sfe_link_spec *spec, uint32_t frame_bytes)
{
	double bytes = (double)frame_bytes + spec->overhead;
	double cells = spec->cell_bytes ? bytes / spec->cell_bytes : 0;

	if (!spec->rate_bps)
		return 0;
	if (spec->cell_bytes) {
		uint64_t whole = (uint64_t)cells;
		whole += (double)whole < cells;
		bytes = (double)whole * ((double)spec->cell_bytes + spec->cell_overhead);
	}
	return bytes * 8e9 / (double)spec->rate_bps;
}

static int check_queue(const struct sfe_link_spec *spec, uint32_t mtu, struct sfe_error *err)
{
	uint64_t frame = (spec->mtu ? spec->mtu : mtu) + ETHERNET_HEADER;
	char todo[128], size[SFE_UNIT_TEXT], time[SFE_UNIT_TEXT];
	uint64_t bytes = (uint64_t)sfe_link_queue_bytes(spec);

	if (!spec->rate_bps || (spec->queue_packets && !spec->queue_bytes))
		return 0;
	if (bytes < frame) {
		uint64_t ns =
			(uint64_t)((frame * (unsigned __int128)8000000000u + spec->rate_bps - 1) /
				   spec->rate_bps);
		snprintf(todo, sizeof(todo), "give it at least %s or %s",
			sfe_format_size(frame, size), sfe_format_time(ns, time));
		return sfe_fail(err, -EINVAL, NULL, todo,
			"holds %" PRIu64 " bytes, less than one packet of %" PRIu64, bytes, frame);
	}
	if ((double)bytes * 8e9 / (double)spec->rate_bps > (double)MAX_QUEUE_NS)
		return sfe_fail(err, -EINVAL, NULL, "ask for less, or for a number of packets",
			"%" PRIu64 " bytes at this rate are more than 274 s, which the kernel "
			"cannot count",
			bytes);
	return 0;
}

int sfe_link_check(const struct sfe_link_spec *spec, uint32_t mtu, const char **attribute,
	struct sfe_error *err)
{
	*attribute = "queue";
	int r = check_queue(spec, mtu, err);
	if (r)
		return r;
	*attribute = "overhead";
	if (spec->overhead < 0 && (uint32_t)-spec->overhead >= ETHERNET_HEADER + 20)
		return sfe_fail(err, -EINVAL, NULL, "write -33 or more",
			"removes more bytes than the smallest packet has");
	/* The policer that keeps the queue knows ATM's cells only. */
	bool counted = !spec->cell_bytes || (spec->cell_bytes == 48 && spec->cell_overhead == 5);
	bool managed = sfe_link_is_managed(spec);
	if (spec->rate_bps && (managed || !spec->queue_packets) && (spec->overhead < 0 || !counted))
		return sfe_fail(err, -EINVAL, NULL,
			"give a droptail queue in packets, such as queue: 100 packets",
			"a queue in bytes or time, or one that is managed or of a station, is kept "
			"for an overhead from 0 and for cells of 48 5 only");
	if (spec->medium == SFE_MEDIUM_DCF && spec->cell_bytes)
		return sfe_fail(err, -EINVAL, NULL, "write bytes only, or medium: fair",
			"frames of 802.11 are not cut into cells");
	*attribute = "delay_correlation";
	if (spec->delay_correlation > 0 && !sfe_delay_varies(&spec->delay))
		return sfe_fail(err, -EINVAL, NULL, "give a delay that varies, or leave it out",
			"a constant delay is not correlated");
	*attribute = "reorder";
	if (spec->reorder_gap && spec->delay.law == SFE_DELAY_NONE)
		return sfe_fail(err, -EINVAL, NULL, "give the link a delay",
			"reordered packets skip the delay, and the link has none");
	*attribute = spec->medium == SFE_MEDIUM_FIFO ? "discipline" : "medium";
	if (managed && !spec->rate_bps)
		return sfe_fail(err, -EINVAL, NULL, "give the link a rate",
			"without a rate nothing waits, and there is no queue to manage");
	return sfe_link_check_medium(spec, attribute, err);
}

char *sfe_link_attribute_text(const struct sfe_link_attribute *a, const struct sfe_link_spec *spec)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return NULL;
	a->print(spec, f);
	if (fclose(f)) {
		free(text);
		return NULL;
	}
	return text;
}
