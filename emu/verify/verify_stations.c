/* SPDX-License-Identifier: MIT */
#include "emu/verify/verify_stations.h"

#include <math.h>
#include <stdlib.h>

#include "sfemu/dcf.h"

#define MOST 400u      /* full packets of a station */
#define LEAST 16u      /* with fewer, nothing can be said */
#define SPARSE 10u     /* small packets of a station that sends little */
#define QUEUE_PART 0.8 /* of a queue that is used: nothing is dropped */
#define MARGIN_NS 50000000u
#define FAIRNESS 0.99
#define RATE_SLACK_VIRTUAL 0.005
#define DELAY_SLACK_VIRTUAL_NS 1000.0
#define DELAY_SLACK_REAL_NS 1e6
/* A small packet waits for the frame in transmission and for the turn of the busy station. */
#define TURNS 2

struct stations {
	struct sfe_verify_path path[2];
	struct sfe_probe_sockets probe[2];
	double frame_ns; /* of a full frame on the medium */
	uint32_t frame;  /* its bytes */
	uint32_t n;      /* full packets of a station */
	double drain_ns; /* until all of them have arrived */
};

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static uint32_t skip_lost(const int64_t *sorted, uint32_t n)
{
	uint32_t i = 0;

	while (i < n && sorted[i] < 0)
		i++;
	return i;
}

double sfe_verify_fairness(int64_t *one, uint32_t n_one, int64_t *other, uint32_t n_other)
{
	qsort(one, n_one, sizeof(*one), by_value);
	qsort(other, n_other, sizeof(*other), by_value);
	uint32_t lost_one = skip_lost(one, n_one), lost_other = skip_lost(other, n_other);
	uint32_t i = lost_one, k = lost_other;
	uint32_t half = (n_one - i + n_other - k) / 2;

	for (uint32_t got = 0; got < half; got++) {
		bool first = k == n_other || (i < n_one && one[i] <= other[k]);
		i += first;
		k += !first;
	}
	double x = i - lost_one, y = k - lost_other;
	return half ? (x + y) * (x + y) / (2 * (x * x + y * y)) : 0;
}

/* How many full packets the queue of a link holds at least, for each of two stations. */
static double room(const struct sfe_link_spec *s, uint32_t mtu)
{
	double frame = mtu + SFE_FRAME_OVERHEAD;

	if (!s->rate_bps)
		return MOST;
	if (sfe_shaper_manages(s))
		return s->medium != SFE_MEDIUM_FIFO ? sfe_shaper_managed_packets(s, mtu)
						    : sfe_shaper_managed_packets(s, mtu) / 2.0;
	if (s->queue_packets && !s->queue_bytes)
		return s->queue_packets / 2.0;
	return sfe_link_queue_bytes(s) / frame / 2;
}

/* False: nothing can be said, since something else shapes what arrives. */
static bool prepare(const struct sfe_verifying *v, uint32_t link, struct stations *s)
{
	double n = MOST;

	if (!sfe_verify_path_stations(v->net, link, s->path))
		return false;
	for (int d = 0; d < 2; d++) {
		const struct sfe_verify_path *p = &s->path[d];
		double constant;
		int varying;
		sfe_verify_path_law(p, &constant, &varying);
		if (varying || !p->spec[0].rate_bps || !p->own_bottleneck ||
			sfe_verify_path_disturbed(p) || sfe_verify_path_reorders(p) ||
			sfe_verify_path_slotted(p))
			return false;
		for (int i = 0; i < p->n; i++)
			n = fmin(n, QUEUE_PART * room(&p->spec[i], p->mtu));
	}
	uint32_t mtu = s->path[0].mtu < s->path[1].mtu ? s->path[0].mtu : s->path[1].mtu;
	s->frame = mtu + SFE_FRAME_OVERHEAD;
	s->frame_ns = sfe_link_frame_ns(&s->path[0].spec[0], s->frame);
	if (v->options->real_clock)
		n = fmin(n, SFE_VERIFY_BUDGET_NS / s->frame_ns / 2);
	s->n = (uint32_t)n;
	double service = s->frame_ns;
	if (sfe_shaper_contends(&s->path[0].spec[0]))
		service = 8e9 * s->frame /
			  sfe_dcf_saturation_bps(&s->path[0].spec[0], s->n, 2, s->frame);
	s->drain_ns = 2 * n * service + 2 * sfe_verify_path_frame_ns(&s->path[0], s->frame) +
		      fmax(sfe_verify_path_max_delay(&s->path[0]),
			      sfe_verify_path_max_delay(&s->path[1]));
	return s->n >= LEAST;
}

/* Turns times of arrival into times at which the frames left the medium, but for its own delay. */
static void leave_medium(const struct sfe_verify_path *p, uint32_t frame, int64_t *at, uint32_t n)
{
	double after = 0;

	for (int i = p->n - 1; i >= 0 && p->order[i] != 0; i--) {
		const struct sfe_link_spec *s = &p->spec[p->order[i]];
		after += sfe_delay_mean(&s->delay) + sfe_link_frame_ns(s, frame);
	}
	for (uint32_t i = 0; i < n; i++)
		if (at[i] >= 0)
			at[i] -= (int64_t)after;
}

/* The mean time from frame to frame of sorted flows of which what was lost comes first. */
static double spacing(const struct sfe_probe_series got[2])
{
	int64_t first = INT64_MAX, last = 0;
	uint32_t n = 0;

	for (int d = 0; d < 2; d++) {
		const int64_t *at = got[d].at_ns;
		uint32_t lost = skip_lost(at, got[d].sent);
		if (lost == got[d].sent)
			continue;
		n += got[d].sent - lost;
		first = at[lost] < first ? at[lost] : first;
		last = at[got[d].sent - 1] > last ? at[got[d].sent - 1] : last;
	}
	return n > 1 ? (double)(last - first) / (n - 1) : 0;
}

static void judge_both(const struct sfe_verifying *v, const struct stations *s,
	struct sfe_probe_series got[2], struct sfe_verify_row *row)
{
	const struct sfe_link_spec *medium = &s->path[0].spec[0];
	double slack = v->options->real_clock ? SFE_VERIFY_RATE_SLACK_REAL : RATE_SLACK_VIRTUAL;

	for (int d = 0; d < 2; d++) {
		for (uint32_t i = 0; i < got[d].sent; i++)
			if (got[d].delay_ns[i] < 0)
				got[d].at_ns[i] = -1;
		leave_medium(&s->path[d], s->frame, got[d].at_ns, got[d].sent);
	}
	row->fairness = sfe_verify_fairness(got[0].at_ns, got[0].sent, got[1].at_ns, got[1].sent);
	double ratio = s->frame_ns / spacing(got);
	row->stations_rate_bps = ratio * (double)medium->rate_bps;
	if (medium->medium != SFE_MEDIUM_FAIR)
		return;
	if (row->fairness < FAIRNESS)
		sfe_verify_fault(
			row, "stations do not take turns: fairness is %.3f", row->fairness);
	if (fabs(ratio - 1) > slack)
		sfe_verify_timed_fault(v, "two stations get %.3g of the rate together", ratio);
}

/* Both are busy: what they get together, and each. */
static int both_busy(const struct sfe_verifying *v, struct stations *s, struct sfe_verify_row *row)
{
	struct sfe_probe_series got[2];
	const uint32_t payload = s->frame - SFE_PROBE_HEADERS;
	const struct sfe_probe_flow flow[] = {{&s->probe[0], s->n, payload, 0, &got[0]},
		{&s->probe[1], s->n, payload, 0, &got[1]}};
	int r = sfe_probe_together(flow, 2, (uint64_t)s->drain_ns + MARGIN_NS, v->err);

	if (!r && got[0].received + got[1].received >= LEAST)
		judge_both(v, s, got, row);
	for (int d = 0; d < 2; d++)
		sfe_probe_series_free(&got[d]);
	return r;
}

/* One is busy, the other sends little: how long its packets take. */
static int one_busy(const struct sfe_verifying *v, struct stations *s, struct sfe_verify_row *row)
{
	struct sfe_probe_series got[2];
	const uint64_t gap = (uint64_t)(QUEUE_PART * s->n * s->frame_ns / SPARSE);
	const struct sfe_probe_flow flow[] = {
		{&s->probe[0], s->n, s->frame - SFE_PROBE_HEADERS, 0, &got[0]},
		{&s->probe[1], SPARSE, SFE_PROBE_LEAST, gap, &got[1]}};
	bool turns = s->path[1].spec[0].medium == SFE_MEDIUM_FAIR;
	double constant, longest = 0;
	int varying;
	int r = sfe_probe_together(flow, 2, (uint64_t)s->drain_ns + MARGIN_NS, v->err);

	sfe_verify_path_law(&s->path[1], &constant, &varying);
	double limit = constant + sfe_verify_path_frame_ns(&s->path[1], SFE_VERIFY_SMALL_FRAME) +
		       TURNS * s->frame_ns;
	for (uint32_t i = 0; !r && i < got[1].sent; i++)
		longest = fmax(longest, (double)got[1].delay_ns[i]);
	if (!r && got[1].received) {
		row->measured_beside_s = longest / 1e9;
		row->asked_beside_s = turns ? limit / 1e9 : NAN;
		limit += (v->options->real_clock ? DELAY_SLACK_REAL_NS : DELAY_SLACK_VIRTUAL_NS) +
			 sfe_verify_path_rounding_ns(&s->path[1], s->frame);
		if (turns && longest > limit)
			sfe_verify_timed_fault(v,
				"beside a busy station a small packet takes %.3g ms",
				longest / 1e6);
	}
	for (int d = 0; d < 2; d++)
		sfe_probe_series_free(&got[d]);
	return r;
}

int sfe_verify_stations(const struct sfe_verifying *v, uint32_t link, struct sfe_verify_row *row)
{
	struct stations s = {.n = 0};
	int opened = 0, r = 0;

	if (!prepare(v, link, &s))
		return 0;
	for (; opened < 2 && !r; opened += !r) {
		const struct sfe_verify_path *p = &s.path[opened];
		r = sfe_probe_open(
			v->net, p->from, p->port, p->to, p->to_port, &s.probe[opened], v->err);
	}
	r = r ? r : both_busy(v, &s, row);
	r = r ? r : one_busy(v, &s, row);
	for (int d = 0; d < opened; d++)
		sfe_probe_close(&s.probe[d]);
	return r;
}
