/* SPDX-License-Identifier: MIT */
#include "nodes/events/deadline.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <unistd.h>

int deadline_open(struct deadline *d, struct loop *loop, event_callback_fn callback, void *arg)
{
	*d = DEADLINE_CLOSED;
	d->call = callback;
	d->arg = arg;
	if (!loop_has_ring(loop)) {
		d->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
		if (d->fd < 0)
			return -errno;
	}
	d->loop = loop;
	if (d->fd < 0)
		return 0;

	watch_init(&d->watch, loop, d->fd, EV_READ, callback, arg);
	return watch_start(&d->watch);
}

static struct timespec split(uint64_t ns)
{
	return (struct timespec){(time_t)(ns / 1000000000u), (long)(ns % 1000000000u)};
}

int deadline_set(struct deadline *d, uint64_t at_ns)
{
	struct itimerspec when = {0};

	if (!d->loop)
		return -EBADF;
	if (at_ns == d->at_ns)
		return 0;

	d->at_ns = at_ns;
	if (d->fd < 0) {
		loop_deadline(d->loop, d);
		return 0;
	}
	/* All zero disarms it; a time in the past expires at once. */
	if (at_ns != UINT64_MAX)
		when.it_value = split(at_ns ? at_ns : 1);
	return timerfd_settime(d->fd, TFD_TIMER_ABSTIME, &when, NULL) ? -errno : 0;
}

void deadline_close(struct deadline *d)
{
	if (d->loop && d->fd < 0)
		loop_forget_deadline(d->loop, d);
	if (d->fd >= 0) {
		watch_stop(&d->watch);
		close(d->fd);
	}
	*d = DEADLINE_CLOSED;
}
