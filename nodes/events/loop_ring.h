/* SPDX-License-Identifier: MIT */
/* The io_uring half of a loop. */
#ifndef SFE_NODES_LOOP_RING_H
#define SFE_NODES_LOOP_RING_H

#include "nodes/events/watch.h"

struct ring;

/* 0, or why this kernel offers no ring: -ENOSYS, -EPERM, … */
int ring_open(struct ring **ring, uint32_t workers);
void ring_close(struct ring *ring);
/* Waits until a request has completed (if `wait`), then calls back for all that have, until
 * *broken. 0 or a negative errno. */
int ring_turn(struct ring *ring, const bool *broken, bool wait);
int ring_watch(struct ring *ring, struct watch *watch);
void ring_unwatch(struct ring *ring, struct watch *watch);
/* The deadline was set: the next turn asks the kernel for it. */
void ring_deadline(struct ring *ring, struct deadline *deadline);
void ring_forget_deadline(struct ring *ring, struct deadline *deadline);
int ring_transfer(struct ring *ring, struct transfer *transfer, bool send, int fd, void *memory,
	size_t bytes, transfer_done *done, void *arg);
void ring_cancel(
	struct ring *ring, struct transfer *transfer, void (*release)(void *), void *object);

#endif
