/* SPDX-License-Identifier: MIT */
/*
 * The published generator's bias, for who wants to repeat work that was done with it.
 *
 * It gives the trace's relative frequencies to scipy's rv_histogram, which takes them for the
 * heights of a density: each value spreads over the gap to the next one, with a weight that grows
 * with that gap. Then every draw is rounded up. Two things follow. Whatever lies between two values
 * comes out as the next whole number: nearly every memory, 0.02 to 0.79, as 1. And the few longest
 * tasks, each seen once and far from the next, weigh as if every second between them had been seen
 * too.
 *
 * The tables hold quantiles and not that histogram, so the values between the last two quantiles
 * are not known. Their weight is: one in SEEN_ONCE for each second (or instance), which makes
 * durations 24 times too long, as those of the published generator are.
 */
#include <math.h>

#include "emu/model/workload/spar_tables.h"

#define SEEN_ONCE 1.17e7 /* tasks; the whole trace has 1.4e7 */

/* The first row whose key is not below. */
static uint32_t begin(const struct sfe_quantiles *q, uint32_t key)
{
	uint32_t low = 0, high = q->n;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		if (q->rows[mid].key < key)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

double sfe_quantile_published(const struct sfe_quantiles *q, uint32_t key, double u)
{
	uint32_t i = begin(q, key);

	if (i == q->n || q->rows[i].key != key) { /* the key below, or the first one */
		key = q->rows[i ? i - 1 : 0].key;
		i = begin(q, key);
	}
	uint32_t after = begin(q, key + 1);
	if (after - i < 2)
		return ceil(q->rows[i].value);
	const struct sfe_quantile *tail = &q->rows[after - 2], *end = &q->rows[after - 1];
	double weight = fmin(fmax(1 - tail->p, (end->value - tail->value) / SEEN_ONCE), 1);

	if (u >= 1 - weight) /* anywhere between the last two quantiles */
		return ceil(tail->value + (end->value - tail->value) * (u - (1 - weight)) / weight);
	u *= tail->p / (1 - weight);
	while (i + 2 < after - 1 && q->rows[i + 1].p <= u)
		i++;
	const struct sfe_quantile *a = &q->rows[i], *b = &q->rows[i + 1];
	return ceil(a->value + (b->value - a->value) * (u - a->p) / (b->p - a->p));
}
