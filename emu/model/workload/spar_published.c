/* SPDX-License-Identifier: MIT */
/*
 * The bias of the published generator, to repeat work that was done with it.
 *
 * The generator passes relative frequencies to scipy's rv_histogram, which treats them as the
 * heights of a density: each value spreads over the gap to the next value, with a weight that grows
 * with the gap. Draws are then rounded up. This has two effects. Values between two listed ones
 * become the next whole number: nearly every memory, 0.02 to 0.79, becomes 1. And the few longest
 * tasks, each observed once and far from the next, weigh as if every second between them had been
 * observed too.
 *
 * The tables hold quantiles, not that histogram, so the values between the last two quantiles are
 * unknown. Their weight is known: one in SEEN_ONCE for each second (or instance). That makes
 * durations 24 times too long, as in the published generator.
 */
#include <math.h>

#include "emu/model/workload/spar_tables.h"

#define SEEN_ONCE 1.17e7 /* tasks; the whole trace has 1.4e7 */

/* The first row with at least that key. */
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

	if (i == q->n || q->rows[i].key != key) { /* the next smaller key, or the first one */
		key = q->rows[i ? i - 1 : 0].key;
		i = begin(q, key);
	}
	uint32_t after = begin(q, key + 1);
	if (after - i < 2)
		return ceil(q->rows[i].value);
	const struct sfe_quantile *tail = &q->rows[after - 2], *end = &q->rows[after - 1];
	double weight = fmin(fmax(1 - tail->p, (end->value - tail->value) / SEEN_ONCE), 1);

	if (u >= 1 - weight) /* uniform between the last two quantiles */
		return ceil(tail->value + (end->value - tail->value) * (u - (1 - weight)) / weight);
	u *= tail->p / (1 - weight);
	while (i + 2 < after - 1 && q->rows[i + 1].p <= u)
		i++;
	const struct sfe_quantile *a = &q->rows[i], *b = &q->rows[i + 1];
	return ceil(a->value + (b->value - a->value) * (u - a->p) / (b->p - a->p));
}
