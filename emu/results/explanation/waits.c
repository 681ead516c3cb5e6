/* SPDX-License-Identifier: MIT */
#include "emu/results/explanation/waits.h"

#include <math.h>

#define MIN_RTO_S 0.2

struct sfe_waits sfe_waits_of(const struct sfe_waiting *w, const struct sfe_link_course *course)
{
	struct sfe_waits out = {0};
	double left = w->done_s - w->start_s - w->computed_s;
	double changes = sfe_link_course_longer(
		course, w->forward, w->back, w->tcp, &w->message, w->start_s, w->done_s);

	out.link_changes_s =
		changes > 0 ? fmin(changes, fmax(left, 0)) : fmax(changes, fmin(left, 0));
	left -= out.link_changes_s;
	if (left <= 0)
		out.window_s = fmax(left, -w->queueing_s);
	else if (w->out_of_order || ((w->may_lose || out.link_changes_s > 0) && left >= MIN_RTO_S))
		out.retransmissions_s = left;
	else if (w->lost_before || w->forward->half_duplex || w->queueing_s > 0)
		out.window_s = left;
	return out;
}

bool sfe_waits_lost(const struct sfe_waiting *w, const struct sfe_waits *waits)
{
	return w->out_of_order || waits->retransmissions_s > 0;
}
