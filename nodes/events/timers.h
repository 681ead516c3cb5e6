/* SPDX-License-Identifier: MIT */
/* Any number of timers of a worker on one descriptor. */
#ifndef SFE_NODES_TIMERS_H
#define SFE_NODES_TIMERS_H

#include "nodes/worker/worker_state.h"

int timers_open(struct worker *w); /* 0 or a negative errno */
void timers_close(struct worker *w);

/* Calls timer->call once, from the loop, at at_ns of CLOCK_MONOTONIC; one that was set is moved.
 * Timers of the same time go off in the order in which they were set. */
void timers_set(struct worker *w, struct timer *timer, uint64_t at_ns,
	void (*call)(struct worker *w, void *arg), void *arg);
void timers_cancel(struct worker *w, struct timer *timer); /* also one that was never set */

#endif
