/* SPDX-License-Identifier: MIT */
/* XXH3 by the widest instructions that the processor has; digests are the same by any of them.
 * For what hashes whole states; a libxxhash that was built without it does not install the header.
 */
#ifndef SFE_NODES_WIDE_XXH3_H
#define SFE_NODES_WIDE_XXH3_H

#include <xxhash.h>

#if defined(__x86_64__) && __has_include(<xxh_x86dispatch.h>)
#include <xxh_x86dispatch.h>
#endif

#endif
