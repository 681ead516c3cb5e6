/* SPDX-License-Identifier: MIT */
#include "emu/run/verify.h"

#include <errno.h>
#include <fnmatch.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "emu/run/channel.h"
#include "emu/run/results.h"
#include "emu/run/verify_path.h"
#include "emu/run/verify_probe.h"

#define MAX_BURST 20000u /* packets */
#define STEADY 500u      /* packets at 95 % of the rate */
#define MAX_TCP_WINDOW (16u << 20)
#define TCP_PACKETS 4000u
#define REAL_BUDGET_NS 2e9 /* for one series on the real clock */
#define MARGIN_NS 50000000u
#define Z99 2.576
#define KS99 1.628 /* over the square root of n */
#define SLACK_VIRTUAL_NS 1000.0
#define SLACK_REAL_NS 1e6
#define RATE_SLACK_VIRTUAL 0.005
#define RATE_SLACK_REAL 0.02

struct verifying {
	const struct sfe_experiment *e;
	struct sfe_net *net;
	const struct sfe_verify_options *options;
	struct sfe_error *err;
};

/* ---- measuring */

__attribute__((format(printf, 2, 3))) static void complain(
	struct sfe_verify_row *row, const char *fmt, ...)
{
	size_t used = strlen(row->verdict);
	va_list ap;

	if (used)
		used += (size_t)snprintf(row->verdict + used, sizeof(row->verdict) - used, "; ");
	if (used >= sizeof(row->verdict))
		return;
	va_start(ap, fmt);
	vsnprintf(row->verdict + used, sizeof(row->verdict) - used, fmt, ap);
	va_end(ap);
}

/* On the real clock a series takes its budget at most. */
static uint32_t bounded(const struct verifying *v, uint32_t n, double gap_ns)
{
	double most = REAL_BUDGET_NS / fmax(gap_ns, 1);

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

static void judge_delays(const struct verifying *v, const struct sfe_path *p, int64_t *ns,
	uint32_t n, struct sfe_verify_row *row)
{
	double constant, slack = v->options->real_clock ? SLACK_REAL_NS : SLACK_VIRTUAL_NS;
	int varying;
	const struct sfe_delay *law = sfe_path_law(p, &constant, &varying);
	double base = constant + sfe_path_frame_ns(p, SMALL_FRAME), worst = 0;

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
			complain(row, "delays are not of their law");
	} else {
		row->delay_error_s = worst / 1e9;
		/* The rare one that is later met the guest's own work. */
		double off = v->options->real_clock
				     ? fabs(row->measured_p50_s - row->asked_p50_s) * 1e9
				     : fmax(fabs(row->measured_p50_s - row->asked_p50_s),
					       fabs(row->measured_p99_s - row->asked_p99_s)) *
					       1e9;
		if (off > slack)
			complain(row, "delay is off by %.3g us", off / 1e3);
	}
}

static void judge_losses(
	const struct sfe_path *p, const struct sfe_probe_series *s, struct sfe_verify_row *row)
{
	double burstiness, loss = sfe_path_loss(p, &burstiness), n = s->sent, duplicate = 0;
	double sigma = sqrt(loss * (1 - loss) / n * burstiness);

	row->packets = s->sent;
	row->asked_loss = loss;
	row->measured_loss = 1 - (double)s->received / n;
	row->loss_interval = loss > 0 && loss < 1 ? Z99 * sigma + 1 / n : 0;
	row->duplicates = s->duplicates;
	if (fabs(row->measured_loss - loss) > row->loss_interval)
		complain(row, "loses %.3g %%", 100 * row->measured_loss);
	for (int i = 0; i < p->n; i++)
		duplicate += p->spec[i].duplicate.probability;
	double twice = duplicate * s->received;
	if (fabs(s->duplicates - twice) > Z99 * sqrt(twice) + (duplicate > 0))
		complain(row, "duplicates %u of %u", s->duplicates, s->received);
}

static int measure_delay(const struct verifying *v, const struct sfe_path *p,
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
		row->reordered += s.reordered;
		for (uint32_t i = 0; i < s.sent; i++)
			if (s.delay_ns[i] >= 0)
				s.delay_ns[kept++] = s.delay_ns[i];
		if (kept)
			judge_delays(v, p, s.delay_ns, kept, row);
	}
	sfe_probe_series_free(&s);
	return r;
}

/* Full packets at 95 % of the rate: none is lost, none overtakes. */
static int measure_steady(const struct verifying *v, const struct sfe_path *p,
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
			complain(row, "loses %u of %u packets at 95 %% of its rate",
				row->lost_at_95, s.sent);
	}
	sfe_probe_series_free(&s);
	return r;
}

static void judge_rate(const struct verifying *v, const struct sfe_path *p,
	const struct sfe_probe_series *s, double frame_time, struct sfe_verify_row *row)
{
	double slack = v->options->real_clock ? RATE_SLACK_REAL : RATE_SLACK_VIRTUAL;
	/* Before the longest delay is over, it and not the rate says when packets come. */
	int64_t from = s->last_sent_ns + (int64_t)sfe_path_max_delay(p), first = INT64_MAX,
		last = 0;
	uint32_t n = 0;
	double constant;
	int varying;

	sfe_path_law(p, &constant, &varying);
	for (uint32_t i = 0; i < s->sent; i++) {
		if (s->delay_ns[i] < 0 || (varying && s->at_ns[i] < from))
			continue;
		first = s->at_ns[i] < first ? s->at_ns[i] : first;
		last = s->at_ns[i] > last ? s->at_ns[i] : last;
		n++;
	}
	/* A managed queue lets packets out one by one at the rate: those that are lost or doubled
	 * after it have had their time, and those whose delay varies come as it says. */
	if (sfe_shaper_manages(sfe_path_bottleneck(p)) && (varying || sfe_path_disturbed(p)))
		return;
	if (n < 2 || (varying && n < 10) || sfe_path_reorders(p) || sfe_path_slotted(p) ||
		s->duplicates)
		return;
	double ratio = (n - 1) * frame_time / (double)(last - first);
	row->udp_rate_bps = ratio * (double)sfe_path_bottleneck(p)->rate_bps;
	if (fabs(ratio - 1) > slack)
		complain(row, "rate is off by %.2g %%", 100 * (ratio - 1));
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
		complain(row, "drops with %.0f bytes waiting", waited);
	/* In packets, those that are under way count too; and a path of two has two queues. */
	else if (sfe_shaper_polices(b) && p->n == 1 &&
		 waited > 1.001 * row->asked_queue_bytes + frame)
		complain(row, "lets %.0f bytes wait", waited);
}

/* More at once than the queue holds: it fills, and empties at the rate. */
static int measure_burst(const struct verifying *v, const struct sfe_path *p,
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
	n = v->options->real_clock ? fmin(n, fmax(20, REAL_BUDGET_NS / frame_time)) : n;
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

static int measure_tcp(const struct verifying *v, const struct sfe_path *p,
	struct sfe_probe_path *probe, struct sfe_verify_row *row)
{
	const struct sfe_link_spec *b = sfe_path_bottleneck(p);
	uint32_t mss = p->mtu - 40 - (v->e->scenario->tcp.timestamps ? 12 : 0);
	double frame_time = sfe_link_frame_ns(b, p->mtu + SFE_FRAME_OVERHEAD);
	double rtt = sfe_path_max_delay(p) + p->reverse_ns +
		     sfe_path_frame_ns(p, p->mtu + SFE_FRAME_OVERHEAD);
	double way = rtt / frame_time * mss;
	double queue = b->queue_packets && !b->queue_bytes ? (double)b->queue_packets * mss
							   : sfe_link_queue_bytes(b);
	double slack_bytes = fmin(queue / 2, fmax(way / 2, 64.0 * mss));
	double window = way + slack_bytes, bytes, goodput, constant;
	int varying;

	sfe_path_law(p, &constant, &varying);
	/* Where nothing may go wrong, and the window fits between the way and the queue's end. */
	if (!b->rate_bps || !p->own_bottleneck || sfe_path_disturbed(p) || sfe_path_reorders(p) ||
		sfe_path_slotted(p) || sfe_shaper_manages(b) || queue < 8 * mss ||
		window > MAX_TCP_WINDOW || (varying && !sfe_shaper_polices(b)))
		return 0;
	window = fmax(window, 4.0 * mss);
	bytes = 6 * window + (double)TCP_PACKETS * mss;
	if (v->options->real_clock)
		bytes = fmin(bytes, REAL_BUDGET_NS / frame_time * mss + 4 * window);
	row->tcp_ceiling_bps = mss * 8e9 / frame_time;
	double one_way = (rtt - p->reverse_ns) / frame_time * mss;
	double ahead = one_way + slack_bytes;
	/* Until the first packet is through, what is sent too fast can only wait. */
	double faster = fmin(0.05, 0.5 * slack_bytes / one_way);
	const struct sfe_probe_transfer t = {
		.bytes = (uint64_t)bytes,
		.ahead = (uint64_t)fmax(ahead, 4.0 * mss),
		.window = (uint64_t)window,
		.pace = (uint64_t)((1 + faster) * row->tcp_ceiling_bps / 8) + 1,
		/* Soon enough that the window stays open. */
		.look_ns = (uint64_t)(fmin(64, slack_bytes / mss / 4 + 1) * frame_time),
		.limit_ns = (uint64_t)(3 * bytes / mss * frame_time + 100 * rtt + 1e10),
		.settle_ns = (uint64_t)(2 * rtt + 1e8),
	};
	int r = sfe_probe_tcp(v->net, probe, &t, &goodput, v->err);
	if (r == -ETIME) {
		complain(row, "TCP does not get through in time");
		return 0;
	}
	if (r)
		return r;
	row->tcp_goodput_bps = goodput;
	double slack = v->options->real_clock ? RATE_SLACK_REAL : 0.01;
	if (goodput < row->tcp_ceiling_bps * (1 - slack) ||
		goodput > row->tcp_ceiling_bps * (1 + slack))
		complain(row, "TCP goodput is %.3g of its ceiling", goodput / row->tcp_ceiling_bps);
	return 0;
}

/* ---- which hosts and links */

static void name_row(const struct verifying *v, const struct sfe_path *p, uint32_t link,
	enum sfe_link_direction direction, struct sfe_verify_row *row)
{
	const struct sfe_plan *plan = v->net->plan;
	const struct sfe_link *l = &plan->topology->links[link];
	const struct sfe_link_spec *spec = &v->net->link[SFE_DIRECTIONS * link + direction];
	char delay[SFE_DELAY_TEXT];

	*row = (struct sfe_verify_row){.rate_bps = spec->rate_bps, .mtu_bytes = p->mtu};
	row->udp_rate_bps = row->tcp_goodput_bps = row->tcp_ceiling_bps = NAN;
	row->asked_p50_s = row->measured_p50_s = row->asked_p99_s = row->measured_p99_s = NAN;
	row->delay_error_s = row->ks = row->ks_limit = NAN;
	row->asked_queue_bytes = row->measured_queue_bytes = NAN;
	snprintf(row->link, sizeof(row->link), "%s", l->name);
	snprintf(row->kind, sizeof(row->kind), "%s", sfe_link_kind_name(l->kind));
	snprintf(row->direction, sizeof(row->direction), "%s", direction == SFE_UP ? "up" : "down");
	snprintf(row->from, sizeof(row->from), "%s", plan->hosts[p->from].name);
	snprintf(row->to, sizeof(row->to), "%s",
		plan->hosts[sfe_plan_peer(plan, &plan->hosts[p->from], p->port)->host].name);
	snprintf(row->delay, sizeof(row->delay), "%.90s", sfe_delay_format(&spec->delay, delay));
}

static int measure(const struct verifying *v, const struct sfe_path *p, struct sfe_verify_row *row)
{
	struct sfe_probe_path probe;
	int r = sfe_probe_open(v->net, p->from, p->port, &probe, v->err);

	if (r)
		return r;
	r = measure_delay(v, p, &probe, row);
	r = r ? r : measure_steady(v, p, &probe, row);
	r = r ? r : measure_burst(v, p, &probe, row);
	r = r ? r : measure_tcp(v, p, &probe, row);
	if (!r && sfe_probe_mtu(&probe) != p->mtu)
		complain(row, "its MTU is %u", sfe_probe_mtu(&probe));
	if (!r && row->reordered && !sfe_path_reorders(p))
		complain(row, "reorders %u packets", row->reordered);
	if (!row->verdict[0])
		snprintf(row->verdict, sizeof(row->verdict), "ok");
	sfe_probe_close(&probe);
	return r;
}

static int verify_direction(const struct verifying *v, uint32_t link,
	enum sfe_link_direction direction, unsigned *done, unsigned all, FILE *f, int channel)
{
	struct sfe_verify_row row;
	struct sfe_path path;

	if (!sfe_path_find(v->net, link, direction, &path))
		return 0;
	name_row(v, &path, link, direction, &row);
	sfe_channel_say(channel, "part", "%u %u measuring %s %s, from %s to %s", *done, all,
		row.link, row.direction, row.from, row.to);
	int r = measure(v, &path, &row);
	++*done;
	if (!r)
		sfe_table_write_row(&sfe_verify_csv, &row, f);
	return r;
}

static unsigned count_directions(const struct verifying *v)
{
	const struct sfe_topology *t = v->e->topology;
	struct sfe_path path;
	unsigned n = 0;

	for (uint32_t l = 0; l < t->n_links; l++)
		for (int d = 0; d < SFE_DIRECTIONS; d++)
			n += !fnmatch(v->options->pattern, t->links[l].name, 0) &&
			     sfe_path_find(v->net, l, (enum sfe_link_direction)d, &path);
	return n;
}

int sfe_verify(const struct sfe_experiment *e, struct sfe_net *net,
	const struct sfe_verify_options *options, int results_fd, int channel,
	struct sfe_error *err)
{
	struct verifying v = {e, net, options, err};
	const struct sfe_topology *t = e->topology;
	FILE *f = sfe_results_open(results_fd, sfe_verify_csv.file, "w", err);
	unsigned done = 0, all = count_directions(&v);
	int r = 0;

	if (!f)
		return err->code;
	sfe_table_write_header(&sfe_verify_csv, f);
	for (uint32_t l = 0; l < t->n_links && !r; l++)
		for (int d = 0; d < SFE_DIRECTIONS && !r; d++)
			if (!fnmatch(options->pattern, t->links[l].name, 0))
				r = verify_direction(
					&v, l, (enum sfe_link_direction)d, &done, all, f, channel);
	if (!r)
		sfe_channel_say(channel, "part", "%u %u measured", done, all);
	/* What the probes changed, if anything: nothing. */
	r = r ? r : sfe_net_verify(net, err);
	int w = sfe_results_close(f, sfe_verify_csv.file, r ? NULL : err);
	return r ? r : w;
}
