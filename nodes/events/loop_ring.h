/* SPDX-License-Identifier: MIT */
/* The part of a loop that is io_uring. */
#ifndef SFE_NODES_LOOP_RING_H
#define SFE_NODES_LOOP_RING_H

#include "nodes/events/loop.h"

struct ring;

/* -ENOSYS, -EPERM, …: not here. */
int ring_open(struct ring **ring);
void ring_close(struct ring *ring);
/* Waits until something is over, and calls back for all that is until *broken. */
int ring_turn(struct ring *ring, const bool *broken, bool wait);
int ring_watch(struct ring *ring, struct watch *watch);
void ring_unwatch(struct ring *ring, struct watch *watch);
int ring_transfer(struct ring *ring, struct transfer *transfer, bool send, int fd, void *memory,
	size_t bytes, transfer_done *done, void *arg);
void ring_cancel(
	struct ring *ring, struct transfer *transfer, void (*release)(void *), void *object);

#endif
