/* SPDX-License-Identifier: MIT */
/* Sorting many samples, faster than by comparisons. */
#ifndef SFE_BASE_ORDER_H
#define SFE_BASE_ORDER_H

#include <stdint.h>

struct sfe_key {
	double value; /* 0 or more, not NaN */
	uint32_t at;  /* the caller's */
};

/* Ascending by value; equal ones keep their order. 0 or -ENOMEM (keys are as they were). */
int sfe_order(struct sfe_key *key, uint64_t n);

#endif
