/* SPDX-License-Identifier: MIT */
#include "nodes/events/deadline.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <unistd.h>

int deadline_open(struct deadline *d, struct loop *loop, event_callback_fn callback, void *arg)
{
	d->at_ns = UINT64_MAX;
	d->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (d->fd < 0)
		return -errno;
	watch_init(&d->watch, loop, d->fd, EV_READ, callback, arg);
	return watch_start(&d->watch);
}

int deadline_set(struct deadline *d, uint64_t at_ns)
{
	struct itimerspec when = {0};

	if (at_ns == d->at_ns)
		return 0;
	/* All zero disarms it; a time in the past expires at once. */
	if (at_ns != UINT64_MAX) {
		when.it_value.tv_sec = (time_t)(at_ns / 1000000000u);
		when.it_value.tv_nsec = (long)(at_ns % 1000000000u);
		if (!at_ns)
			when.it_value.tv_nsec = 1;
	}
	d->at_ns = at_ns;
	return timerfd_settime(d->fd, TFD_TIMER_ABSTIME, &when, NULL) ? -errno : 0;
}

void deadline_close(struct deadline *d)
{
	if (d->fd < 0)
		return;
	watch_stop(&d->watch);
	close(d->fd);
	d->fd = -1;
}
