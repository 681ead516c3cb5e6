/* SPDX-License-Identifier: MIT */
/*
 * States as they were when a step was given them, kept for as long as that step may ask again: its
 * answer may be lost on the way, or the node that asked may crash before it has done anything. A
 * keepsake is nobody's state: only the step that it was given to gets it, and what that step makes
 * of it is the next version, however often it has to.
 */
#ifndef SFE_NODES_KEEPSAKES_H
#define SFE_NODES_KEEPSAKES_H

#include <stdint.h>
#include <sys/queue.h>

#include "nodes/base/buffer.h"

struct keepsake {
	uint32_t job, state;
	uint32_t step; /* that it was given to */
	uint64_t version;
	struct slice content;
	uint64_t until_ns;
	STAILQ_ENTRY(keepsake) next;
};

STAILQ_HEAD(keepsakes, keepsake); /* the oldest first */

/* Takes over the reference, dropped on an error. Those of before now_ns are forgotten. 0 or
 * -ENOMEM. */
int keepsakes_add(struct keepsakes *all, const struct keepsake *keepsake, uint64_t now_ns);
/* The newest for the step; NULL if there is none. */
const struct keepsake *keepsakes_find(
	const struct keepsakes *all, uint32_t job, uint32_t state, uint32_t step);
void keepsakes_clear(struct keepsakes *all);

#endif
