/* SPDX-License-Identifier: MIT */
/* Runs independent pieces of work on several threads. The result does not depend on their
 * number. */
#ifndef SFE_BASE_PARALLEL_H
#define SFE_BASE_PARALLEL_H

#include <stdint.h>

#include "sfemu/error.h"

/*
 * Calls work once for each i below n, ascending. After a failure no further calls start, and the
 * error is that of the smallest i that failed: the same for any number of threads (1 to 1024).
 */
int sfe_parallel(unsigned threads, uint32_t n,
	int (*work)(void *context, uint32_t i, struct sfe_error *err), void *context,
	struct sfe_error *err);

#endif
