/* SPDX-License-Identifier: MIT */
/* Series of UDP packets over a direction of a link: delay, loss, order, rate, queue. */
#include <math.h>
#include <stdlib.h>

#include "emu/verify/verify_measure.h"

#define MAX_BURST 20000u /* packets */
#define STEADY 500u      /* packets at 95 % of the rate */
#define MARGIN_NS 50000000u
#define Z99 2.576
#define KS99 1.628 /* over the square root of n */
#define SLACK_VIRTUAL_NS 1000.0
#define SLACK_REAL_NS 1e6
#define RATE_SLACK_VIRTUAL 0.005
#define RATE_LEAST 10u /* packets by which a rate is judged where delays vary */

/* On the real clock a series takes its budget at most. */
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

/* Kolmogorov's and Smirnov's distance of sorted delays from a law that begins at base. */
static double distance(const struct sfe_delay *law, double base, const int64_t *ns, uint32_t n)
{
	double ks = 0;

	if (law->law == SFE_DELAY_TABLE_OF_SAMPLES) {
		/* A law of steps is compared between its steps. */
		const struct sfe_delay_samples *s = law->samples;
		uint32_t below = 0;
		for (uint32_t k = 0; k + 1 < s->n; k++) {
			if (s->ns[k] == s->ns[k + 1])
				continue;
			double middle = base + (double)(s->ns[k] + s->ns[k + 1]) / 2;
			while (below < n && (double)ns[below] <= middle)
				below++;
			ks = fmax(ks, fabs((double)below / n - (double)(k + 1) / s->n));
		}
		return ks;
	}
	for (uint32_t i = 0; i < n; i++) {
		double cdf = sfe_delay_cdf(law, (double)ns[i] - base);
		ks = fmax(ks, fmax(cdf - (double)i / n, (double)(i + 1) / n - cdf));
	}
	return ks;
}

static void judge_delays(const struct sfe_verifying *v, const struct sfe_path *p, int64_t *ns,
	uint32_t n, struct sfe_verify_row *row)
{
	double constant, slack = v->options->real_clock ? SLACK_REAL_NS : SLACK_VIRTUAL_NS;
	int varying;
	const struct sfe_delay *law = sfe_path_law(p, &constant, &varying);
	double base = constant + sfe_path_frame_ns(p, SMALL_FRAME), worst = 0, burstiness;

	qsort(ns, n, sizeof(*ns), by_value);
	row->measured_p50_s = quantile(ns, n, 0.5) / 1e9;
	row->measured_p99_s = quantile(ns, n, 0.99) / 1e9;
	if (varying > 1)
		return;
	row->asked_p50_s = (base + (law ? sfe_delay_quantile(law, 0.5) : 0)) / 1e9;
	row->asked_p99_s = (base + (law ? sfe_delay_quantile(law, 0.99) : 0)) / 1e9;
	if (sfe_path_reorders(p) || sfe_path_slotted(p))
		return;
	for (uint32_t i = 0; i < n && !law; i++)
		worst = fmax(worst, fabs((double)ns[i] - base));
	if (law) {
		row->ks = distance(law, base, ns, n);
		/* Delays that depend on each other tell less. */
		double c = sfe_path_correlation(p);
		row->ks_limit = KS99 / sqrt(n * (1 - c) / (1 + c));
		if (row->ks > row->ks_limit)
			sfe_verify_complain(row, "delays are not of their law");
	} else {
		row->delay_error_s = worst / 1e9;
		/* On the real clock the rare one that is later met the guest's own work. */
		double off = v->options->real_clock
				     ? fabs(row->measured_p50_s - row->asked_p50_s) * 1e9
				     : worst;
		slack += sfe_path_rounding_ns(p, SMALL_FRAME);
		/* A copy comes after the packet, and in its place if that is thrown away. */
		if (sfe_path_duplicates(p, &burstiness) > 0)
			slack += sfe_path_frame_ns(p, SMALL_FRAME);
		if (off > slack)
			sfe_verify_complain(row, "delay is off by %.3g us", off / 1e3);
	}
}

/* How far from n times its chance 99 of 100 counts are; nothing is left to chance at 0 and at 1. */
static double interval(double chance, double burstiness, double n)
{
	return chance > 0 && chance < 1 ? Z99 * sqrt(chance * (1 - chance) * burstiness / n) + 1 / n
					: 0;
}

static void judge_losses(
	const struct sfe_path *p, const struct sfe_probe_series *s, struct sfe_verify_row *row)
{
	double burstiness, loss = sfe_path_loss(p, &burstiness);

	row->packets = s->sent;
	row->asked_loss = loss;
	row->measured_loss = 1 - (double)s->received / s->sent;
	row->loss_interval = interval(loss, burstiness, s->sent) + sfe_path_listed(p) / s->sent;
	if (fabs(row->measured_loss - loss) > row->loss_interval)
		sfe_verify_complain(row, "loses %.3g %%", 100 * row->measured_loss);
}

static void judge_duplicates(
	const struct sfe_path *p, const struct sfe_probe_series *s, struct sfe_verify_row *row)
{
	double burstiness, share = sfe_path_duplicates(p, &burstiness);

	row->duplicates = s->duplicates;
	if (!s->received)
		return;
	row->asked_duplicate = share;
	row->measured_duplicate = (double)s->duplicates / s->received;
	row->duplicate_interval = interval(share, burstiness, s->received);
	if (fabs(row->measured_duplicate - share) > row->duplicate_interval)
		sfe_verify_complain(row, "duplicates %u of %u", s->duplicates, s->received);
}

/* Which of the packets, far apart, left out the delay: it would have put them before others. */
static void judge_hurried(
	const struct sfe_path *p, const int64_t *ns, uint32_t n, struct sfe_verify_row *row)
{
	double constant, variance, share = sfe_path_hurries(p, &variance);
	int varying;
	uint32_t hurried = 0;

	sfe_path_law(p, &constant, &varying);
	if (!sfe_path_reorders(p) || sfe_path_slotted(p) || varying || p->n > 1 || constant <= 0)
		return;
	for (uint32_t i = 0; i < n; i++)
		hurried += (double)ns[i] < constant;
	row->asked_hurried = share;
	row->measured_hurried = (double)hurried / n;
	row->hurried_interval = Z99 * sqrt(variance / n) + 1.0 / n;
	if (fabs(row->measured_hurried - share) > row->hurried_interval)
		sfe_verify_complain(row, "lets %.3g %% leave out the delay", 100.0 * hurried / n);
}

int sfe_verify_delay(const struct sfe_verifying *v, const struct sfe_path *p,
	struct sfe_probe_path *probe, struct sfe_verify_row *row)
{
	struct sfe_probe_series s;
	/* So far apart that no packet waits for the one before it. */
	double gap = sfe_path_max_delay(p) + 2 * sfe_path_frame_ns(p, SMALL_FRAME) + 1000;
	double constant;
	int varying;

	sfe_path_law(p, &constant, &varying);
	if (!varying && !sfe_path_slotted(p))
		gap = 2 * sfe_path_frame_ns(p, SMALL_FRAME) + 10000;
	uint32_t n = bounded(v, v->options->probes, gap);
	int r = sfe_probe_udp(probe, n, SFE_PROBE_LEAST, (uint64_t)gap,
		(uint64_t)(sfe_path_max_delay(p) + sfe_path_frame_ns(p, SMALL_FRAME)) + MARGIN_NS,
		&s, v->err);

	if (!r) {
		uint32_t kept = 0;
		judge_losses(p, &s, row);
		judge_duplicates(p, &s, row);
		row->reordered += s.reordered;
		for (uint32_t i = 0; i < s.sent; i++)
			if (s.delay_ns[i] >= 0)
				s.delay_ns[kept++] = s.delay_ns[i];
		if (kept) {
			judge_delays(v, p, s.delay_ns, kept, row);
			judge_hurried(p, s.delay_ns, kept, row);
		}
	}
	sfe_probe_series_free(&s);
	return r;
}

/* Full packets at 95 % of the rate: none is lost, none overtakes. */
int sfe_verify_steady(const struct sfe_verifying *v, const struct sfe_path *p,
	struct sfe_probe_path *probe, struct sfe_verify_row *row)
{
	uint32_t frame = p->mtu + SFE_FRAME_OVERHEAD;
	double gap = sfe_link_frame_ns(sfe_path_bottleneck(p), frame) / 0.95;
	struct sfe_probe_series s;
	int r = sfe_probe_udp(probe, bounded(v, STEADY, gap), frame - SFE_PROBE_HEADERS,
		(uint64_t)gap,
		(uint64_t)(sfe_path_max_delay(p) + 100 * sfe_path_frame_ns(p, frame)) + MARGIN_NS,
		&s, v->err);

	if (!r) {
		row->lost_at_95 = s.sent - s.received;
		row->largest_bytes = s.largest + 28;
		row->reordered += s.reordered;
		if (row->lost_at_95 && !sfe_path_disturbed(p) && !sfe_path_slotted(p))
			sfe_verify_complain(row, "loses %u of %u packets at 95 %% of its rate",
				row->lost_at_95, s.sent);
	}
	sfe_probe_series_free(&s);
	return r;
}

/*
 * The time from packet to packet of a line that is never idle, or 0 where that cannot be told.
 * Where delays vary the line is idle while all that is on it waits for its delay; after the longest
 * one is over that does not happen any more, and if nothing is left then, the middle one of all
 * times between two packets is not such a wait. Nor is it the time of one that was thrown away
 * where it arrived, corrupted.
 */
static double spacing(const struct sfe_path *p, const struct sfe_probe_series *s)
{
	int64_t from = s->last_sent_ns + (int64_t)sfe_path_max_delay(p), first = 0, last = 0,
		was = 0;
	int64_t *between = malloc((s->sent + 1) * sizeof(*between));
	uint32_t n = 0, after = 0;
	double constant, result = 0;
	int varying;

	sfe_path_law(p, &constant, &varying);
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
	if (after >= (varying ? RATE_LEAST : 2) && !sfe_path_corrupts(p)) {
		result = (double)(last - first) / (after - 1);
	} else if (between && n >= RATE_LEAST) {
		qsort(between, n, sizeof(*between), by_value);
		result = quantile(between, n, 0.5);
	}
	free(between);
	return result;
}

static void judge_rate(const struct sfe_verifying *v, const struct sfe_path *p,
	const struct sfe_probe_series *s, double frame_time, struct sfe_verify_row *row)
{
	double slack = v->options->real_clock ? SFE_VERIFY_RATE_SLACK_REAL : RATE_SLACK_VIRTUAL;
	double constant, took;
	int varying;

	sfe_path_law(p, &constant, &varying);
	/* A managed queue lets packets out one by one at the rate: those that are lost or doubled
	 * after it have had their time, and those whose delay varies come as it says. */
	if (sfe_shaper_manages(sfe_path_bottleneck(p)) && (varying || sfe_path_disturbed(p)))
		return;
	if (sfe_path_reorders(p) || sfe_path_slotted(p) || s->duplicates)
		return;
	took = spacing(p, s);
	if (took <= 0)
		return;
	double ratio = frame_time / took;
	row->udp_rate_bps = ratio * (double)sfe_path_bottleneck(p)->rate_bps;
	if (fabs(ratio - 1) > slack)
		sfe_verify_complain(row, "rate is off by %.2g %%", 100 * (ratio - 1));
}

static void judge_queue(const struct sfe_path *p, const struct sfe_probe_series *s,
	double frame_time, struct sfe_verify_row *row)
{
	const struct sfe_link_spec *b = sfe_path_bottleneck(p);
	/* As the line counts them, with overhead and cells. */
	double frame = frame_time * (double)b->rate_bps / 8e9;
	/* What was sent while the packets came is no longer waiting. */
	double gone = (double)(s->last_sent_ns - s->first_sent_ns) / frame_time;
	double waited = ((double)s->received - 1 - gone) * frame;

	/* A managed queue drops before it is full: that is what it is for. */
	if (sfe_path_disturbed(p) || sfe_path_slotted(p) || s->received == s->sent ||
		sfe_shaper_manages(b))
		return;
	row->measured_queue_bytes = waited;
	row->asked_queue_bytes = b->queue_packets && !b->queue_bytes
					 ? (double)b->queue_packets * frame
					 : sfe_link_queue_bytes(b);
	if (waited + frame <= row->asked_queue_bytes)
		sfe_verify_complain(row, "drops with %.0f bytes waiting", waited);
	/* In packets, those that are under way count too; and a path of two has two queues. */
	else if (sfe_shaper_polices(b) && p->n == 1 &&
		 waited > 1.001 * row->asked_queue_bytes + frame)
		sfe_verify_complain(row, "lets %.0f bytes wait", waited);
}

/* More at once than the queue holds: it fills, and empties at the rate. */
int sfe_verify_burst(const struct sfe_verifying *v, const struct sfe_path *p,
	struct sfe_probe_path *probe, struct sfe_verify_row *row)
{
	uint32_t frame = p->mtu + SFE_FRAME_OVERHEAD;
	const struct sfe_link_spec *b = sfe_path_bottleneck(p);
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
		(uint64_t)(sfe_path_max_delay(p) + (n + 2) * frame_time +
			   sfe_path_frame_ns(p, frame)) +
			MARGIN_NS,
		&s, v->err);
	if (!r) {
		row->reordered += s.reordered;
		judge_rate(v, p, &s, frame_time, row);
		judge_queue(p, &s, frame_time, row);
	}
	sfe_probe_series_free(&s);
	return r;
}
