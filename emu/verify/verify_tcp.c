/* SPDX-License-Identifier: MIT */
#include "emu/verify/verify_tcp.h"

#include <errno.h>
#include <math.h>

#define PACKETS 4000u
/* Enough that even the longest delays, 1 in 4096, occur before the half that is measured. */
#define PACKETS_VARYING 40000u
#define MAX_FASTER 0.05 /* how much faster than the rate, at most */
#define GOODPUT_SLACK_VIRTUAL 0.01

/* The path of a transfer, in bytes of payload. */
struct transfer_path {
	uint32_t mss;
	double frame_ns;  /* of a full frame, at the bottleneck */
	double rtt_ns;    /* at most */
	double one_way;   /* in flight towards the receiver, at most */
	double both_ways; /* and until the acknowledgement is back */
	double queue;     /* the queue's limit, in bytes as the line counts them */
	double slack;     /* how much of the queue the transfer uses */
	bool varying;
};

static struct transfer_path transfer_path_of(
	const struct sfe_verifying *v, const struct sfe_verify_path *p)
{
	const struct sfe_link_spec *b = sfe_verify_path_bottleneck(p);
	struct transfer_path w = {.mss = p->mtu - 40 - (v->e->scenario->tcp.timestamps ? 12 : 0),
		.frame_ns = sfe_link_frame_ns(b, p->mtu + SFE_FRAME_OVERHEAD)};
	double constant;
	int varying;

	sfe_verify_path_law(p, &constant, &varying);
	w.varying = varying;
	w.rtt_ns = sfe_verify_path_max_delay(p) + p->reverse_ns +
		   sfe_verify_path_frame_ns(p, p->mtu + SFE_FRAME_OVERHEAD);
	w.one_way = (w.rtt_ns - p->reverse_ns) / w.frame_ns * w.mss;
	w.both_ways = w.rtt_ns / w.frame_ns * w.mss;
	w.queue = b->queue_packets && !b->queue_bytes ? (double)b->queue_packets * w.mss
						      : sfe_link_queue_bytes(b);
	w.slack = fmin(w.queue / 2, fmax(w.both_ways / 2, 64.0 * w.mss));
	return w;
}

/* Whether TCP can be measured: no packet is lost or reordered on purpose, and there is a window
 * that fills the path but does not overflow the queue. */
static bool measurable(const struct sfe_verifying *v, const struct sfe_verify_path *p,
	const struct transfer_path *w)
{
	const struct sfe_link_spec *b = sfe_verify_path_bottleneck(p);

	return b->rate_bps && p->own_bottleneck && !sfe_verify_path_disturbed(p) &&
	       !sfe_verify_path_reorders(p) && !sfe_verify_path_slotted(p) &&
	       !sfe_shaper_manages(b) && w->queue >= 8 * w->mss &&
	       w->both_ways + w->slack <= (double)v->options->tcp_window &&
	       !(w->varying && !sfe_shaper_polices(b));
}

/*
 * How much faster than the rate the transfer is paced, so that the pace does not limit it. The
 * surplus waits in the queue.
 *
 * With a constant delay, it grows until the first packet has arrived: one path's worth of surplus
 * must fit. With a varying delay, the line is sometimes idle while all packets on it wait for their
 * delays; the more packets are in flight the rarer that is, so that the queue may grow all the
 * time. Then the surplus of the whole transfer must fit.
 */
static double faster(const struct transfer_path *w, double bytes)
{
	return fmin(MAX_FASTER, 0.5 * w->slack / (w->varying ? bytes : w->one_way));
}

int sfe_verify_tcp(const struct sfe_verifying *v, const struct sfe_verify_path *p,
	struct sfe_probe_sockets *probe, struct sfe_verify_row *row)
{
	const struct transfer_path w = transfer_path_of(v, p);
	double goodput;

	if (!measurable(v, p, &w))
		return 0;
	double window = fmax(w.both_ways + w.slack, 4.0 * w.mss);
	double bytes = 6 * window + (w.varying ? PACKETS_VARYING : PACKETS) * (double)w.mss;
	if (v->options->real_clock)
		bytes = fmin(bytes, SFE_VERIFY_BUDGET_NS / w.frame_ns * w.mss + 4 * window);
	row->tcp_ceiling_bps = w.mss * 8e9 / w.frame_ns;
	const struct sfe_probe_transfer t = {
		.bytes = (uint64_t)bytes,
		.ahead = (uint64_t)fmax(w.one_way + w.slack, 4.0 * w.mss),
		.window = (uint64_t)window,
		.pace = (uint64_t)((1 + faster(&w, bytes)) * row->tcp_ceiling_bps / 8) + 1,
		/* Often enough that the window stays open. */
		.look_ns = (uint64_t)(fmin(64, w.slack / w.mss / 4 + 1) * w.frame_ns),
		.limit_ns = (uint64_t)(3 * bytes / w.mss * w.frame_ns + 100 * w.rtt_ns + 1e10),
		.settle_ns = (uint64_t)(2 * w.rtt_ns + 1e8),
	};
	int r = sfe_probe_tcp(v->net, probe, &t, &goodput, v->err);
	if (r == -ETIME) {
		sfe_verify_timed_fault(v, "TCP does not get through in time");
		return 0;
	}
	if (r)
		return r;
	row->tcp_goodput_bps = goodput;
	double slack = v->options->real_clock ? SFE_VERIFY_RATE_SLACK_REAL : GOODPUT_SLACK_VIRTUAL;
	if (goodput < row->tcp_ceiling_bps * (1 - slack) ||
		goodput > row->tcp_ceiling_bps * (1 + slack))
		sfe_verify_timed_fault(
			v, "TCP goodput is %.3g of its ceiling", goodput / row->tcp_ceiling_bps);
	return 0;
}
