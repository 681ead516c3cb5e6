/* SPDX-License-Identifier: MIT */
/*
 * Hints of steps: all invocations with the same key run on one node, that of the first of them
 * which is placed. A hint is a text; {client} and {job} in it stand for the name of the job's
 * client and for its number.
 */
#ifndef SFE_PLACEMENT_HINTS_H
#define SFE_PLACEMENT_HINTS_H

#include <stdint.h>

#include "sfemu/error.h"

#define SFE_MAX_HINT 64u /* bytes of a hint */

struct sfe_hints {
	void *keys; /* a tree of search.h */
};

/* -EINVAL: it is empty, too long, or has other words in braces. */
int sfe_hint_check(const char *hint, struct sfe_error *err);

/*
 * The node of a hint's key, at first SFE_NONE; the caller sets it. The table's; NULL: out of
 * memory.
 */
uint32_t *sfe_hints_node(struct sfe_hints *h, const char *hint, const char *client, uint32_t job);
void sfe_hints_free(struct sfe_hints *h);

#endif
