/* SPDX-License-Identifier: MIT */
/*
 * One point in time on a loop. On a ring a request that the kernel gets with the others of a turn,
 * so that setting a deadline is no system call; else a timerfd.
 */
#ifndef SFE_NODES_DEADLINE_H
#define SFE_NODES_DEADLINE_H

#include "nodes/events/loop.h"

/* Before deadline_open; makes deadline_close harmless. */
#define DEADLINE_CLOSED ((struct deadline){.at_ns = UINT64_MAX, .fd = -1})

/* 0 or a negative errno. */
int deadline_open(struct deadline *d, struct loop *loop, event_callback_fn callback, void *arg);
/* at_ns is absolute CLOCK_MONOTONIC, and may have passed; UINT64_MAX: never. 0 or a negative errno.
 */
int deadline_set(struct deadline *d, uint64_t at_ns);
/*
 * The callback calls this first, and deadline_set after it, always: setting a timerfd clears its
 * expiration, so that nothing needs to be read. It may be called for a time that was set before and
 * has been moved since.
 */
static inline void deadline_passed(struct deadline *d)
{
	d->at_ns = 0;
}
void deadline_close(struct deadline *d);

#endif
