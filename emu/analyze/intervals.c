/* SPDX-License-Identifier: MIT */
#include "emu/analyze/intervals.h"

#include <stdlib.h>

int64_t sfe_interval_of(uint64_t time_ns, uint64_t origin_ns, uint64_t interval_ns)
{
	if (time_ns >= origin_ns)
		return (int64_t)((time_ns - origin_ns) / interval_ns);
	return -(int64_t)((origin_ns - time_ns - 1) / interval_ns) - 1;
}

static int by_index(const void *a, const void *b)
{
	const struct sfe_interval *x = a, *y = b;

	return x->index < y->index ? -1 : x->index > y->index;
}

void sfe_intervals_settle(struct sfe_intervals *v)
{
	uint32_t n = 0;

	if (v->settled == v->n)
		return;
	qsort(v->all, v->n, sizeof(*v->all), by_index);
	for (uint32_t i = 0; i < v->n; i++) {
		if (n && v->all[n - 1].index == v->all[i].index)
			v->all[n - 1].bytes += v->all[i].bytes;
		else if (n < SFE_INTERVALS_MAX)
			v->all[n++] = v->all[i];
		else
			v->left_out += v->all[i].bytes;
	}
	v->n = v->settled = n;
}

/* To those that are there; all are settled. */
static void add_to_full(struct sfe_intervals *v, const struct sfe_interval *x)
{
	struct sfe_interval *there = bsearch(x, v->all, v->n, sizeof(*x), by_index);

	if (there)
		there->bytes += x->bytes;
	else
		v->left_out += x->bytes;
}

bool sfe_intervals_add(struct sfe_intervals *v, int64_t index, uint64_t bytes)
{
	const struct sfe_interval x = {index, bytes};
	const struct sfe_interval *last = v->n ? &v->all[v->n - 1] : NULL;

	if (last && last->index == index) {
		v->all[v->n - 1].bytes += bytes;
		return true;
	}
	/* Out of order they are put behind the others, and settled when there are many. */
	if (v->n == 2 * SFE_INTERVALS_MAX)
		sfe_intervals_settle(v);
	if (v->settled == SFE_INTERVALS_MAX && v->settled == v->n) {
		add_to_full(v, &x);
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
	v->settled += v->settled == v->n && (!v->n || v->all[v->n - 1].index < index);
	v->all[v->n++] = x;
	return true;
}

void sfe_intervals_free(struct sfe_intervals *v)
{
	free(v->all);
	*v = (struct sfe_intervals){0};
}
