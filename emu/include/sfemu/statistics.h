/* SPDX-License-Identifier: MIT */
/* Statistics of samples. */
#ifndef SFEMU_STATISTICS_H
#define SFEMU_STATISTICS_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

double sfe_mean(const double *x, size_t n); /* NaN for n == 0 */
void sfe_sort(double *x, size_t n);         /* ascending */
/* The p-quantile (0 <= p <= 1) of sorted samples, with linear interpolation (R's type 7, numpy's
 * default). NaN for n == 0. */
double sfe_quantile(const double *sorted, size_t n, double p);

/* The 97.5 % quantile of Student's t with df degrees of freedom; NaN for 0. */
double sfe_student_975(unsigned df);
/* Half the width of the 95 % confidence interval of the mean of n independent samples; NaN for n
 * < 2. */
double sfe_confidence_95(const double *x, size_t n);

#ifdef __cplusplus
}
#endif

#endif
