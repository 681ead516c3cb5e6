/* SPDX-License-Identifier: MIT */
#include "sfemu/statistics.h"

#include <math.h>
#include <stdlib.h>

double sfe_mean(const double *x, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += x[i];
	return n ? sum / (double)n : NAN;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

void sfe_sort(double *x, size_t n)
{
	qsort(x, n, sizeof(*x), ascending);
}

double sfe_quantile(const double *sorted, size_t n, double p)
{
	if (!n)
		return NAN;
	double at = p * (double)(n - 1);
	size_t i = (size_t)at;

	if (i + 1 >= n)
		return sorted[n - 1];
	return sorted[i] + (at - (double)i) * (sorted[i + 1] - sorted[i]);
}

#define MANY                                                                                       \
	1000u /* degrees of freedom from which the expansion around the normal distribution is     \
		 exact */
#define Z975 1.959963984540054

/* P(|T| < t) for an integer number of degrees of freedom: Abramowitz and Stegun, 26.7.3 and 26.7.4.
 */
static double student_within(double t, unsigned df)
{
	double angle = atan(t / sqrt(df)), c2 = cos(angle) * cos(angle);
	double term = df % 2 ? cos(angle) : 1, sum = df == 1 ? 0 : term;

	for (unsigned k = df % 2 ? 3 : 2; k + 2 <= df; k += 2) {
		term *= c2 * (k - 1) / k;
		sum += term;
	}
	return df % 2 ? (angle + sin(angle) * sum) / M_PI_2 : sin(angle) * sum;
}

double sfe_student_975(unsigned df)
{
	double low = Z975, high = 13;

	if (!df)
		return NAN;
	if (df > MANY) /* 26.7.5 */
		return Z975 + (pow(Z975, 3) + Z975) / (4.0 * df) +
		       (5 * pow(Z975, 5) + 16 * pow(Z975, 3) + 3 * Z975) / (96.0 * df * df);
	for (int i = 0; i < 60; i++) {
		double middle = (low + high) / 2;
		if (student_within(middle, df) < 0.95)
			low = middle;
		else
			high = middle;
	}
	return (low + high) / 2;
}

double sfe_confidence_95(const double *x, size_t n)
{
	double mean = sfe_mean(x, n), squares = 0;

	if (n < 2)
		return NAN;
	for (size_t i = 0; i < n; i++)
		squares += (x[i] - mean) * (x[i] - mean);
	return sfe_student_975((unsigned)(n - 1)) * sqrt(squares / (double)(n - 1) / (double)n);
}
