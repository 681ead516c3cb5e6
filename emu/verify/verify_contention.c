/* SPDX-License-Identifier: MIT */
#include "emu/verify/verify_contention.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "sfemu/dcf.h"

#define AGGREGATES 2500.0 /* that are sent in all: few collisions say little */
#define MOST 60000.0      /* packets */
#define OFFERED 2         /* times the rate */
#define WARM_UP 0.25      /* of the time: until all have something to send at any time */
#define SLACK 0.05
#define MARGIN_NS 50000000u

struct contention {
	uint32_t n; /* stations */
	struct sfe_verify_path path[SFE_VERIFY_CONTENDING];
	struct sfe_probe_sockets probe[SFE_VERIFY_CONTENDING];
	struct sfe_probe_series got[SFE_VERIFY_CONTENDING];
	uint32_t frame; /* bytes */
};

/* Whether nothing but the medium shapes what the stations send. */
static bool measurable(const struct contention *c)
{
	for (uint32_t i = 0; i < c->n; i++) {
		const struct sfe_verify_path *p = &c->path[i];
		if (!p->own_bottleneck || sfe_verify_path_disturbed(p) ||
			sfe_verify_path_slotted(p))
			return false;
	}
	return c->n > 1;
}

static void judge(const struct contention *c, struct sfe_verify_row *row)
{
	int64_t first = c->got[0].first_sent_ns, to = c->got[0].last_sent_ns;
	int64_t from = first + (int64_t)(WARM_UP * (double)(to - first));
	uint32_t n = 0;

	for (uint32_t k = 0; k < c->n; k++)
		for (uint32_t i = 0; i < c->got[k].sent; i++)
			n += c->got[k].delay_ns[i] >= 0 && c->got[k].at_ns[i] > from &&
			     c->got[k].at_ns[i] <= to;
	row->contending = c->n;
	row->saturation_bps = n * 8e9 * c->frame / (double)(to - from);
	row->asked_saturation_bps = sfe_dcf_saturation_bps(&c->path[0].spec[0],
		sfe_shaper_managed_packets(&c->path[0].spec[0], c->path[0].mtu), c->n, c->frame);
	double ratio = row->saturation_bps / row->asked_saturation_bps;
	if (fabs(ratio - 1) > SLACK)
		sfe_verify_fault(row, "%u stations get %.3g of Bianchi's formula", c->n, ratio);
}

/* Each station sends to the next, twice what it could send if it were alone with its part. */
static int saturate(const struct sfe_verifying *v, struct contention *c, struct sfe_verify_row *row)
{
	const struct sfe_link_spec *medium = &c->path[0].spec[0];
	struct sfe_probe_flow flow[SFE_VERIFY_CONTENDING];
	uint32_t limit = sfe_shaper_managed_packets(medium, c->path[0].mtu);
	uint32_t frames = sfe_dcf_frames(medium, limit, c->frame);
	double all = OFFERED * fmin(MOST, AGGREGATES * frames);
	double each = sfe_link_frame_ns(medium, c->frame) / OFFERED;
	double service = c->frame * 8e9 / sfe_dcf_saturation_bps(medium, limit, c->n, c->frame);
	uint64_t drain = (uint64_t)(c->n * (double)limit * service);

	for (uint32_t i = 0; i < c->n; i++)
		flow[i] = (struct sfe_probe_flow){&c->probe[i], (uint32_t)(all / c->n),
			c->frame - SFE_PROBE_HEADERS, (uint64_t)(frames * c->n * each), &c->got[i]};
	int r = sfe_probe_rounds(flow, (int)c->n, frames, drain + MARGIN_NS, v->err);
	if (!r)
		judge(c, row);
	for (uint32_t i = 0; i < c->n; i++)
		sfe_probe_series_free(&c->got[i]);
	return r;
}

int sfe_verify_contention(const struct sfe_verifying *v, uint32_t link, struct sfe_verify_row *row)
{
	struct contention *c;
	uint32_t opened = 0, mtu = UINT32_MAX;
	int r = 0;

	if (!sfe_shaper_contends(&v->net->link[SFE_DIRECTIONS * link]))
		return 0;
	c = calloc(1, sizeof(*c));
	if (!c)
		return sfe_fail(v->err, -ENOMEM, NULL, NULL, "out of memory");
	c->n = sfe_verify_path_ring(v->net, link, c->path, SFE_VERIFY_CONTENDING);
	for (uint32_t i = 0; i < c->n; i++)
		mtu = c->path[i].mtu < mtu ? c->path[i].mtu : mtu;
	c->frame = mtu + SFE_FRAME_OVERHEAD;
	bool good = measurable(c);
	for (; good && opened < c->n && !r; opened += !r) {
		const struct sfe_verify_path *p = &c->path[opened];
		r = sfe_probe_open(
			v->net, p->from, p->port, p->to, p->to_port, &c->probe[opened], v->err);
	}
	if (good && !r)
		r = saturate(v, c, row);
	for (uint32_t i = 0; i < opened; i++)
		sfe_probe_close(&c->probe[i]);
	free(c);
	return r;
}
