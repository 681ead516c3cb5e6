/* SPDX-License-Identifier: MIT */
/* Mahimahi's traces: the times at which a packet of 1500 bytes can be delivered. */
#include "emu/model/link/link_trace_mahimahi.h"

#include <math.h>

#define MAX_TIME_MS (8760ull * 3600000)
#define NS_PER_MS 1000000u
#define OPPORTUNITY_BITS (1514u * 8)

/*
 * A window (from_ms, to_ms]: of the given length, but that an outage before it ends 1 ms before its
 * first delivery, and one behind it begins at its last. So what waits in an outage leaves with the
 * delivery that ends it.
 */
struct window {
	uint64_t from_ms, to_ms, last_ms, packets;
};

/* Ends a window: its deliveries become a step, unless nothing changes. */
static int end_window(struct sfe_trace_reader *r, const struct window *w)
{
	const struct sfe_link_trace *t = r->trace;
	double bps = (double)w->packets * OPPORTUNITY_BITS * 1e3 / (double)(w->to_ms - w->from_ms);

	if (!(bps >= SFE_TRACE_MIN_RATE && bps <= SFE_TRACE_MAX_RATE))
		return sfe_trace_refuse(r, "use another window, or another trace",
			"a window has less than 1 kbit/s or more than 100 Gbit/s");
	struct sfe_trace_step step = SFE_TRACE_STEP(w->from_ms * NS_PER_MS);
	step.rate_bps = (uint64_t)llround(bps);
	if (t->n && t->step[t->n - 1].rate_bps == step.rate_bps)
		return 0;
	return sfe_trace_add(r, &step);
}

/* Nothing leaves until the next window. */
static int add_outage(struct sfe_trace_reader *r, uint64_t from_ms)
{
	struct sfe_trace_step step = SFE_TRACE_STEP(from_ms * NS_PER_MS);

	step.rate_bps = 0;
	return sfe_trace_add(r, &step);
}

/* A delivery at at_ms after windows without any, of which the first is the one after *w. */
static int end_at_outage(struct sfe_trace_reader *r, struct window *w, uint64_t at_ms)
{
	/* A delivery at 0 ms needs 1 ms of a window too. */
	uint64_t from = w->packets ? (w->last_ms > w->from_ms ? w->last_ms : w->from_ms + 1) : 0;
	int rc = 0;

	if (w->packets) {
		w->to_ms = from;
		rc = end_window(r, w);
	}
	return rc || at_ms - 1 <= from ? rc : add_outage(r, from);
}

static int add_delivery(struct sfe_trace_reader *r, struct window *w, uint64_t at_ms)
{
	const uint64_t length = r->trace->window_ns / NS_PER_MS;
	int rc = 0;

	if (at_ms > w->to_ms) {
		uint64_t from = (at_ms - 1) / length * length, to = from + length;
		if (w->packets ? from > w->to_ms : from > w->from_ms) {
			rc = end_at_outage(r, w, at_ms);
			from = at_ms - 1;
		} else {
			rc = end_window(r, w);
		}
		*w = (struct window){.from_ms = from, .to_ms = to};
	}
	w->last_ms = at_ms;
	w->packets++;
	return rc;
}

int sfe_trace_read_mahimahi(struct sfe_trace_reader *r)
{
	struct window w = {.to_ms = r->trace->window_ns / NS_PER_MS};
	uint64_t at = 0, last = 0;
	struct sfe_span line;
	int rc = 0;

	while (!rc && sfe_lines_next(&r->lines, &line)) {
		if (!line.len)
			continue;
		if (sfe_span_u64(line, &at) || at > MAX_TIME_MS)
			return sfe_trace_refuse(r, "write whole ms; for CSV write format: csv",
				"not a Mahimahi time");
		if (at < last)
			return sfe_trace_refuse(r, "sort the lines", "the time goes back");
		last = at;
		rc = add_delivery(r, &w, at);
	}
	if (rc)
		return rc;
	if (!last)
		return sfe_trace_refuse(r, NULL, "no line is later than 0 ms");
	r->trace->period_ns = last * NS_PER_MS;
	w.to_ms = last;
	return end_window(r, &w);
}
