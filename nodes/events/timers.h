/* SPDX-License-Identifier: MIT */
/* Any number of timers on one deadline. */
#ifndef SFE_NODES_TIMERS_H
#define SFE_NODES_TIMERS_H

#include <stdbool.h>
#include <sys/queue.h>

#include "nodes/events/deadline.h"

struct timer { /* all zero: not set */
	bool set;
	uint64_t at_ns;
	void (*call)(void *arg);
	void *arg;
	TAILQ_ENTRY(timer) next;
};

struct timers {
	TAILQ_HEAD(timer_list, timer) list; /* by time */
	struct deadline deadline;
	const bool *stopped;
	void (*failed)(void *owner, int code);
	void *owner;
};

/* Before timers_open; makes timers_close harmless. */
void timers_init(struct timers *timers);
/*
 * No timer expires once *stopped is true. failed(owner, code) is called if the deadline
 * cannot be set. 0 or a negative errno.
 */
int timers_open(struct timers *timers, struct loop *loop, const bool *stopped,
	void (*failed)(void *owner, int code), void *owner);
void timers_close(struct timers *timers);

/*
 * Calls call(arg) once, from the loop, at at_ns of CLOCK_MONOTONIC. A timer that is set already
 * gets the new time. Timers of the same time expire in the order in which they were set.
 */
void timers_set(struct timers *timers, struct timer *timer, uint64_t at_ns, void (*call)(void *arg),
	void *arg);
void timers_cancel(struct timers *timers, struct timer *timer); /* it need not be set */

#endif
