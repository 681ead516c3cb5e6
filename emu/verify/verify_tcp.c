/* SPDX-License-Identifier: MIT */
/* TCP's goodput over a direction of a link. */
#include <errno.h>
#include <math.h>

#include "emu/verify/verify_measure.h"

#define PACKETS 4000u
/* So many that the longest delays, 1 in 4096, were met before the half that is measured. */
#define PACKETS_VARYING 40000u
#define FASTER 0.05 /* than the rate, at most */
#define GOODPUT_SLACK_VIRTUAL 0.01

/* What there is to know of a way, in bytes of payload. */
struct way {
	uint32_t mss;
	double frame_ns; /* of a full one, at the bottleneck */
	double rtt_ns;   /* at most */
	double there;    /* under way in one direction, at most */
	double round;    /* and until the acknowledgement is back */
	double queue;    /* what may wait, in bytes as the line counts them */
	double slack;    /* how much of the queue the transfer uses */
	bool varying;
};

static struct way way_of(const struct sfe_verifying *v, const struct sfe_path *p)
{
	const struct sfe_link_spec *b = sfe_path_bottleneck(p);
	struct way w = {.mss = p->mtu - 40 - (v->e->scenario->tcp.timestamps ? 12 : 0),
		.frame_ns = sfe_link_frame_ns(b, p->mtu + SFE_FRAME_OVERHEAD)};
	double constant;
	int varying;

	sfe_path_law(p, &constant, &varying);
	w.varying = varying;
	w.rtt_ns = sfe_path_max_delay(p) + p->reverse_ns +
		   sfe_path_frame_ns(p, p->mtu + SFE_FRAME_OVERHEAD);
	w.there = (w.rtt_ns - p->reverse_ns) / w.frame_ns * w.mss;
	w.round = w.rtt_ns / w.frame_ns * w.mss;
	w.queue = b->queue_packets && !b->queue_bytes ? (double)b->queue_packets * w.mss
						      : sfe_link_queue_bytes(b);
	w.slack = fmin(w.queue / 2, fmax(w.round / 2, 64.0 * w.mss));
	return w;
}

/* Where nothing may go wrong, and the window fits between the way and the queue's end. */
static bool measurable(const struct sfe_verifying *v, const struct sfe_path *p, const struct way *w)
{
	const struct sfe_link_spec *b = sfe_path_bottleneck(p);

	return b->rate_bps && p->own_bottleneck && !sfe_path_disturbed(p) &&
	       !sfe_path_reorders(p) && !sfe_path_slotted(p) && !sfe_shaper_manages(b) &&
	       w->queue >= 8 * w->mss && w->round + w->slack <= (double)v->options->tcp_window &&
	       !(w->varying && !sfe_shaper_polices(b));
}

/*
 * How much faster than the rate the transfer sends, so that its pace is not what limits it. Until
 * the first packet is through, what is sent too fast can only wait. Where delays vary, a line is
 * idle while all that is on it waits for its delay, which nobody makes good; the more is under way
 * the less that is, and so the queue would fill by all that was sent too fast. The transfer's whole
 * surplus then has to fit into it.
 */
static double faster(const struct way *w, double bytes)
{
	return fmin(FASTER, 0.5 * w->slack / (w->varying ? bytes : w->there));
}

int sfe_verify_tcp(const struct sfe_verifying *v, const struct sfe_path *p,
	struct sfe_probe_path *probe, struct sfe_verify_row *row)
{
	const struct way w = way_of(v, p);
	double goodput;

	if (!measurable(v, p, &w))
		return 0;
	double window = fmax(w.round + w.slack, 4.0 * w.mss);
	double bytes = 6 * window + (w.varying ? PACKETS_VARYING : PACKETS) * (double)w.mss;
	if (v->options->real_clock)
		bytes = fmin(bytes, SFE_VERIFY_BUDGET_NS / w.frame_ns * w.mss + 4 * window);
	row->tcp_ceiling_bps = w.mss * 8e9 / w.frame_ns;
	const struct sfe_probe_transfer t = {
		.bytes = (uint64_t)bytes,
		.ahead = (uint64_t)fmax(w.there + w.slack, 4.0 * w.mss),
		.window = (uint64_t)window,
		.pace = (uint64_t)((1 + faster(&w, bytes)) * row->tcp_ceiling_bps / 8) + 1,
		/* Soon enough that the window stays open. */
		.look_ns = (uint64_t)(fmin(64, w.slack / w.mss / 4 + 1) * w.frame_ns),
		.limit_ns = (uint64_t)(3 * bytes / w.mss * w.frame_ns + 100 * w.rtt_ns + 1e10),
		.settle_ns = (uint64_t)(2 * w.rtt_ns + 1e8),
	};
	int r = sfe_probe_tcp(v->net, probe, &t, &goodput, v->err);
	if (r == -ETIME) {
		sfe_verify_complain(row, "TCP does not get through in time");
		return 0;
	}
	if (r)
		return r;
	row->tcp_goodput_bps = goodput;
	double slack = v->options->real_clock ? SFE_VERIFY_RATE_SLACK_REAL : GOODPUT_SLACK_VIRTUAL;
	if (goodput < row->tcp_ceiling_bps * (1 - slack) ||
		goodput > row->tcp_ceiling_bps * (1 + slack))
		sfe_verify_complain(
			row, "TCP goodput is %.3g of its ceiling", goodput / row->tcp_ceiling_bps);
	return 0;
}
