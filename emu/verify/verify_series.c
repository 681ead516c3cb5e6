/* SPDX-License-Identifier: MIT */
#include "emu/verify/verify_series.h"

#include <math.h>
#include <stdlib.h>

#include "emu/verify/verify_copies.h"
#include "emu/verify/verify_law.h"
#include "sfemu/dcf.h"

#define MAX_BURST 20000u /* packets */
#define STEADY 500u      /* packets at 95 % of the rate */
#define MARGIN_NS 50000000u
#define Z99 2.576
#define KS99 1.628 /* over the square root of n */
#define SLACK_VIRTUAL_NS 1000.0
#define SLACK_REAL_NS 1e6
#define RATE_SLACK_VIRTUAL 0.005
#define RATE_SLACK_CONTENTION 0.05
#define LEAST_AGGREGATES 5u
#define ROUNDING 1e-9  /* of sums of probabilities */
#define RATE_LEAST 10u /* packets that a rate is judged by if delays vary */

/* The number of packets, limited on the real clock by the time budget of a series. */
static uint32_t bounded(const struct sfe_verifying *v, uint32_t n, double gap_ns)
{
	double most = SFE_VERIFY_BUDGET_NS / fmax(gap_ns, 1);

	if (!v->options->real_clock || n <= most)
		return n;
	return most < 10 ? 10 : (uint32_t)most;
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static double quantile(const int64_t *sorted, uint32_t n, double p)
{
	uint32_t i = (uint32_t)ceil(p * n);

	return (double)sorted[i ? i - 1 : 0];
}

/* The greatest distance of the delays from their law that is taken for chance. */
static double distance_limit(
	const struct sfe_verify_path *p, const struct sfe_verify_copies *copies, uint32_t n)
{
	double c = sfe_verify_path_correlation(p);
	/* Correlated delays count as fewer independent ones. */
	double limit = KS99 / sqrt(n * (1 - c) / (1 + c));

	/* What is measured in the place of a lost copy is known exactly only on a path of one link
	 * and with independent delays: F and F² differ by 1/4 at most. */
	return limit + copies->replaced * (p->n > 1 ? 1 : c > 0 ? 0.25 : 0);
}

static void judge_law(const struct sfe_verifying *v, const struct sfe_verify_path *p,
	const struct sfe_delay *delay, double base, const int64_t *ns, uint32_t n,
	struct sfe_verify_row *row)
{
	struct sfe_verify_copies copies;
	struct sfe_delay_netem netem;

	sfe_verify_copies(p, &copies);
	sfe_delay_netem_range(delay, &netem, NULL);
	bool real = v->options->real_clock && delay->law != SFE_DELAY_TABLE_OF_SAMPLES;
	const struct sfe_verify_law law = {
		.delay = delay,
		.base = base,
		.replaced = p->n == 1 ? copies.replaced : 0,
		.frame_ns = sfe_verify_path_frame_ns(p, SFE_VERIFY_SMALL_FRAME),
		.slack = (real ? SLACK_REAL_NS : SLACK_VIRTUAL_NS) + netem.step_ns +
			 sfe_verify_path_rounding_ns(p, SFE_VERIFY_SMALL_FRAME),
	};
	row->ks = sfe_verify_law_distance(&law, ns, n);
	row->ks_limit = distance_limit(p, &copies, n);
	if (row->ks > row->ks_limit)
		sfe_verify_timed_fault(v, "delays are not of their law");
}

static void judge_delays(const struct sfe_verifying *v, const struct sfe_verify_path *p,
	int64_t *ns, uint32_t n, struct sfe_verify_row *row)
{
	double constant, slack = v->options->real_clock ? SLACK_REAL_NS : SLACK_VIRTUAL_NS;
	int varying;
	const struct sfe_delay *law = sfe_verify_path_law(p, &constant, &varying);
	double base = constant + sfe_verify_path_frame_ns(p, SFE_VERIFY_SMALL_FRAME), worst = 0;
	struct sfe_verify_copies copies;

	qsort(ns, n, sizeof(*ns), by_value);
	row->measured_p50_s = quantile(ns, n, 0.5) / 1e9;
	row->measured_p99_s = quantile(ns, n, 0.99) / 1e9;
	if (varying > 1)
		return;
	row->asked_p50_s = (base + (law ? sfe_delay_quantile(law, 0.5) : 0)) / 1e9;
	row->asked_p99_s = (base + (law ? sfe_delay_quantile(law, 0.99) : 0)) / 1e9;
	if (sfe_verify_path_reorders(p) || sfe_verify_path_slotted(p))
		return;
	for (uint32_t i = 0; i < n && !law; i++)
		worst = fmax(worst, fabs((double)ns[i] - base));
	if (law) {
		judge_law(v, p, law, base, ns, n, row);
	} else {
		row->delay_error_s = worst / 1e9;
		/* On the real clock, single packets are late because of the guest's own work: the
		 * median is judged. */
		double off = v->options->real_clock
				     ? fabs(row->measured_p50_s - row->asked_p50_s) * 1e9
				     : worst;
		slack += sfe_verify_path_rounding_ns(p, SFE_VERIFY_SMALL_FRAME);
		/* A duplicate is sent after the packet; if the packet itself is dropped, the
		 * duplicate is measured in its place. */
		sfe_verify_copies(p, &copies);
		slack += (copies.most - 1) * sfe_verify_path_frame_ns(p, SFE_VERIFY_SMALL_FRAME);
		if (off > slack)
			sfe_verify_timed_fault(v, "delay is off by %.3g us", off / 1e3);
	}
}

/* The half width of the interval around a mean that contains 99 of 100 measured means. Without a
 * variance nothing is random. */
static double interval(double variance, double burstiness, double n)
{
	return variance > 0 ? Z99 * sqrt(variance * burstiness / n) + 1 / n : 0;
}

static void judge_losses(const struct sfe_verify_path *p, const struct sfe_probe_series *s,
	struct sfe_verify_row *row)
{
	struct sfe_verify_copies copies;

	sfe_verify_copies(p, &copies);
	row->packets = s->sent;
	row->asked_loss = copies.loss;
	row->measured_loss = 1 - (double)s->received / s->sent;
	row->loss_interval =
		interval(copies.loss * (1 - copies.loss), copies.loss_burstiness, s->sent) +
		sfe_verify_path_listed(p) / s->sent;
	if (fabs(row->measured_loss - copies.loss) > row->loss_interval + ROUNDING)
		sfe_verify_fault(row, "loses %.3g %%", 100 * row->measured_loss);
}

static void judge_duplicates(const struct sfe_verify_path *p, const struct sfe_probe_series *s,
	struct sfe_verify_row *row)
{
	struct sfe_verify_copies copies;

	row->duplicates = s->duplicates;
	if (!s->received)
		return;
	sfe_verify_copies(p, &copies);
	row->asked_duplicate = copies.extra;
	row->measured_duplicate = (double)s->duplicates / s->received;
	row->duplicate_interval = interval(copies.extra_var, copies.extra_burstiness, s->received);
	if (fabs(row->measured_duplicate - copies.extra) > row->duplicate_interval + ROUNDING)
		sfe_verify_fault(row, "duplicates %u of %u", s->duplicates, s->received);
}

/* Judges reordering: netem reorders by sending some packets without delay. These probes are so far
 * apart that none overtakes another, but the missing delay shows. netem draws for each copy of a
 * packet, so that all copies are counted. */
static void judge_undelayed(const struct sfe_verify_path *p, const struct sfe_probe_series *s,
	struct sfe_verify_row *row)
{
	double constant, variance, share = sfe_verify_path_undelayed(p, &variance);
	int varying;
	uint32_t hurried = 0, n = s->received + s->duplicates;

	sfe_verify_path_law(p, &constant, &varying);
	if (!sfe_verify_path_reorders(p) || sfe_verify_path_slotted(p) || varying || p->n > 1 ||
		constant <= 0)
		return;
	for (uint32_t i = 0; i < s->sent; i++)
		hurried += s->delay_ns[i] >= 0 && (double)s->delay_ns[i] < constant;
	for (uint32_t i = 0; i < s->duplicates; i++)
		hurried += (double)s->again_ns[i] < constant;
	row->asked_hurried = share;
	row->measured_hurried = (double)hurried / n;
	row->hurried_interval = Z99 * sqrt(variance / n) + 1.0 / n;
	if (fabs(row->measured_hurried - share) > row->hurried_interval)
		sfe_verify_fault(row, "lets %.3g %% leave out the delay", 100.0 * hurried / n);
}

int sfe_verify_delay(const struct sfe_verifying *v, const struct sfe_verify_path *p,
	struct sfe_probe_sockets *probe, struct sfe_verify_row *row)
{
	struct sfe_probe_series s;
	struct sfe_verify_copies copies;
	double constant, frame = sfe_verify_path_frame_ns(p, SFE_VERIFY_SMALL_FRAME);
	int varying;

	sfe_verify_copies(p, &copies);
	/* The gap is so long that no packet waits for the one before it, nor for its copies. */
	double gap = sfe_verify_path_max_delay(p) + 2 * copies.most * frame + 1000;
	sfe_verify_path_law(p, &constant, &varying);
	if (!varying && !sfe_verify_path_slotted(p))
		gap = 2 * copies.most * frame + 10000;
	gap = fmax(gap,
		copies.most * frame + sfe_verify_path_contention_ns(p, SFE_VERIFY_SMALL_FRAME));
	uint32_t n = bounded(v, v->options->probes, gap);
	int r = sfe_probe_udp(probe, n, SFE_PROBE_LEAST, (uint64_t)gap,
		(uint64_t)(sfe_verify_path_max_delay(p) + copies.most * frame) + MARGIN_NS, &s,
		v->err);

	if (!r) {
		uint32_t kept = 0;
		judge_losses(p, &s, row);
		judge_duplicates(p, &s, row);
		row->reordered += s.reordered;
		if (s.received)
			judge_undelayed(p, &s, row);
		for (uint32_t i = 0; i < s.sent; i++)
			if (s.delay_ns[i] >= 0)
				s.delay_ns[kept++] = s.delay_ns[i];
		if (kept)
			judge_delays(v, p, s.delay_ns, kept, row);
	}
	sfe_probe_series_free(&s);
	return r;
}

int sfe_verify_steady(const struct sfe_verifying *v, const struct sfe_verify_path *p,
	struct sfe_probe_sockets *probe, struct sfe_verify_row *row)
{
	uint32_t frame = p->mtu + SFE_FRAME_OVERHEAD;
	double gap =
		sfe_verify_path_service_ns(sfe_verify_path_bottleneck(p), p->mtu, frame) / 0.95;
	struct sfe_probe_series s;
	int r = sfe_probe_udp(probe, bounded(v, STEADY, gap), frame - SFE_PROBE_HEADERS,
		(uint64_t)gap,
		(uint64_t)(sfe_verify_path_max_delay(p) + 100 * sfe_verify_path_frame_ns(p, frame) +
			   100 * sfe_verify_path_contention_ns(p, frame)) +
			MARGIN_NS,
		&s, v->err);

	if (!r) {
		row->lost_at_95 = s.sent - s.received;
		row->largest_bytes = s.largest + 28;
		row->reordered += s.reordered;
		if (row->lost_at_95 && !sfe_verify_path_disturbed(p) && !sfe_verify_path_slotted(p))
			sfe_verify_timed_fault(v, "loses %u of %u packets at 95 %% of its rate",
				row->lost_at_95, s.sent);
	}
	sfe_probe_series_free(&s);
	return r;
}

/*
 * The time from packet to packet on a line that is never idle, or 0 if it is not known.
 *
 * If delays vary, the line is idle while all packets on it wait for their delays. That does not
 * happen any more once the longest delay has passed since the last packet was sent: the mean over
 * the packets after that time is taken. If there are too few of them, or if packets are lost
 * through corruption, the median of all times between two packets is taken: few of those times
 * include such a wait or a lost packet.
 */
static double spacing(const struct sfe_verify_path *p, const struct sfe_probe_series *s)
{
	int64_t from = s->last_sent_ns + (int64_t)sfe_verify_path_max_delay(p), first = 0, last = 0,
		was = 0;
	int64_t *between = malloc((s->sent + 1) * sizeof(*between));
	uint32_t n = 0, after = 0;
	double constant, result = 0;
	int varying;

	sfe_verify_path_law(p, &constant, &varying);
	for (uint32_t i = 0; i < s->sent && between; i++) {
		if (s->delay_ns[i] < 0)
			continue;
		if (was)
			between[n++] = s->at_ns[i] - was;
		was = s->at_ns[i];
		if (varying && was < from)
			continue;
		first = first ? first : was;
		last = was;
		after++;
	}
	if (after >= (varying ? RATE_LEAST : 2) && !sfe_verify_path_corrupts(p)) {
		result = (double)(last - first) / (after - 1);
	} else if (between && n >= RATE_LEAST) {
		qsort(between, n, sizeof(*between), by_value);
		result = quantile(between, n, 0.5);
	}
	free(between);
	return result;
}

static void judge_rate(const struct sfe_verifying *v, const struct sfe_verify_path *p,
	const struct sfe_probe_series *s, double frame_time, struct sfe_verify_row *row)
{
	const struct sfe_link_spec *b = sfe_verify_path_bottleneck(p);
	bool contends = sfe_shaper_contends(b);
	double slack = contends                 ? RATE_SLACK_CONTENTION
		       : v->options->real_clock ? SFE_VERIFY_RATE_SLACK_REAL
						: RATE_SLACK_VIRTUAL;
	double constant, took;
	int varying;

	sfe_verify_path_law(p, &constant, &varying);
	/* A managed queue releases packets one by one at the rate. Those lost or duplicated after
	 * it have taken their time already, and varying delays change the times of arrival. */
	if (sfe_shaper_manages(b) && (varying || sfe_verify_path_disturbed(p)))
		return;
	if (sfe_verify_path_reorders(p) || sfe_verify_path_slotted(p) || s->duplicates)
		return;
	took = spacing(p, s);
	if (took <= 0)
		return;
	double ratio = frame_time / took;
	row->udp_rate_bps = ratio * (double)b->rate_bps;
	/* A station that is alone: of few aggregates the first and the last count too much. */
	if (contends) {
		uint32_t limit = sfe_shaper_managed_packets(b, p->mtu);
		uint32_t frame = p->mtu + SFE_FRAME_OVERHEAD;
		if (s->received < LEAST_AGGREGATES * sfe_dcf_frames(b, limit, frame))
			return;
		ratio = sfe_verify_path_service_ns(b, p->mtu, frame) / took;
	}
	if (fabs(ratio - 1) > slack)
		sfe_verify_timed_fault(v, "rate is off by %.2g %%", 100 * (ratio - 1));
}

static void judge_queue(const struct sfe_verifying *v, const struct sfe_verify_path *p,
	const struct sfe_probe_series *s, double frame_time, struct sfe_verify_row *row)
{
	const struct sfe_link_spec *b = sfe_verify_path_bottleneck(p);
	/* Bytes of a frame as the line counts them, with overhead and cells. */
	double frame = frame_time * (double)b->rate_bps / 8e9;
	/* Packets that left the queue while the series was still being sent. */
	double gone = (double)(s->last_sent_ns - s->first_sent_ns) / frame_time;
	/* Where stations contend, the first of a burst waits too. */
	double waited = ((double)s->received - !sfe_shaper_contends(b) - gone) * frame;

	bool managed = sfe_shaper_manages(b);
	/* A managed queue drops before it is full, on purpose; a station's queue may not. */
	if (sfe_verify_path_disturbed(p) || sfe_verify_path_slotted(p) || s->received == s->sent ||
		(managed && b->discipline != SFE_DROP_TAIL))
		return;
	row->measured_queue_bytes = waited;
	row->asked_queue_bytes = managed ? sfe_shaper_managed_packets(b, p->mtu) * frame
				 : b->queue_packets && !b->queue_bytes
					 ? (double)b->queue_packets * frame
					 : sfe_link_queue_bytes(b);
	if (waited + frame <= row->asked_queue_bytes)
		sfe_verify_timed_fault(v, "drops with %.0f bytes waiting", waited);
	/* A limit in packets includes those in flight; and a path of two links has two queues. */
	else if (sfe_shaper_polices(b) && p->n == 1 &&
		 waited > 1.001 * row->asked_queue_bytes + frame)
		sfe_verify_timed_fault(v, "lets %.0f bytes wait", waited);
}

/* A burst that comes slower than the link sends leaves the link idle. */
static void judge_sender(const struct sfe_verifying *v, const struct sfe_link_spec *b,
	const struct sfe_probe_series *s, double frame_time)
{
	double took = (double)(s->last_sent_ns - s->first_sent_ns) / (s->sent - 1);

	if (!v->options->real_clock || took < frame_time * (1 - SFE_VERIFY_RATE_SLACK_REAL))
		return;
	v->speed->sent_bps = (double)b->rate_bps * frame_time / took;
	v->speed->rate_bps = (double)b->rate_bps;
}

int sfe_verify_burst(const struct sfe_verifying *v, const struct sfe_verify_path *p,
	struct sfe_probe_sockets *probe, struct sfe_verify_row *row)
{
	uint32_t frame = p->mtu + SFE_FRAME_OVERHEAD;
	const struct sfe_link_spec *b = sfe_verify_path_bottleneck(p);
	double frame_time = sfe_link_frame_ns(b, frame);
	double holds = sfe_shaper_manages(b)                 ? sfe_shaper_managed_packets(b, p->mtu)
		       : b->queue_packets && !b->queue_bytes ? sfe_shaper_limit(b, p->mtu)
							     : sfe_link_queue_bytes(b) / frame + 1;
	double n = 1.2 * holds + 20;
	struct sfe_probe_series s;

	if (!b->rate_bps || !p->own_bottleneck)
		return 0;
	n = fmin(n, MAX_BURST);
	n = v->options->real_clock ? fmin(n, fmax(20, SFE_VERIFY_BUDGET_NS / frame_time)) : n;
	int r = sfe_probe_udp(probe, (uint32_t)n, frame - SFE_PROBE_HEADERS, 0,
		(uint64_t)(sfe_verify_path_max_delay(p) +
			   (n + 2) * sfe_verify_path_service_ns(b, p->mtu, frame) +
			   sfe_verify_path_frame_ns(p, frame)) +
			MARGIN_NS,
		&s, v->err);
	if (!r) {
		row->reordered += s.reordered;
		judge_sender(v, b, &s, frame_time);
		judge_rate(v, p, &s, frame_time, row);
		judge_queue(v, p, &s, frame_time, row);
	}
	sfe_probe_series_free(&s);
	return r;
}
