/* SPDX-License-Identifier: MIT */
/* What waits on an event loop: watches of descriptors, deadlines, and transfers on a ring. See
 * loop.h. */
#ifndef SFE_NODES_WATCH_H
#define SFE_NODES_WATCH_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <linux/time_types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/socket.h>

struct loop;

/* A persistent wait for a descriptor; the callback's `what` is EV_READ or EV_WRITE. */
struct watch {
	struct loop *loop;
	int fd;
	short what;
	event_callback_fn call;
	void *arg;
	bool on;
	struct event event; /* libevent's */
	uint32_t slot;      /* of the ring's pending request; 0: none */
	bool fired;
	TAILQ_ENTRY(watch) next;
};

/* One point in time: nanoseconds, where libevent's own timers have microseconds. See deadline.h. */
struct deadline {
	struct loop *loop; /* NULL: not open */
	uint64_t at_ns;    /* set for; UINT64_MAX: not set */
	int fd;            /* of a timerfd; on a ring -1 */
	struct watch watch;
	event_callback_fn call; /* on a ring, as what follows */
	void *arg;
	uint32_t slot;     /* of the pending request; 0: none */
	uint64_t asked_ns; /* the time that the request has */
	struct __kernel_timespec when;
	bool changed; /* to be asked for before the next wait */
	TAILQ_ENTRY(deadline) next;
};

/* A part of a message that a ring sends or receives as a whole. */
struct transfer {
	uint32_t slot; /* 0: none is in flight */
	struct msghdr message;
};

/* Called once, from the loop. result: the number of bytes transferred (fewer than requested only at
 * the end of the stream), or a negative errno. */
typedef void transfer_done(void *arg, int result);

#endif
