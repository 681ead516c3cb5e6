/* SPDX-License-Identifier: MIT */
/*
 * A managed queue must be where packets wait. If netem keeps the rate, packets wait inside netem,
 * where no other qdisc manages them. So each packet that leaves by the interface is first
 * redirected to an IFB device. There an HTB class with a burst of almost nothing releases packets
 * at the link's rate, and its leaf is the queue: codel, fq_codel or pie. Then the packet passes
 * through the interface's own netem, which transmits it at the rate and delays it. A packet that
 * finds an empty queue therefore arrives at the same nanosecond as without a managed queue.
 *
 * In a half-duplex medium, packets go to the queue at the ingress of the ports and to the medium's
 * netem at their egress.
 *
 * If the stations of such a medium take turns, each has an HTB class of its own with a queue of its
 * own. All of them borrow the medium's rate from one parent, and HTB serves borrowers by deficit
 * round robin, with a full frame a turn. A class must have a rate of its own: it is 1 byte/s. So a
 * station that was silent for a minute sends one packet at once and not in its turn. The parent
 * pays for that packet too, and it waits in netem for the one in transmission at most.
 */
#include "shaper/aqm.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/if.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shaper/ifb.h"
#include "shaper/queue.h"
#include "shaper/station_filter.h"

#define ROOT 0x10000u /* 1: */
#define CLASS_MINOR 1u
#define CLASS (ROOT | CLASS_MINOR)
#define STATION_CLASS (CLASS + 1) /* of the first station */
#define LEAF 0x20000u             /* 2:, of the first station or of all */
#define NEXT_LEAF 0x10000u
#define MAX_STATIONS 0xfff0u
#define BURST_TICKS 1 /* of 64 ns */
/* HTB is slower than netem by one part in this many, so that rounding never lets a second queue
 * grow in netem. */
#define SLOWER 10000
#define MIN_QUANTUM 256u
#define MAX_QUANTUM (1u << 20)
#define FLOWS 1024u
#define DROP_BATCH 64u
#define MEMORY_LIMIT (1u << 31) /* never reached: the limit is in packets */
#define INTERVAL_US 100000u
#define CODEL_TARGET_US 5000u
#define PIE_TARGET_US 15000u
/* The kernel keeps these times in units of 1024 or 64 ns. */
#define UNIT_US 2u

struct aqm_u32 {
	int type;
	const char *name;
	uint32_t value;
	uint32_t slack;
};

struct discipline {
	const char *kind;
	struct aqm_u32 option[8];
	uint32_t n;
	struct aqm_u32 only_new; /* cannot be changed later; type 0: no such option */
};

static struct discipline discipline_of(const struct sfe_link_spec *spec, uint32_t mtu)
{
	uint32_t limit = sfe_shaper_managed_packets(spec, mtu), frame = mtu + SFE_FRAME_OVERHEAD;
	struct discipline codel = {"codel",
		{{TCA_CODEL_TARGET, "target (us)", CODEL_TARGET_US, UNIT_US},
			{TCA_CODEL_INTERVAL, "interval (us)", INTERVAL_US, UNIT_US},
			{TCA_CODEL_LIMIT, "limit (packets)", limit, 0},
			{TCA_CODEL_ECN, "ecn", 1, 0}},
		4, {0}};
	struct discipline fair = {"fq_codel",
		{{TCA_FQ_CODEL_TARGET, "target (us)", CODEL_TARGET_US, UNIT_US},
			{TCA_FQ_CODEL_INTERVAL, "interval (us)", INTERVAL_US, UNIT_US},
			{TCA_FQ_CODEL_LIMIT, "limit (packets)", limit, 0},
			{TCA_FQ_CODEL_ECN, "ecn", 1, 0},
			{TCA_FQ_CODEL_QUANTUM, "quantum (bytes)",
				frame < MIN_QUANTUM   ? MIN_QUANTUM
				: frame > MAX_QUANTUM ? MAX_QUANTUM
						      : frame,
				0},
			{TCA_FQ_CODEL_DROP_BATCH_SIZE, "drop batch (packets)", DROP_BATCH, 0},
			{TCA_FQ_CODEL_MEMORY_LIMIT, "memory limit (bytes)", MEMORY_LIMIT, 0}},
		7, {TCA_FQ_CODEL_FLOWS, "flows", FLOWS, 0}};
	/* Its update period is left at the kernel's default, since it is in jiffies. */
	struct discipline pie = {"pie",
		{{TCA_PIE_TARGET, "target (us)", PIE_TARGET_US, UNIT_US},
			{TCA_PIE_LIMIT, "limit (packets)", limit, 0},
			{TCA_PIE_ALPHA, "alpha", 2, 0}, {TCA_PIE_BETA, "beta", 20, 0},
			{TCA_PIE_ECN, "ecn", 1, 0}, {TCA_PIE_BYTEMODE, "bytemode", 0, 0}},
		6, {0}};

	return spec->discipline == SFE_CODEL ? codel : spec->discipline == SFE_PIE ? pie : fair;
}

/* netem makes duplicates after the queue; they need their share of the rate. */
static uint64_t bytes_per_s(const struct sfe_link_spec *spec)
{
	double rate = (double)(spec->rate_bps / 8) / (1 + spec->duplicate.probability);

	return (uint64_t)fmax(1, rate - rate / SLOWER);
}

/* Queues, and the classes and handles of the i-th one. */
static uint32_t n_queues(const struct sfe_shaped *s)
{
	return s->stations ? s->stations->n : 1;
}

static uint32_t class_of_queue(const struct sfe_shaped *s, uint32_t i)
{
	return s->stations ? STATION_CLASS + i : CLASS;
}

static uint32_t leaf_of_queue(uint32_t i)
{
	return LEAF + i * NEXT_LEAF;
}

/* The parameters of the class that keeps the rate, or of a station below it. */
static struct tc_htb_opt parameters(const struct sfe_link_spec *spec, uint32_t mtu, bool station)
{
	uint64_t bytes = bytes_per_s(spec);
	struct tc_ratespec rate = {
		.rate = bytes > UINT32_MAX ? UINT32_MAX : (uint32_t)bytes,
		.linklayer = spec->cell_bytes ? TC_LINKLAYER_ATM : TC_LINKLAYER_ETHERNET,
		.overhead = (uint16_t)spec->overhead,
	};
	struct tc_ratespec own = rate;

	if (station)
		own.rate = 1;
	return (struct tc_htb_opt){
		.rate = own,
		.ceil = rate,
		.buffer = BURST_TICKS,
		.cbuffer = BURST_TICKS,
		.quantum = mtu + SFE_FRAME_OVERHEAD,
	};
}

static struct nl_msg *request(int type, int flags, int ifb, uint32_t parent, uint32_t handle)
{
	struct tcmsg tc = {
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = ifb,
		.tcm_handle = handle,
		.tcm_parent = parent,
	};

	return sfe_nl_msg(type, flags, &tc, sizeof(tc));
}

/* Frees a message that could not be filled, and returns NULL for it. */
static struct nl_msg *filled(struct nl_msg *msg, bool good)
{
	if (msg && !good) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return msg;
}

static bool put_root(struct nl_msg *msg, uint32_t first)
{
	const struct tc_htb_glob glob = {
		.version = 3, .rate2quantum = 10, .defcls = TC_H_MIN(first)};
	struct nlattr *options;

	if (nla_put_string(msg, TCA_KIND, "htb") || !(options = nla_nest_start(msg, TCA_OPTIONS)) ||
		nla_put(msg, TCA_HTB_INIT, sizeof(glob), &glob))
		return false;
	nla_nest_end(msg, options);
	return true;
}

static bool put_class(
	struct nl_msg *msg, const struct sfe_link_spec *spec, uint32_t mtu, bool station)
{
	struct tc_htb_opt opt = parameters(spec, mtu, station);
	uint64_t rate = bytes_per_s(spec);
	struct nlattr *options;

	if (nla_put_string(msg, TCA_KIND, "htb") || !(options = nla_nest_start(msg, TCA_OPTIONS)) ||
		nla_put(msg, TCA_HTB_PARMS, sizeof(opt), &opt))
		return false;
	if (rate > UINT32_MAX && ((!station && nla_put(msg, TCA_HTB_RATE64, sizeof(rate), &rate)) ||
					 nla_put(msg, TCA_HTB_CEIL64, sizeof(rate), &rate)))
		return false;
	nla_nest_end(msg, options);
	return true;
}

/* A queue without management is a pfifo, whose options are not nested. */
static bool put_leaf(
	struct nl_msg *msg, bool is_new, const struct sfe_link_spec *spec, uint32_t mtu)
{
	const struct tc_fifo_qopt fifo = {sfe_shaper_managed_packets(spec, mtu)};
	struct discipline d = discipline_of(spec, mtu);
	struct nlattr *options;

	if (spec->discipline == SFE_DROP_TAIL)
		return !nla_put_string(msg, TCA_KIND, "pfifo") &&
		       !nla_put(msg, TCA_OPTIONS, sizeof(fifo), &fifo);
	if (nla_put_string(msg, TCA_KIND, d.kind) || !(options = nla_nest_start(msg, TCA_OPTIONS)))
		return false;
	for (uint32_t i = 0; i < d.n; i++)
		if (nla_put_u32(msg, d.option[i].type, d.option[i].value))
			return false;
	if (is_new && d.only_new.type && nla_put_u32(msg, d.only_new.type, d.only_new.value))
		return false;
	nla_nest_end(msg, options);
	return true;
}

static int set_class(
	struct sfe_nl *nl, const struct sfe_shaped *s, uint32_t class, struct sfe_error *err)
{
	bool station = class != CLASS;
	struct nl_msg *msg = request(RTM_NEWTCLASS, NLM_F_CREATE, sfe_ifb_of_queue(s->ifindex),
		station ? CLASS : ROOT, class);

	msg = filled(msg, msg && put_class(msg, &s->spec, s->mtu, station));
	return sfe_nl_queue(nl, msg, s->where, "set the rate of its managed queue", err);
}

/* The class that keeps the rate, and those of the stations. */
static int set_classes(struct sfe_nl *nl, const struct sfe_shaped *s, struct sfe_error *err)
{
	int r = set_class(nl, s, CLASS, err);

	for (uint32_t i = 0; s->stations && i < s->stations->n && !r; i++)
		r = set_class(nl, s, class_of_queue(s, i), err);
	return r;
}

static int set_leaf(struct sfe_nl *nl, const struct sfe_shaped *s, uint32_t i, bool is_new,
	struct sfe_error *err)
{
	struct nl_msg *msg = request(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE,
		sfe_ifb_of_queue(s->ifindex), class_of_queue(s, i), leaf_of_queue(i));

	msg = filled(msg, msg && put_leaf(msg, is_new, &s->spec, s->mtu));
	return sfe_nl_queue(nl, msg, s->where,
		"set its managed queue (does this kernel have sch_codel, sch_fq_codel, sch_pie?)",
		err);
}

static int set_leaves(
	struct sfe_nl *nl, const struct sfe_shaped *s, bool is_new, struct sfe_error *err)
{
	int r = 0;

	for (uint32_t i = 0; i < n_queues(s) && !r; i++)
		r = set_leaf(nl, s, i, is_new, err);
	return r;
}

int sfe_aqm_set(struct sfe_nl *nl, const struct sfe_shaped *s, struct sfe_error *err)
{
	int ifb = sfe_ifb_of_queue(s->ifindex);
	char name[IFNAMSIZ];
	struct nl_msg *msg;

	if (n_queues(s) > MAX_STATIONS)
		return sfe_fail(err, -E2BIG, s->where, "write medium: fifo",
			"%u stations are more than can take turns (%u)", n_queues(s), MAX_STATIONS);
	snprintf(name, sizeof(name), "queue%d", s->ifindex);
	int r = sfe_ifb_add(nl, ifb, name, s->mtu, s->where, err);
	if (r)
		return r;
	msg = request(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, ifb, TC_H_ROOT, ROOT);
	msg = filled(msg, msg && put_root(msg, class_of_queue(s, 0)));
	r = sfe_nl_queue(nl, msg, s->where,
		"set HTB before its managed queue (does this kernel have sch_htb?)", err);
	r = r ? r : set_classes(nl, s, err);
	r = r ? r : set_leaves(nl, s, true, err);
	if (!r && s->stations)
		r = sfe_station_filter_set(
			nl, ifb, ROOT, STATION_CLASS, s->stations, s->where, err);
	return r;
}

int sfe_aqm_change(struct sfe_nl *nl, const struct sfe_shaped *s, bool reset, struct sfe_error *err)
{
	int ifb = sfe_ifb_of_queue(s->ifindex);
	int r = set_classes(nl, s, err);

	for (uint32_t i = 0; reset && i < n_queues(s) && !r; i++)
		r = sfe_nl_queue(nl,
			request(RTM_DELQDISC, 0, ifb, class_of_queue(s, i), leaf_of_queue(i)),
			s->where, "remove its managed queue", err);
	return r ? r : set_leaves(nl, s, reset, err);
}

struct reading {
	struct sfe_shaped *shaped;
	struct sfe_error *err;
};

static int differs(const struct sfe_shaped *s, const char *what, uint64_t asked, uint64_t got,
	struct sfe_error *err)
{
	return sfe_fail(err, -EPROTO, s->where,
		"this kernel's managed queues cannot do what was asked: report it",
		"%s of its managed queue is %" PRIu64 " in the kernel and not the %" PRIu64
		" that was set",
		what, got, asked);
}

static int compare_discipline(
	const struct sfe_shaped *s, const char *kind, struct nlattr *options, struct sfe_error *err)
{
	struct discipline want = discipline_of(&s->spec, s->mtu);
	struct nlattr *attrs[TCA_FQ_CODEL_MAX + 1]; /* the most of the three disciplines */

	if (strcmp(kind, want.kind))
		return sfe_fail(err, -EPROTO, s->where, NULL, "its queue is %s and not %s", kind,
			want.kind);
	if (!options || nla_parse_nested(attrs, TCA_FQ_CODEL_MAX, options, NULL))
		return sfe_fail(err, -EPROTO, s->where, NULL, "cannot read its queue back");
	if (want.only_new.type)
		want.option[want.n++] = want.only_new;
	for (uint32_t i = 0; i < want.n; i++) {
		const struct aqm_u32 *o = &want.option[i];
		uint32_t got = attrs[o->type] ? nla_get_u32(attrs[o->type]) : UINT32_MAX;
		if (got > o->value + o->slack || got + o->slack < o->value)
			return differs(s, o->name, o->value, got, err);
	}
	return 0;
}

static int compare_leaf(
	const struct sfe_shaped *s, const char *kind, struct nlattr *options, struct sfe_error *err)
{
	if (s->spec.discipline != SFE_DROP_TAIL)
		return compare_discipline(s, kind, options, err);
	if (strcmp(kind, "pfifo"))
		return sfe_fail(
			err, -EPROTO, s->where, NULL, "its queue is %s and not pfifo", kind);
	if (!options || (size_t)nla_len(options) < sizeof(struct tc_fifo_qopt))
		return sfe_fail(err, -EPROTO, s->where, NULL, "cannot read its queue back");
	uint32_t want = sfe_shaper_managed_packets(&s->spec, s->mtu);
	uint32_t got = ((const struct tc_fifo_qopt *)nla_data(options))->limit;
	return got == want ? 0 : differs(s, "limit (packets)", want, got, err);
}

static bool is_queue_class(const struct sfe_shaped *s, uint32_t class)
{
	return class - class_of_queue(s, 0) < n_queues(s);
}

static int read_qdisc(struct nlmsghdr *h, void *arg)
{
	struct reading *v = arg;
	struct sfe_shaped *s = v->shaped;
	struct nlattr *attrs[TCA_MAX + 1];
	const struct tcmsg *tc = nlmsg_data(h);

	if (h->nlmsg_type != RTM_NEWQDISC || tc->tcm_ifindex != sfe_ifb_of_queue(s->ifindex) ||
		!is_queue_class(s, tc->tcm_parent))
		return 0;
	if (nlmsg_parse(h, sizeof(*tc), attrs, TCA_MAX, NULL) || !attrs[TCA_KIND])
		return sfe_fail(v->err, -EPROTO, s->where, NULL, "cannot read its queue back");
	int r = compare_leaf(s, nla_get_string(attrs[TCA_KIND]), attrs[TCA_OPTIONS], v->err);
	if (!r && attrs[TCA_STATS]) {
		const struct tc_stats *stats = nla_data(attrs[TCA_STATS]);
		s->drops += stats->drops;
		s->backlog_bytes += stats->backlog;
		s->backlog_packets += stats->qlen;
	}
	s->queues++;
	return r;
}

static int compare_class(
	const struct sfe_shaped *s, struct nlattr *const *htb, bool station, struct sfe_error *err)
{
	const struct tc_htb_opt want = parameters(&s->spec, s->mtu, station);
	const struct tc_htb_opt *got = nla_data(htb[TCA_HTB_PARMS]);
	uint64_t rate = htb[TCA_HTB_RATE64] ? nla_get_u64(htb[TCA_HTB_RATE64]) : got->rate.rate;
	uint64_t ceil = htb[TCA_HTB_CEIL64] ? nla_get_u64(htb[TCA_HTB_CEIL64]) : got->ceil.rate;
	uint64_t whole = bytes_per_s(&s->spec), own = station ? want.rate.rate : whole;

	if (rate != own)
		return differs(s, "rate (bytes/s)", own, rate, err);
	if (ceil != whole)
		return differs(s, "highest rate (bytes/s)", whole, ceil, err);
	if (got->rate.overhead != want.rate.overhead)
		return differs(s, "overhead", want.rate.overhead, got->rate.overhead, err);
	if (got->rate.linklayer != want.rate.linklayer)
		return differs(s, "link layer", want.rate.linklayer, got->rate.linklayer, err);
	if (got->buffer != want.buffer || got->cbuffer != want.cbuffer)
		return differs(s, "burst (ticks)", want.buffer, got->buffer, err);
	if (station && got->quantum != want.quantum)
		return differs(s, "turn of a station (bytes)", want.quantum, got->quantum, err);
	return 0;
}

static int read_class(struct nlmsghdr *h, void *arg)
{
	struct reading *v = arg;
	struct sfe_shaped *s = v->shaped;
	struct nlattr *attrs[TCA_MAX + 1], *htb[TCA_HTB_MAX + 1];
	const struct tcmsg *tc = nlmsg_data(h);

	if (h->nlmsg_type != RTM_NEWTCLASS ||
		(tc->tcm_handle != CLASS && !is_queue_class(s, tc->tcm_handle)))
		return 0;
	if (nlmsg_parse(h, sizeof(*tc), attrs, TCA_MAX, NULL) || !attrs[TCA_OPTIONS] ||
		nla_parse_nested(htb, TCA_HTB_MAX, attrs[TCA_OPTIONS], NULL) ||
		!htb[TCA_HTB_PARMS] ||
		(size_t)nla_len(htb[TCA_HTB_PARMS]) < sizeof(struct tc_htb_opt))
		return sfe_fail(
			v->err, -EPROTO, s->where, NULL, "cannot read its queue's rate back");
	s->classes++;
	return compare_class(s, htb, tc->tcm_handle != CLASS, v->err);
}

static int read_back(struct sfe_nl *nl, struct sfe_shaped *s, struct sfe_error *err)
{
	int ifb = sfe_ifb_of_queue(s->ifindex);
	struct reading v = {s, err};

	s->queues = s->classes = 0;
	int r = sfe_nl_dump(nl, request(RTM_GETQDISC, 0, ifb, 0, 0), read_qdisc, &v, err);
	r = r ? r : sfe_nl_dump(nl, request(RTM_GETTCLASS, 0, ifb, 0, 0), read_class, &v, err);
	if (r)
		return r;
	if (s->queues != n_queues(s) || s->classes != n_queues(s) + (s->stations ? 1 : 0))
		return sfe_fail(err, -EPROTO, s->where, NULL,
			"%u of %u managed queues are there, with %u classes", s->queues,
			n_queues(s), s->classes);
	return s->stations ? sfe_station_filter_read_back(nl, ifb, ROOT, STATION_CLASS, s, err) : 0;
}

int sfe_aqm_read_back(
	struct sfe_nl *nl, struct sfe_shaped *shaped, uint32_t n, struct sfe_error *err)
{
	int r = 0;

	for (uint32_t i = 0; i < n && !r; i++)
		if (sfe_shaper_manages(&shaped[i].spec) && !sfe_shaper_contends(&shaped[i].spec))
			r = read_back(nl, &shaped[i], err);
	return r;
}
