/* SPDX-License-Identifier: MIT */
#include "emu/verify/verify_law.h"

#include <math.h>

static double law_cdf(const struct sfe_verify_law *law, double ns)
{
	double once = sfe_delay_cdf(law->delay, ns - law->base);

	if (law->replaced <= 0)
		return once;
	return (1 - law->replaced) * once +
	       law->replaced * once * sfe_delay_cdf(law->delay, ns - law->base - law->frame_ns);
}

/* A distribution with steps is compared between its steps, or, where two are close, apart from
 * what moves them. */
static double distance_of_samples(const struct sfe_verify_law *law, const int64_t *ns, uint32_t n)
{
	const struct sfe_delay_samples *s = law->delay->samples;
	uint32_t below = 0;
	double ks = 0;

	for (uint32_t k = 0; k + 1 < s->n; k++) {
		double gap = (double)(s->ns[k + 1] - s->ns[k]);
		double middle = law->base + (double)(s->ns[k] + s->ns[k + 1]) / 2;
		double move = fmax(law->slack - gap / 2, 0);
		if (gap <= 0)
			continue;
		while (below < n && (double)ns[below] <= middle)
			below++;
		double share = (double)below / n;
		ks = fmax(ks, fmax(share - law_cdf(law, middle + move),
				      law_cdf(law, middle - move) - share));
	}
	return ks;
}

double sfe_verify_law_distance(const struct sfe_verify_law *law, const int64_t *ns, uint32_t n)
{
	double low = law->base, high = law->base, ks = 0;
	uint32_t i = 0;

	if (law->delay->law == SFE_DELAY_TABLE_OF_SAMPLES)
		return distance_of_samples(law, ns, n);
	if (sfe_delay_cdf(law->delay, 0) > 0) {
		low -= law->slack;
		high += law->slack + law->frame_ns * (law->replaced > 0);
		while (i < n && (double)ns[i] < low)
			i++;
		ks = (double)i / n;
		while (i < n && (double)ns[i] <= high)
			i++;
		ks = fmax(ks, fabs((double)i / n - law_cdf(law, high)));
	}
	for (; i < n; i++) {
		double cdf = law_cdf(law, (double)ns[i]);
		ks = fmax(ks, fmax(cdf - (double)i / n, (double)(i + 1) / n - cdf));
	}
	return ks;
}
