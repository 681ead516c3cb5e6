/* SPDX-License-Identifier: MIT */
/* One point in time on a timerfd: nanoseconds, where libevent's own timers have microseconds. */
#ifndef SFE_NODES_DEADLINE_H
#define SFE_NODES_DEADLINE_H

#include "nodes/events/loop.h"

struct deadline {
	int fd;         /* -1: not open */
	uint64_t at_ns; /* armed for; UINT64_MAX: not armed */
	struct watch watch;
};

/* 0 or a negative errno. fd must be -1 before. */
int deadline_open(struct deadline *d, struct loop *loop, event_callback_fn callback, void *arg);
/* at_ns is absolute CLOCK_MONOTONIC; UINT64_MAX disarms. Makes a system call only for a new value.
 * 0 or a negative errno. */
int deadline_set(struct deadline *d, uint64_t at_ns);
/* The callback calls this first, and deadline_set after it: setting the timerfd clears its
 * expiration, so nothing needs to be read. */
static inline void deadline_passed(struct deadline *d)
{
	d->at_ns = 0;
}
void deadline_close(struct deadline *d);

#endif
