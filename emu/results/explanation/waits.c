/* SPDX-License-Identifier: MIT */
#include "emu/results/explanation/waits.h"

#include <math.h>

/* Of no more counts than the transfer took. */
static double counted(double changes_s, double left_s)
{
	return changes_s > 0 ? fmin(changes_s, fmax(left_s, 0)) : fmax(changes_s, fmin(left_s, 0));
}

/* Takes so much from *from_s as is there; returns what is left to take. */
static double take(double taken_s, double *from_s)
{
	double part = fmax(0, fmin(taken_s, *from_s));

	*from_s -= part;
	return taken_s - part;
}

static double seconds(int64_t message_ns, int64_t request_ns)
{
	return (double)(message_ns + request_ns) / 1e9;
}

struct sfe_waits sfe_waits_of(const struct sfe_waiting *w, const struct sfe_link_course *course)
{
	const double took_s = w->done_s - w->start_s;
	struct sfe_link_changes changes = sfe_link_course_changes(
		course, w->forward, w->back, w->tcp, &w->message, w->start_s, w->done_s);
	struct sfe_waits out = {
		.link_changes_s = counted(changes.longer_s, took_s - w->computed_s)};
	const struct sfe_ctl_waits none = {0};
	const struct sfe_ctl_waits *asked = w->message.request_bytes ? &w->asked : &none;

	if (!w->known)
		return out;
	double resent_s = seconds(w->waits.resent_ns, asked->resent_ns);
	double window_s = seconds(w->waits.window_ns, asked->window_ns);
	double queue_s = seconds(w->waits.queue_ns, asked->queue_ns) +
			 seconds(w->waits.opening_ns, asked->opening_ns);
	take(take(resent_s + window_s + queue_s - took_s, &resent_s), &window_s);
	take(take(fmin(changes.down_s, out.link_changes_s), &resent_s), &queue_s);
	out.retransmissions_s = resent_s;
	out.window_s = window_s - changes.then.slow_start_s;
	out.queue_waits_s =
		queue_s - w->queueing_s - changes.then.in_the_way_s - changes.then.opening_s;
	return out;
}
