/* SPDX-License-Identifier: MIT */
/*
 * The event loop of a process that runs workers: libevent, or io_uring where system calls are dear.
 *
 * In a guest a system call costs 10 µs and more, and a body costs two of them for each of its
 * packets. A ring takes a whole body in one go: the kernel itself reads each packet as it comes
 * (and writes as room comes), just as those calls would have, so that what TCP does is the same to
 * the byte and to the nanosecond. Whatever else is waited for costs one system call instead of two.
 */
#ifndef SFE_NODES_LOOP_H
#define SFE_NODES_LOOP_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/socket.h>

struct loop;

/* Waits for a descriptor, again and again; the callback's `what` is EV_READ or EV_WRITE. */
struct watch {
	struct loop *loop;
	int fd;
	short what;
	event_callback_fn call;
	void *arg;
	bool on;
	struct event event; /* libevent's */
	uint32_t slot;      /* of the ring: what waits for it in the kernel; 0: nothing */
	bool fired;
	TAILQ_ENTRY(watch) next;
};

/* A whole message part on its way in or out, on a ring. */
struct transfer {
	uint32_t slot; /* 0: none is on its way */
	struct msghdr message;
};

/* Called once, from the loop: the bytes that moved (fewer only at the end of the stream), or a
 * negative errno. */
typedef void transfer_done(void *arg, int result);

/* With a ring if it is wanted and this kernel has it. 0 or -ENOMEM. */
int loop_open(struct loop **loop, bool ring);
/* Nothing may be watched any more. */
void loop_close(struct loop *loop);
bool loop_has_ring(const struct loop *loop);
/* Until loop_break: 0 or a negative errno. What was not called yet is by the next loop_run. */
int loop_run(struct loop *loop);
void loop_break(struct loop *loop);

void watch_init(struct watch *watch, struct loop *loop, int fd, short what, event_callback_fn call,
	void *arg);
int watch_start(struct watch *watch); /* 0 or -ENOMEM */
void watch_stop(struct watch *watch);
/* Calls it from the loop before the next wait, with EV_TIMEOUT; it need not be started. */
void watch_fire(struct watch *watch);

/* Only with a ring: 0 or -ENOMEM. The memory must stay until `done`, or transfer_cancel. */
int transfer_receive(struct transfer *transfer, struct loop *loop, int fd, void *to, size_t bytes,
	transfer_done *done, void *arg);
int transfer_send(struct transfer *transfer, struct loop *loop, int fd, struct iovec *vector,
	size_t n, transfer_done *done, void *arg);
/* `done` will not be called. The kernel may still use the memory: release(object) when it does not.
 */
void transfer_cancel(
	struct transfer *transfer, struct loop *loop, void (*release)(void *), void *object);

#endif
