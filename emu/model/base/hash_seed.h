/* SPDX-License-Identifier: MIT */
/* A number that others cannot guess, for hash tables of what others wrote: so they cannot choose
 * keys that collide. */
#ifndef SFE_BASE_HASH_SEED_H
#define SFE_BASE_HASH_SEED_H

#include <stdint.h>

uint64_t sfe_hash_seed(void);

#endif
