/* SPDX-License-Identifier: MIT */
/* Sorts many samples, faster than by comparisons. */
#ifndef SFE_BASE_RADIX_SORT_H
#define SFE_BASE_RADIX_SORT_H

#include <stdint.h>

struct sfe_sort_key {
	double value; /* 0 or more, not NaN */
	uint32_t at;  /* the caller's */
};

/* Ascending by value; equal keys keep their order. 0, or -ENOMEM (keys unchanged). */
int sfe_radix_sort(struct sfe_sort_key *key, uint64_t n);

#endif
