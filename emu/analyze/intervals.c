/* SPDX-License-Identifier: MIT */
#include "emu/analyze/intervals.h"

#include <stdlib.h>
#include <string.h>

int64_t sfe_interval_of(uint64_t time_ns, uint64_t origin_ns, uint64_t interval_ns)
{
	if (time_ns >= origin_ns)
		return (int64_t)((time_ns - origin_ns) / interval_ns);
	return -(int64_t)((origin_ns - time_ns - 1) / interval_ns) - 1;
}

/* The first that is not before the index. */
static uint32_t place_of(const struct sfe_intervals *v, int64_t index)
{
	uint32_t low = 0, high = v->n;

	if (!v->n || v->all[v->n - 1].index < index)
		return v->n;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (v->all[middle].index < index)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool sfe_intervals_add(struct sfe_intervals *v, int64_t index, uint64_t bytes)
{
	uint32_t at = place_of(v, index);

	if (at < v->n && v->all[at].index == index) {
		v->all[at].bytes += bytes;
		return true;
	}
	if (v->n == SFE_INTERVALS_MAX) {
		v->left_out += bytes;
		return true;
	}
	if (v->n == v->room) {
		uint32_t room = v->room ? 2 * v->room : 256;
		void *more = reallocarray(v->all, room, sizeof(*v->all));
		if (!more)
			return false;
		v->all = more;
		v->room = room;
	}
	memmove(v->all + at + 1, v->all + at, (v->n - at) * sizeof(*v->all));
	v->all[at] = (struct sfe_interval){index, bytes};
	v->n++;
	return true;
}

void sfe_intervals_free(struct sfe_intervals *v)
{
	free(v->all);
	*v = (struct sfe_intervals){0};
}
