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
