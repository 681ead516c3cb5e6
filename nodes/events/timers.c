/* SPDX-License-Identifier: MIT */
#include "nodes/events/timers.h"

#include "nodes/events/deadline.h"

/* Moves the descriptor only to an earlier time: most timers are cancelled, and it is cheaper to
 * wake up once for nothing than to make a system call for each. */
static void arm(struct worker *w)
{
	const struct timer *first = TAILQ_FIRST(&w->timers);

	if (!first || first->at_ns >= w->timer_deadline.at_ns)
		return;
	int r = deadline_set(&w->timer_deadline, first->at_ns);
	if (r)
		worker_fatal(w, r, "the timers");
}

static void on_time(evutil_socket_t fd, short what, void *worker)
{
	struct worker *w = worker;
	uint64_t now = now_ns();
	(void)fd, (void)what;

	deadline_passed(&w->timer_deadline);
	for (struct timer *t; (t = TAILQ_FIRST(&w->timers)) && t->at_ns <= now && !w->over;) {
		timers_cancel(w, t);
		t->call(w, t->arg);
	}
	const struct timer *first = TAILQ_FIRST(&w->timers);
	int r = deadline_set(&w->timer_deadline, first ? first->at_ns : UINT64_MAX);
	if (r)
		worker_fatal(w, r, "the timers");
}

int timers_open(struct worker *w)
{
	return deadline_open(&w->timer_deadline, w->loop, on_time, w);
}

void timers_close(struct worker *w)
{
	deadline_close(&w->timer_deadline);
}

void timers_set(struct worker *w, struct timer *t, uint64_t at_ns,
	void (*call)(struct worker *w, void *arg), void *arg)
{
	struct timer *before;

	timers_cancel(w, t);
	*t = (struct timer){.set = true, .at_ns = at_ns, .call = call, .arg = arg};
	/* From the end, where nearly all of them belong. */
	TAILQ_FOREACH_REVERSE(before, &w->timers, timer_list, next)
	{
		if (before->at_ns <= at_ns)
			break;
	}
	if (before)
		TAILQ_INSERT_AFTER(&w->timers, before, t, next);
	else
		TAILQ_INSERT_HEAD(&w->timers, t, next);
	arm(w);
}

void timers_cancel(struct worker *w, struct timer *t)
{
	if (t->set)
		TAILQ_REMOVE(&w->timers, t, next);
	t->set = false;
}
