/* SPDX-License-Identifier: MIT */
#include "nodes/events/timers.h"

#include "nodes/base/clock.h"

/* Moves the deadline only to an earlier time. Most timers are cancelled: one spurious wakeup is
 * cheaper than a change for each of them. */
static void arm(struct timers *timers)
{
	const struct timer *first = TAILQ_FIRST(&timers->list);

	if (!first || first->at_ns >= timers->deadline.at_ns)
		return;
	int r = deadline_set(&timers->deadline, first->at_ns);
	if (r)
		timers->failed(timers->owner, r);
}

static void on_time(evutil_socket_t fd, short what, void *arg)
{
	struct timers *timers = arg;
	uint64_t now = now_ns();
	(void)fd, (void)what;

	deadline_passed(&timers->deadline);
	for (struct timer *t;
		(t = TAILQ_FIRST(&timers->list)) && t->at_ns <= now && !*timers->stopped;) {
		timers_cancel(timers, t);
		t->call(t->arg);
	}
	const struct timer *first = TAILQ_FIRST(&timers->list);
	int r = deadline_set(&timers->deadline, first ? first->at_ns : UINT64_MAX);
	if (r)
		timers->failed(timers->owner, r);
}

void timers_init(struct timers *timers)
{
	*timers = (struct timers){.deadline = DEADLINE_CLOSED};
	TAILQ_INIT(&timers->list);
}

int timers_open(struct timers *timers, struct loop *loop, const bool *stopped,
	void (*failed)(void *owner, int code), void *owner)
{
	timers->stopped = stopped;
	timers->failed = failed;
	timers->owner = owner;
	return deadline_open(&timers->deadline, loop, on_time, timers);
}

void timers_close(struct timers *timers)
{
	deadline_close(&timers->deadline);
}

void timers_set(
	struct timers *timers, struct timer *t, uint64_t at_ns, void (*call)(void *arg), void *arg)
{
	struct timer *before;

	timers_cancel(timers, t);
	*t = (struct timer){.set = true, .at_ns = at_ns, .call = call, .arg = arg};
	/* Searches from the end, where nearly all of them belong. */
	TAILQ_FOREACH_REVERSE(before, &timers->list, timer_list, next)
	{
		if (before->at_ns <= at_ns)
			break;
	}
	if (before)
		TAILQ_INSERT_AFTER(&timers->list, before, t, next);
	else
		TAILQ_INSERT_HEAD(&timers->list, t, next);
	arm(timers);
}

void timers_cancel(struct timers *timers, struct timer *t)
{
	if (t->set)
		TAILQ_REMOVE(&timers->list, t, next);
	t->set = false;
}
