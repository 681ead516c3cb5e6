/* SPDX-License-Identifier: MIT */
#include "emu/model/base/hash_seed.h"

#include <sys/random.h>

uint64_t sfe_hash_seed(void)
{
	uint64_t seed;

	if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
		seed = (uint64_t)(uintptr_t)&seed; /* the stack is at a random place */
	return seed;
}
