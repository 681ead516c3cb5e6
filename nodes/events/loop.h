/* SPDX-License-Identifier: MIT */
/*
 * The event loop of a process that runs workers: libevent, or io_uring where system calls are
 * expensive.
 *
 * In a guest a system call costs 10 µs and more, and a body costs two of them for each of its
 * packets. On a ring one request transfers a whole body: the kernel reads each packet when it
 * arrives (and writes when there is room), exactly when the system calls would have, so that TCP
 * behaves the same to the byte and to the nanosecond. Every other wait costs one system call
 * instead of two.
 */
#ifndef SFE_NODES_LOOP_H
#define SFE_NODES_LOOP_H

#include "nodes/events/watch.h"

/* With a ring for that many workers, if this kernel has io_uring; 0: without one. 0 or -ENOMEM. */
int loop_open(struct loop **loop, uint32_t ring_workers);
/* All watches must have been stopped. */
void loop_close(struct loop *loop);
bool loop_has_ring(const struct loop *loop);
/* Runs until loop_break; the next loop_run makes the calls that are still due. 0 or a negative
 * errno. */
int loop_run(struct loop *loop);
void loop_break(struct loop *loop);

void watch_init(struct watch *watch, struct loop *loop, int fd, short what, event_callback_fn call,
	void *arg);
int watch_start(struct watch *watch); /* 0 or -ENOMEM */
void watch_stop(struct watch *watch);
/* Calls it from the loop before the next wait, with EV_TIMEOUT; the watch need not be started. */
void watch_fire(struct watch *watch);

/* Of deadline.c, only with a ring: the deadline was set; it ends. */
void loop_deadline(struct loop *loop, struct deadline *deadline);
void loop_forget_deadline(struct loop *loop, struct deadline *deadline);

/* Only with a ring: 0 or -ENOMEM. The memory must stay valid until `done` or transfer_cancel. */
int transfer_receive(struct transfer *transfer, struct loop *loop, int fd, void *to, size_t bytes,
	transfer_done *done, void *arg);
int transfer_send(struct transfer *transfer, struct loop *loop, int fd, struct iovec *vector,
	size_t n, transfer_done *done, void *arg);
/* `done` will not be called. The kernel may still use the memory: release(object) is called when it
 * no longer does. */
void transfer_cancel(
	struct transfer *transfer, struct loop *loop, void (*release)(void *), void *object);

#endif
