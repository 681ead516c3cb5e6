/* SPDX-License-Identifier: MIT */
/* Mathematics of the delay laws: moments, quantiles, distribution functions, netem's table. */
#include "sfemu/link.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DIST_SCALE 8192.0 /* NETEM_DIST_SCALE: a table entry that equals one jitter */

/* P(Z <= z) of the standard normal law. */
static double normal_cdf(double z)
{
	return 0.5 * erfc(-z * M_SQRT1_2);
}

/* The inverse: a first guess good to 4.5e-4 (Abramowitz and Stegun, 26.2.23), then Halley's
 * steps. */
static double normal_quantile(double p)
{
	double q = p < 0.5 ? p : 1 - p;
	double t = sqrt(-2 * log(q));
	double z = t - (2.515517 + t * (0.802853 + t * 0.010328)) /
			       (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));

	z = -z; /* the lower half, where the distribution function is precise */
	for (int i = 0; i < 2; i++) {
		double density = exp(-0.5 * z * z) / sqrt(2 * M_PI);
		double u = (normal_cdf(z) - q) / density;
		z -= u / (1 + 0.5 * z * u);
	}
	return p < 0.5 ? z : -z;
}

static double quantile_of_samples(const struct sfe_delay_samples *s, double p)
{
	uint64_t i = (uint64_t)ceil(p * s->n);

	return (double)s->ns[i < 1 ? 0 : i > s->n ? s->n - 1 : i - 1];
}

static double cdf_of_samples(const struct sfe_delay_samples *s, double ns)
{
	uint32_t lo = 0, hi = s->n; /* the first greater one */

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		if ((double)s->ns[mid] <= ns)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (double)lo / s->n;
}

bool sfe_delay_varies(const struct sfe_delay *d)
{
	switch (d->law) {
	case SFE_DELAY_NONE:
	case SFE_DELAY_CONSTANT:
		return false;
	case SFE_DELAY_NORMAL:
		return d->b_ns > 0;
	case SFE_DELAY_UNIFORM:
		return d->b_ns > d->a_ns;
	case SFE_DELAY_PARETO:
		return d->a_ns > 0;
	case SFE_DELAY_LOGNORMAL:
		return d->b_ns > 0 && d->shape > 0;
	case SFE_DELAY_TABLE_OF_SAMPLES:
		return d->samples->ns[0] != d->samples->ns[d->samples->n - 1];
	}
	return false;
}

bool sfe_delay_equal(const struct sfe_delay *a, const struct sfe_delay *b)
{
	return a->law == b->law && a->a_ns == b->a_ns && a->b_ns == b->b_ns &&
	       a->shape == b->shape && a->samples == b->samples;
}

double sfe_delay_mean(const struct sfe_delay *d)
{
	double a = (double)d->a_ns, b = (double)d->b_ns, sum = 0;

	switch (d->law) {
	case SFE_DELAY_NONE:
		return 0;
	case SFE_DELAY_CONSTANT:
	case SFE_DELAY_NORMAL:
		return a;
	case SFE_DELAY_UNIFORM:
		return (a + b) / 2;
	case SFE_DELAY_PARETO:
		return d->shape * a / (d->shape - 1);
	case SFE_DELAY_LOGNORMAL:
		return b > 0 ? a + b * exp(d->shape * d->shape / 2) : a;
	case SFE_DELAY_TABLE_OF_SAMPLES:
		for (uint32_t i = 0; i < d->samples->n; i++)
			sum += (double)d->samples->ns[i];
		return sum / d->samples->n;
	}
	return 0;
}

double sfe_delay_deviation(const struct sfe_delay *d)
{
	double a = (double)d->a_ns, b = (double)d->b_ns, s = d->shape, sum = 0, mean;

	switch (d->law) {
	case SFE_DELAY_NONE:
	case SFE_DELAY_CONSTANT:
		return 0;
	case SFE_DELAY_NORMAL:
		return b;
	case SFE_DELAY_UNIFORM:
		return (b - a) / sqrt(12);
	case SFE_DELAY_PARETO:
		return s > 2 ? a / (s - 1) * sqrt(s / (s - 2)) : a > 0 ? INFINITY : 0;
	case SFE_DELAY_LOGNORMAL:
		return b > 0 && s > 0 ? b * exp(s * s / 2) * sqrt(expm1(s * s)) : 0;
	case SFE_DELAY_TABLE_OF_SAMPLES:
		mean = sfe_delay_mean(d);
		for (uint32_t i = 0; i < d->samples->n; i++) {
			double off = (double)d->samples->ns[i] - mean;
			sum += off * off;
		}
		return sqrt(sum / d->samples->n);
	}
	return 0;
}

double sfe_delay_quantile(const struct sfe_delay *d, double p)
{
	double a = (double)d->a_ns, b = (double)d->b_ns, x;

	switch (d->law) {
	case SFE_DELAY_NONE:
		return 0;
	case SFE_DELAY_CONSTANT:
		return a;
	case SFE_DELAY_NORMAL:
		x = a + b * normal_quantile(p);
		return x > 0 ? x : 0;
	case SFE_DELAY_UNIFORM:
		return a + (b - a) * p;
	case SFE_DELAY_PARETO:
		return a * pow(1 - p, -1 / d->shape);
	case SFE_DELAY_LOGNORMAL:
		return a + b * exp(d->shape * normal_quantile(p));
	case SFE_DELAY_TABLE_OF_SAMPLES:
		return quantile_of_samples(d->samples, p);
	}
	return 0;
}

double sfe_delay_cdf(const struct sfe_delay *d, double ns)
{
	double a = (double)d->a_ns, b = (double)d->b_ns;

	if (ns < 0)
		return 0;
	switch (d->law) {
	case SFE_DELAY_NONE:
		return 1;
	case SFE_DELAY_CONSTANT:
		return ns >= a;
	case SFE_DELAY_NORMAL:
		return b > 0 ? normal_cdf((ns - a) / b) : ns >= a;
	case SFE_DELAY_UNIFORM:
		return ns >= b ? 1 : ns < a ? 0 : (ns - a) / (b - a);
	case SFE_DELAY_PARETO:
		return ns < a ? 0 : 1 - pow(a / ns, d->shape);
	case SFE_DELAY_LOGNORMAL:
		if (!sfe_delay_varies(d))
			return ns >= a + b;
		return ns <= a ? 0 : normal_cdf(log((ns - a) / b) / d->shape);
	case SFE_DELAY_TABLE_OF_SAMPLES:
		return cdf_of_samples(d->samples, ns);
	}
	return 0;
}

static uint64_t whole(double ns)
{
	return ns <= 0 ? 0 : (uint64_t)(ns + 0.5);
}

/* The table covers the law from its 1/8192 to its 8191/8192 quantile. */
#define HALF_PART (0.5 / SFE_DELAY_TABLE)

int sfe_delay_netem_range(
	const struct sfe_delay *d, struct sfe_delay_netem *out, struct sfe_error *err)
{
	double low = sfe_delay_quantile(d, HALF_PART), high = sfe_delay_quantile(d, 1 - HALF_PART);

	*out = (struct sfe_delay_netem){0};
	/* The largest entry, 32767, must reach from the middle to either end. */
	double jitter = ceil(((high - low) / 2 + 1) * DIST_SCALE / INT16_MAX);
	if (!(high <= (double)SFE_MAX_DELAY_NS) || (sfe_delay_varies(d) && jitter > INT_MAX))
		return sfe_fail(err, -ERANGE, NULL, "choose a law of less spread",
			"delays from %.3g to %.3g s are more than netem's jitter can span (17 s)",
			low / 1e9, high / 1e9);
	out->latency_ns = (int64_t)whole((low + high) / 2);
	out->max_ns = whole(high);
	if (!sfe_delay_varies(d))
		return 0;
	out->jitter_ns = (int64_t)jitter;
	out->step_ns = jitter / DIST_SCALE;
	return 0;
}

static void fill_table(const struct sfe_delay *d, const double *cdf, struct sfe_delay_netem *out)
{
	out->n = SFE_DELAY_TABLE;
	for (uint32_t i = 0; i < SFE_DELAY_TABLE; i++) {
		/* the middle of this entry's share */
		double p = cdf ? (cdf[i] + cdf[i + 1]) / 2 : (2 * i + 1) * HALF_PART;
		p = fmin(fmax(p, HALF_PART), 1 - HALF_PART);
		double x = sfe_delay_quantile(d, p);
		out->table[i] = (int16_t)lrint((x - (double)out->latency_ns) / out->step_ns);
	}
}

int sfe_delay_netem(const struct sfe_delay *d, struct sfe_delay_netem *out, struct sfe_error *err)
{
	return sfe_delay_netem_correlated(d, 0, out, err);
}

int sfe_delay_netem_correlated(const struct sfe_delay *d, double correlation,
	struct sfe_delay_netem *out, struct sfe_error *err)
{
	double *cdf = NULL;
	int r = sfe_delay_netem_range(d, out, err);

	if (r || !out->jitter_ns)
		return r;
	if (correlation > 0) {
		cdf = malloc((SFE_DELAY_TABLE + 1) * sizeof(*cdf));
		if (!cdf || sfe_correlated_cdf(correlation, SFE_DELAY_TABLE, cdf)) {
			free(cdf);
			return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
		}
	}
	fill_table(d, cdf, out);
	free(cdf);
	return 0;
}
