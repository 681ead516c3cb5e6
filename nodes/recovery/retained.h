/* SPDX-License-Identifier: MIT */
/*
 * Retained copies of states. A node that gives a state to a step keeps a copy for as long as that
 * step may ask again: the answer may be lost, or the step's node may crash. A retained copy is not
 * owned state: only the step that the state was given to can get it, and whatever that step makes
 * of it is the same next version, however often it runs.
 */
#ifndef SFE_NODES_RETAINED_H
#define SFE_NODES_RETAINED_H

#include <stdint.h>
#include <sys/queue.h>

#include "nodes/base/buffer.h"

struct retained_copy {
	uint32_t job, state;
	uint32_t step; /* that it was given to */
	uint64_t version;
	struct slice content;
	uint64_t until_ns;
	STAILQ_ENTRY(retained_copy) next;
};

STAILQ_HEAD(retained, retained_copy); /* the oldest first */

/* Adds a copy and takes over its reference, which is dropped on an error. Frees copies that were
 * kept until before now. 0 or -ENOMEM. */
int retained_add(struct retained *all, const struct retained_copy *copy, uint64_t now_ns);
/* The newest copy for the step; NULL if there is none. */
const struct retained_copy *retained_find(
	const struct retained *all, uint32_t job, uint32_t state, uint32_t step);
void retained_clear(struct retained *all);

#endif
