/* SPDX-License-Identifier: MIT */
#include "emu/verify/verify_copies.h"

#include <math.h>

#define MOST (1u << SFE_VERIFY_PATH_LINKS)
/* A flipped bit is detected by a checksum or an address, except in the sender's MAC address. */
#define DETECTED (1 - 6.0 / SFE_VERIFY_SMALL_FRAME)

/* Probabilities of 0, 1, … copies. */
struct copies {
	double p[MOST + 1];
	uint32_t most;
};

static double burstiness(const struct sfe_probability *p)
{
	const struct sfe_loss same = {
		.model = SFE_LOSS_RANDOM, .p = {p->probability, p->correlation}};

	return p->probability > 0 ? sfe_loss_burstiness(&same) : 1;
}

/* The copies of a packet that a link gets. Both copies of a duplicated packet are corrupted with a
 * probability of their own, which is correlated where corruption is. */
static struct copies of_link(const struct sfe_link_spec *s)
{
	double lost = sfe_loss_mean(&s->loss), twice = s->duplicate.probability;
	double bad = s->corrupt.probability * DETECTED;
	double both = sfe_correlated_both(s->corrupt.probability, s->corrupt.correlation) *
		      DETECTED * DETECTED;
	struct copies c = {.most = twice > 0 ? 2 : 1};

	c.p[0] = lost + (1 - lost) * ((1 - twice) * bad + twice * both);
	c.p[1] = (1 - lost) * ((1 - twice) * (1 - bad) + twice * 2 * (bad - both));
	c.p[2] = (1 - lost) * twice * (1 - 2 * bad + both);
	return c;
}

/* Copies after a second link, which treats each copy for itself. */
static struct copies through(const struct copies *a, const struct copies *link)
{
	struct copies power = {.p = {1}}, sum = {.most = a->most * link->most};

	for (uint32_t k = 0; k <= a->most; k++) {
		struct copies next = {.most = power.most + link->most};
		for (uint32_t i = 0; i <= power.most; i++)
			sum.p[i] += a->p[k] * power.p[i];
		for (uint32_t i = 0; i <= power.most && k < a->most; i++)
			for (uint32_t j = 0; j <= link->most; j++)
				next.p[i + j] += power.p[i] * link->p[j];
		power = next;
	}
	return sum;
}

void sfe_verify_copies(const struct sfe_verify_path *p, struct sfe_verify_copies *out)
{
	struct copies c = {.p = {0, 1}, .most = 1};
	double first = 1, mean = 0, square = 0;

	*out = (struct sfe_verify_copies){.loss_burstiness = 1, .extra_burstiness = 1};
	for (int i = 0; i < p->n; i++) {
		const struct sfe_link_spec *s = &p->spec[p->order[i]];
		struct copies link = of_link(s);
		double twice = burstiness(&s->duplicate);
		first *= (1 - sfe_loss_mean(&s->loss)) * (1 - s->corrupt.probability * DETECTED);
		c = through(&c, &link);
		out->extra_burstiness = fmax(out->extra_burstiness, twice);
		out->loss_burstiness = fmax(fmax(out->loss_burstiness, twice),
			fmax(sfe_loss_burstiness(&s->loss), burstiness(&s->corrupt)));
	}
	out->most = c.most;
	out->loss = c.p[0];
	if (c.p[0] >= 1)
		return;
	for (uint32_t k = 1; k <= c.most; k++) {
		mean += (k - 1) * c.p[k] / (1 - c.p[0]);
		square += (k - 1) * (k - 1) * c.p[k] / (1 - c.p[0]);
	}
	out->extra = mean;
	out->extra_var = fmax(square - mean * mean, 0);
	out->replaced = c.most > 1 ? fmax(1 - first / (1 - c.p[0]), 0) : 0;
	out->extra_burstiness = fmax(out->extra_burstiness, out->loss_burstiness);
}
