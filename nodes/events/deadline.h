/* SPDX-License-Identifier: MIT */
#ifndef SFE_NODES_DEADLINE_H
#define SFE_NODES_DEADLINE_H

#include "nodes/worker/worker_state.h"

/* 0 or a negative errno. fd must be -1 before. */
int deadline_open(struct deadline *d, struct loop *loop, event_callback_fn callback, void *arg);
/* at_ns absolute CLOCK_MONOTONIC, UINT64_MAX for never. A system call only if it changed. */
int deadline_set(struct deadline *d, uint64_t at_ns);
/* In the callback: it went off. Needs no read, since setting it anew clears it; so set it, always.
 */
static inline void deadline_passed(struct deadline *d)
{
	d->at_ns = 0;
}
void deadline_close(struct deadline *d);

#endif
