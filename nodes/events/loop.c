/* SPDX-License-Identifier: MIT */
#include "nodes/events/loop.h"

#include <errno.h>
#include <stdlib.h>

#include "nodes/events/loop_ring.h"

struct loop {
	struct event_base *base; /* libevent's; NULL with a ring */
	struct ring *ring;
	TAILQ_HEAD(, watch) fired; /* with a ring; libevent has its own */
	bool broken;
};

/*
 * Without libevent's cached time and precise timer: they would read the clock and set a timerfd in
 * each turn of the loop, which are system calls in the guest. All timed waits use timerfds of their
 * own (deadline.h).
 */
static struct event_base *new_base(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	if (config && !event_config_set_flag(
			      config, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_NO_CACHE_TIME))
		base = event_base_new_with_config(config);
	if (config)
		event_config_free(config);
	return base;
}

int loop_open(struct loop **out, uint32_t ring_workers)
{
	struct loop *l = calloc(1, sizeof(*l));

	*out = l;
	if (!l)
		return -ENOMEM;
	TAILQ_INIT(&l->fired);
	if (ring_workers && !ring_open(&l->ring, ring_workers))
		return 0;
	l->base = new_base();
	if (l->base)
		return 0;
	free(l);
	*out = NULL;
	return -ENOMEM;
}

void loop_close(struct loop *l)
{
	if (!l)
		return;
	if (l->base)
		event_base_free(l->base);
	if (l->ring)
		ring_close(l->ring);
	free(l);
}

bool loop_has_ring(const struct loop *l)
{
	return l->ring;
}

static void call_fired(struct loop *l)
{
	for (struct watch *w; !l->broken && (w = TAILQ_FIRST(&l->fired));) {
		TAILQ_REMOVE(&l->fired, w, next);
		w->fired = false;
		w->call(w->fd, EV_TIMEOUT, w->arg);
	}
}

int loop_run(struct loop *l)
{
	int r = 0;

	if (l->base)
		return event_base_dispatch(l->base) < 0 ? -EIO : 0;
	l->broken = false;
	while (!l->broken && !r) {
		call_fired(l);
		if (!l->broken)
			r = ring_turn(l->ring, &l->broken, true);
	}
	return r;
}

void loop_break(struct loop *l)
{
	l->broken = true;
	if (l->base)
		event_base_loopbreak(l->base);
}

void watch_init(
	struct watch *w, struct loop *l, int fd, short what, event_callback_fn call, void *arg)
{
	*w = (struct watch){.loop = l, .fd = fd, .what = what, .call = call, .arg = arg};
	if (l->base)
		event_assign(&w->event, l->base, fd, (short)(what | EV_PERSIST), call, arg);
}

int watch_start(struct watch *w)
{
	if (w->on)
		return 0;
	int r = w->loop->base ? (event_add(&w->event, NULL) ? -ENOMEM : 0)
			      : ring_watch(w->loop->ring, w);
	w->on = !r;
	return r;
}

void watch_stop(struct watch *w)
{
	if (!w->loop)
		return;
	if (w->loop->base)
		event_del(&w->event);
	else if (w->on)
		ring_unwatch(w->loop->ring, w);
	w->on = false;
	if (w->fired)
		TAILQ_REMOVE(&w->loop->fired, w, next);
	w->fired = false;
}

void watch_fire(struct watch *w)
{
	if (w->loop->base) {
		event_active(&w->event, EV_TIMEOUT, 1);
	} else if (!w->fired) {
		w->fired = true;
		TAILQ_INSERT_TAIL(&w->loop->fired, w, next);
	}
}

void loop_deadline(struct loop *l, struct deadline *d)
{
	ring_deadline(l->ring, d);
}

void loop_forget_deadline(struct loop *l, struct deadline *d)
{
	ring_forget_deadline(l->ring, d);
}

int transfer_receive(struct transfer *t, struct loop *l, int fd, void *to, size_t bytes,
	transfer_done *done, void *arg)
{
	return ring_transfer(l->ring, t, false, fd, to, bytes, done, arg);
}

int transfer_send(struct transfer *t, struct loop *l, int fd, struct iovec *vector, size_t n,
	transfer_done *done, void *arg)
{
	t->message = (struct msghdr){.msg_iov = vector, .msg_iovlen = n};
	return ring_transfer(l->ring, t, true, fd, NULL, 0, done, arg);
}

void transfer_cancel(struct transfer *t, struct loop *l, void (*release)(void *), void *object)
{
	ring_cancel(l->ring, t, release, object);
}
