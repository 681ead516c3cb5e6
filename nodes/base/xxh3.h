/* SPDX-License-Identifier: MIT */
/* XXH3 by the widest instructions that the processor has; digests are the same by any of them. */
#ifndef SFE_NODES_XXH3_H
#define SFE_NODES_XXH3_H

#ifdef __x86_64__
#include <xxh_x86dispatch.h>
#else
#include <xxhash.h>
#endif

#endif
