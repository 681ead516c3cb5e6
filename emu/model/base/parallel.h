/* SPDX-License-Identifier: MIT */
/* Independent pieces of work on several threads, with a result that no number of threads changes.
 */
#ifndef SFE_BASE_PARALLEL_H
#define SFE_BASE_PARALLEL_H

#include <stdint.h>

#include "sfemu/error.h"

/*
 * Calls work for each i below n, ascending, each once. Where one fails no more are begun, and the
 * error is that of the least i that failed: the same for any number of threads (1 to 1024).
 */
int sfe_parallel(unsigned threads, uint32_t n,
	int (*work)(void *context, uint32_t i, struct sfe_error *err), void *context,
	struct sfe_error *err);

#endif
