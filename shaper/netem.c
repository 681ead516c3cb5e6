/* SPDX-License-Identifier: MIT */
/*
 * netem by raw attributes: libnl-route's netem object has neither a rate nor 64-bit times. Each
 * change sends all attributes, since netem keeps the value of one that is left out.
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <math.h>
#include <string.h>

#include "shaper/netem.h"
#include "shaper/queue.h"

/* From Linux 6.6, newer than Debian 12's headers. An older kernel ignores it. */
#define NETEM_PRNG_SEED 14
/* Only our guest kernel knows these (tools/guest-kernel/patches/0010); others pass over them. */
#define NETEM_OUTAGE 1000
#define NETEM_FOLLOW 1001
#define NETEM_ATTRS (TCA_NETEM_MAX > NETEM_PRNG_SEED ? TCA_NETEM_MAX : NETEM_PRNG_SEED)
/* A rate at which no packet takes a nanosecond. netem keeps the order of packets with different
 * delays only if it has a rate. */
#define NO_RATE (1ull << 60)

/* A probability in netem's form: a part of 2^32 - 1. */
static uint32_t scaled(double p)
{
	return (uint32_t)(p * UINT32_MAX + 0.5);
}

static uint32_t scaled_quantile(double probability, double correlation)
{
	return scaled(sfe_correlated_quantile(probability, correlation));
}

/* netem's options without the delay table. Unused bytes are zero, so that two can be compared. */
struct options {
	struct tc_netem_qopt qopt;
	struct tc_netem_corr corr;
	struct tc_netem_reorder reorder;
	struct tc_netem_corrupt corrupt;
	struct tc_netem_rate rate;
	struct tc_netem_slot slot;
	struct tc_netem_gimodel markov;
	struct tc_netem_gemodel gilbert;
	uint64_t bytes_per_s;
	int64_t latency, jitter;
};

static void fill_loss(const struct sfe_loss *loss, struct options *o)
{
	const double *p = loss->p;

	switch (loss->model) {
	case SFE_LOSS_RANDOM:
		o->qopt.loss = scaled_quantile(p[0], p[1]);
		o->corr.loss_corr = scaled(p[1]);
		break;
	case SFE_LOSS_GILBERT_ELLIOTT:
		/* The kernel wants h, not 1-h. */
		o->gilbert = (struct tc_netem_gemodel){
			scaled(p[0]), scaled(p[1]), UINT32_MAX - scaled(p[2]), scaled(p[3])};
		break;
	case SFE_LOSS_PACKET_LIST: /* lost before netem (packet_list_loss.c) */
		break;
	case SFE_LOSS_MARKOV:
		o->markov = (struct tc_netem_gimodel){
			scaled(p[0]), scaled(p[1]), scaled(p[2]), scaled(p[3]), scaled(p[4])};
		break;
	}
}

static void fill(const struct sfe_link_spec *s, uint32_t mtu, struct options *o)
{
	struct sfe_delay_netem delay = {0};

	memset(o, 0, sizeof(*o));
	sfe_delay_netem_range(&s->delay, &delay, NULL);
	o->latency = delay.latency_ns;
	o->jitter = delay.jitter_ns;
	o->qopt.limit = sfe_shaper_limit(s, mtu);
	fill_loss(&s->loss, o);
	/* Where all is lost (a link that is down), an unpatched netem would let through what it
	 * duplicates. */
	if (s->loss.model != SFE_LOSS_RANDOM || s->loss.p[0] < 1)
		o->qopt.duplicate =
			scaled_quantile(s->duplicate.probability, s->duplicate.correlation);
	o->corr.dup_corr = scaled(s->duplicate.correlation);
	o->corr.delay_corr = scaled(s->delay_correlation);
	o->qopt.gap = s->reorder_gap;
	o->reorder.probability = scaled_quantile(s->reorder.probability, s->reorder.correlation);
	o->reorder.correlation = scaled(s->reorder.correlation);
	o->corrupt.probability = scaled_quantile(s->corrupt.probability, s->corrupt.correlation);
	o->corrupt.correlation = scaled(s->corrupt.correlation);
	o->bytes_per_s = s->rate_bps ? s->rate_bps / 8 : delay.jitter_ns ? NO_RATE : 0;
	o->rate.rate = o->bytes_per_s > UINT32_MAX ? UINT32_MAX : (uint32_t)o->bytes_per_s;
	o->rate.packet_overhead = s->overhead;
	o->rate.cell_size = s->cell_bytes;
	o->rate.cell_overhead = s->cell_overhead;
	o->slot.min_delay = (int64_t)s->slots.min_ns;
	o->slot.max_delay = (int64_t)s->slots.max_ns;
	o->slot.max_packets = (int32_t)s->slots.max_packets;
	o->slot.max_bytes = (int32_t)s->slots.max_bytes;
}

static int put_loss(struct nl_msg *msg, const struct sfe_loss *loss, const struct options *o)
{
	struct nlattr *nest;

	if (loss->model == SFE_LOSS_RANDOM || loss->model == SFE_LOSS_PACKET_LIST)
		return 0;
	nest = nla_nest_start(msg, TCA_NETEM_LOSS);
	if (!nest ||
		(loss->model == SFE_LOSS_MARKOV
				? nla_put(msg, NETEM_LOSS_GI, sizeof(o->markov), &o->markov)
				: nla_put(msg, NETEM_LOSS_GE, sizeof(o->gilbert), &o->gilbert)))
		return -ENOMEM;
	nla_nest_end(msg, nest);
	return 0;
}

static int put_table(struct nl_msg *msg, const struct sfe_link_spec *s)
{
	struct sfe_delay_netem delay;

	if (sfe_delay_netem_correlated(&s->delay, s->delay_correlation, &delay, NULL) ||
		(delay.n && nla_put(msg, TCA_NETEM_DELAY_DIST,
				    (int)(delay.n * sizeof(delay.table[0])), delay.table)))
		return -ENOMEM;
	return 0;
}

static int put_options(struct nl_msg *msg, const struct sfe_link_spec *s, uint32_t mtu)
{
	struct options o;
	struct nlattr *options = nla_nest_start(msg, TCA_OPTIONS);
	uint32_t ecn = 0;

	fill(s, mtu, &o);
	/* netem's options are a struct followed by attributes, not attributes alone. */
	if (!options || nlmsg_append(msg, &o.qopt, sizeof(o.qopt), NLA_ALIGNTO) ||
		nla_put(msg, TCA_NETEM_LATENCY64, sizeof(o.latency), &o.latency) ||
		nla_put(msg, TCA_NETEM_JITTER64, sizeof(o.jitter), &o.jitter) ||
		nla_put(msg, TCA_NETEM_CORR, sizeof(o.corr), &o.corr) ||
		nla_put(msg, TCA_NETEM_REORDER, sizeof(o.reorder), &o.reorder) ||
		nla_put(msg, TCA_NETEM_CORRUPT, sizeof(o.corrupt), &o.corrupt) ||
		nla_put(msg, TCA_NETEM_RATE, sizeof(o.rate), &o.rate) ||
		nla_put(msg, TCA_NETEM_ECN, sizeof(ecn), &ecn) ||
		nla_put(msg, TCA_NETEM_SLOT, sizeof(o.slot), &o.slot) ||
		put_loss(msg, &s->loss, &o) || put_table(msg, s))
		return -ENOMEM;
	if (o.bytes_per_s > UINT32_MAX &&
		nla_put(msg, TCA_NETEM_RATE64, sizeof(o.bytes_per_s), &o.bytes_per_s))
		return -ENOMEM;
	if (s->prng_seed && nla_put(msg, NETEM_PRNG_SEED, sizeof(s->prng_seed), &s->prng_seed))
		return -ENOMEM;
	if (nla_put(msg, NETEM_OUTAGE, sizeof(s->outage_end_ns), &s->outage_end_ns) ||
		(s->queue_follows && nla_put(msg, NETEM_FOLLOW, 0, NULL)))
		return -ENOMEM;
	nla_nest_end(msg, options);
	return 0;
}

int sfe_netem_set(struct sfe_nl *nl, int ifindex, const struct sfe_link_spec *spec, uint32_t mtu,
	const char *where, struct sfe_error *err)
{
	struct tcmsg tc = {
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = ifindex,
		.tcm_handle = SFE_NETEM_HANDLE,
		.tcm_parent = TC_H_ROOT,
	};
	/* If the interface has a netem, this changes it in one step. */
	struct nl_msg *msg =
		sfe_nl_msg(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, &tc, sizeof(tc));

	if (msg && (nla_put_string(msg, TCA_KIND, "netem") || put_options(msg, spec, mtu))) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return sfe_nl_queue(nl, msg, where, "set netem (does this kernel have sch_netem?)", err);
}

/* Copies an attribute's value; an attribute that is absent or too short leaves *to as it is. */
static void copy_attr(const struct nlattr *attr, void *to, size_t size)
{
	if (attr && (size_t)nla_len(attr) >= size)
		memcpy(to, nla_data(attr), size);
}

/* The kernel's answer as struct options. */
static int read_options(struct nlattr *options, struct options *o, uint64_t *seed)
{
	struct nlattr *attrs[NETEM_ATTRS + 1], *loss;
	const struct {
		int type;
		void *to;
		size_t size;
	} plain[] = {
		{TCA_NETEM_CORR, &o->corr, sizeof(o->corr)},
		{TCA_NETEM_REORDER, &o->reorder, sizeof(o->reorder)},
		{TCA_NETEM_CORRUPT, &o->corrupt, sizeof(o->corrupt)},
		{TCA_NETEM_RATE, &o->rate, sizeof(o->rate)},
		{TCA_NETEM_SLOT, &o->slot, sizeof(o->slot)},
		{TCA_NETEM_LATENCY64, &o->latency, sizeof(o->latency)},
		{TCA_NETEM_JITTER64, &o->jitter, sizeof(o->jitter)},
		{NETEM_PRNG_SEED, seed, sizeof(*seed)},
	};

	memset(o, 0, sizeof(*o));
	*seed = 0;
	if ((size_t)nla_len(options) < sizeof(o->qopt) ||
		nla_parse(attrs, NETEM_ATTRS,
			(struct nlattr *)((char *)nla_data(options) + NLA_ALIGN(sizeof(o->qopt))),
			nla_len(options) - (int)NLA_ALIGN(sizeof(o->qopt)), NULL))
		return -EPROTO;
	memcpy(&o->qopt, nla_data(options), sizeof(o->qopt));
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		copy_attr(attrs[plain[i].type], plain[i].to, plain[i].size);
	o->bytes_per_s = o->rate.rate;
	copy_attr(attrs[TCA_NETEM_RATE64], &o->bytes_per_s, sizeof(o->bytes_per_s));
	loss = attrs[TCA_NETEM_LOSS] ? nla_data(attrs[TCA_NETEM_LOSS]) : NULL;
	if (!loss || !nla_ok(loss, nla_len(attrs[TCA_NETEM_LOSS])))
		return 0;
	if (nla_type(loss) == NETEM_LOSS_GI)
		copy_attr(loss, &o->markov, sizeof(o->markov));
	else if (nla_type(loss) == NETEM_LOSS_GE)
		copy_attr(loss, &o->gilbert, sizeof(o->gilbert));
	return 0;
}

static int differs(
	const char *where, const char *what, int64_t asked, int64_t got, struct sfe_error *err)
{
	return sfe_fail(err, -EPROTO, where,
		"this kernel's netem cannot do what was asked: report it",
		"%s is %" PRId64 " in the kernel and not the %" PRId64 " that was set", what, got,
		asked);
}

int sfe_netem_compare(struct nlattr *options, const struct sfe_link_spec *spec, uint32_t mtu,
	const char *where, struct sfe_error *err)
{
	struct options want, got;
	uint64_t seed;

	fill(spec, mtu, &want);
	if (read_options(options, &got, &seed))
		return sfe_fail(err, -EPROTO, where, NULL, "cannot read netem's options back");
	/* Latency and jitter in ticks (in qopt) are not compared, the exact times are. The kernel
	 * reports slots only if there are any. */
	const struct {
		const char *what;
		int64_t asked, got;
	} field[] = {
		{"rate (bytes/s)", (int64_t)want.bytes_per_s, (int64_t)got.bytes_per_s},
		{"delay (ns)", want.latency, got.latency},
		{"jitter (ns)", want.jitter, got.jitter},
		{"limit (packets)", want.qopt.limit, got.qopt.limit},
		{"loss", want.qopt.loss, got.qopt.loss},
		{"reordering gap", want.qopt.gap, got.qopt.gap},
		{"duplication", want.qopt.duplicate, got.qopt.duplicate},
		{"packet overhead", want.rate.packet_overhead, got.rate.packet_overhead},
		{"cell size", want.rate.cell_size, got.rate.cell_size},
		{"cell overhead", want.rate.cell_overhead, got.rate.cell_overhead},
		{"seed", (int64_t)spec->prng_seed,
			spec->prng_seed && seed ? (int64_t)seed : (int64_t)spec->prng_seed},
	};
	for (size_t i = 0; i < sizeof(field) / sizeof(field[0]); i++)
		if (field[i].asked != field[i].got)
			return differs(where, field[i].what, field[i].asked, field[i].got, err);
	/* Without a gap there is no reordering, and the kernel keeps an old probability. */
	if (!want.qopt.gap)
		got.reorder = want.reorder;
	if (memcmp(&want.corr, &got.corr, sizeof(want.corr)))
		return differs(
			where, "correlation", want.corr.delay_corr, got.corr.delay_corr, err);
	if (memcmp(&want.reorder, &got.reorder, sizeof(want.reorder)))
		return differs(where, "reordering", want.reorder.probability,
			got.reorder.probability, err);
	if (memcmp(&want.corrupt, &got.corrupt, sizeof(want.corrupt)))
		return differs(where, "corruption", want.corrupt.probability,
			got.corrupt.probability, err);
	if (memcmp(&want.slot, &got.slot, sizeof(want.slot)))
		return differs(where, "slot (ns)", want.slot.max_delay, got.slot.max_delay, err);
	if (memcmp(&want.markov, &got.markov, sizeof(want.markov)) ||
		memcmp(&want.gilbert, &got.gilbert, sizeof(want.gilbert)))
		return differs(where, "loss model", want.markov.p13 + want.gilbert.p,
			got.markov.p13 + got.gilbert.p, err);
	return 0;
}
