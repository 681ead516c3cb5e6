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

#define ROOT 0x10000u /* 1: */
#define CLASS_MINOR 1u
#define CLASS (ROOT | CLASS_MINOR)
#define LEAF 0x20000u /* 2: */
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

static struct tc_htb_opt class_of(const struct sfe_link_spec *spec, uint32_t mtu)
{
	uint64_t bytes = bytes_per_s(spec);
	struct tc_ratespec rate = {
		.rate = bytes > UINT32_MAX ? UINT32_MAX : (uint32_t)bytes,
		.linklayer = spec->cell_bytes ? TC_LINKLAYER_ATM : TC_LINKLAYER_ETHERNET,
		.overhead = (uint16_t)spec->overhead,
	};

	return (struct tc_htb_opt){
		.rate = rate,
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

static bool put_root(struct nl_msg *msg)
{
	const struct tc_htb_glob glob = {.version = 3, .rate2quantum = 10, .defcls = CLASS_MINOR};
	struct nlattr *options;

	if (nla_put_string(msg, TCA_KIND, "htb") || !(options = nla_nest_start(msg, TCA_OPTIONS)) ||
		nla_put(msg, TCA_HTB_INIT, sizeof(glob), &glob))
		return false;
	nla_nest_end(msg, options);
	return true;
}

static bool put_class(struct nl_msg *msg, const struct sfe_link_spec *spec, uint32_t mtu)
{
	struct tc_htb_opt opt = class_of(spec, mtu);
	uint64_t rate = bytes_per_s(spec);
	struct nlattr *options;

	if (nla_put_string(msg, TCA_KIND, "htb") || !(options = nla_nest_start(msg, TCA_OPTIONS)) ||
		nla_put(msg, TCA_HTB_PARMS, sizeof(opt), &opt))
		return false;
	if (rate > UINT32_MAX && (nla_put(msg, TCA_HTB_RATE64, sizeof(rate), &rate) ||
					 nla_put(msg, TCA_HTB_CEIL64, sizeof(rate), &rate)))
		return false;
	nla_nest_end(msg, options);
	return true;
}

static bool put_leaf(
	struct nl_msg *msg, bool is_new, const struct sfe_link_spec *spec, uint32_t mtu)
{
	struct discipline d = discipline_of(spec, mtu);
	struct nlattr *options;

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

static int set_class(struct sfe_nl *nl, int ifb, const struct sfe_link_spec *spec, uint32_t mtu,
	const char *where, struct sfe_error *err)
{
	struct nl_msg *msg = request(RTM_NEWTCLASS, NLM_F_CREATE, ifb, ROOT, CLASS);

	msg = filled(msg, msg && put_class(msg, spec, mtu));
	return sfe_nl_queue(nl, msg, where, "set the rate of its managed queue", err);
}

static int set_leaf(struct sfe_nl *nl, int ifb, bool is_new, const struct sfe_link_spec *spec,
	uint32_t mtu, const char *where, struct sfe_error *err)
{
	struct nl_msg *msg = request(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, ifb, CLASS, LEAF);

	msg = filled(msg, msg && put_leaf(msg, is_new, spec, mtu));
	return sfe_nl_queue(nl, msg, where,
		"set its managed queue (does this kernel have sch_codel, sch_fq_codel, sch_pie?)",
		err);
}

int sfe_aqm_set(struct sfe_nl *nl, int ifindex, const struct sfe_link_spec *spec, uint32_t mtu,
	const char *where, struct sfe_error *err)
{
	int ifb = sfe_ifb_of_queue(ifindex);
	char name[IFNAMSIZ];
	struct nl_msg *msg;

	snprintf(name, sizeof(name), "queue%d", ifindex);
	int r = sfe_ifb_add(nl, ifb, name, mtu, where, err);
	if (r)
		return r;
	msg = request(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, ifb, TC_H_ROOT, ROOT);
	msg = filled(msg, msg && put_root(msg));
	r = sfe_nl_queue(nl, msg, where,
		"set HTB before its managed queue (does this kernel have sch_htb?)", err);
	r = r ? r : set_class(nl, ifb, spec, mtu, where, err);
	return r ? r : set_leaf(nl, ifb, true, spec, mtu, where, err);
}

int sfe_aqm_change(struct sfe_nl *nl, int ifindex, bool reset, const struct sfe_link_spec *spec,
	uint32_t mtu, const char *where, struct sfe_error *err)
{
	int ifb = sfe_ifb_of_queue(ifindex);
	int r = set_class(nl, ifb, spec, mtu, where, err);

	if (!r && reset)
		r = sfe_nl_queue(nl, request(RTM_DELQDISC, 0, ifb, CLASS, LEAF), where,
			"remove its managed queue", err);
	return r ? r : set_leaf(nl, ifb, reset, spec, mtu, where, err);
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

static int compare_leaf(
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

static int read_qdisc(struct nlmsghdr *h, void *arg)
{
	struct reading *v = arg;
	struct sfe_shaped *s = v->shaped;
	struct nlattr *attrs[TCA_MAX + 1];
	const struct tcmsg *tc = nlmsg_data(h);

	if (h->nlmsg_type != RTM_NEWQDISC || tc->tcm_ifindex != sfe_ifb_of_queue(s->ifindex) ||
		tc->tcm_parent != CLASS)
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
	s->queue_found = true;
	return r;
}

static int read_class(struct nlmsghdr *h, void *arg)
{
	struct reading *v = arg;
	struct sfe_shaped *s = v->shaped;
	struct nlattr *attrs[TCA_MAX + 1], *htb[TCA_HTB_MAX + 1];
	const struct tcmsg *tc = nlmsg_data(h);
	struct tc_htb_opt want = class_of(&s->spec, s->mtu);

	if (h->nlmsg_type != RTM_NEWTCLASS || tc->tcm_handle != CLASS)
		return 0;
	if (nlmsg_parse(h, sizeof(*tc), attrs, TCA_MAX, NULL) || !attrs[TCA_OPTIONS] ||
		nla_parse_nested(htb, TCA_HTB_MAX, attrs[TCA_OPTIONS], NULL) ||
		!htb[TCA_HTB_PARMS] || (size_t)nla_len(htb[TCA_HTB_PARMS]) < sizeof(want))
		return sfe_fail(
			v->err, -EPROTO, s->where, NULL, "cannot read its queue's rate back");
	const struct tc_htb_opt *got = nla_data(htb[TCA_HTB_PARMS]);
	uint64_t rate = htb[TCA_HTB_RATE64] ? nla_get_u64(htb[TCA_HTB_RATE64]) : got->rate.rate;
	s->rate_found = true;
	if (rate != bytes_per_s(&s->spec))
		return differs(s, "rate (bytes/s)", bytes_per_s(&s->spec), rate, v->err);
	if (got->rate.overhead != want.rate.overhead)
		return differs(s, "overhead", want.rate.overhead, got->rate.overhead, v->err);
	if (got->rate.linklayer != want.rate.linklayer)
		return differs(s, "link layer", want.rate.linklayer, got->rate.linklayer, v->err);
	if (got->buffer != want.buffer || got->cbuffer != want.cbuffer)
		return differs(s, "burst (ticks)", want.buffer, got->buffer, v->err);
	return 0;
}

int sfe_aqm_read_back(
	struct sfe_nl *nl, struct sfe_shaped *shaped, uint32_t n, struct sfe_error *err)
{
	for (uint32_t i = 0; i < n; i++) {
		struct sfe_shaped *s = &shaped[i];
		struct reading v = {s, err};
		if (!sfe_shaper_manages(&s->spec))
			continue;
		int ifb = sfe_ifb_of_queue(s->ifindex);
		s->queue_found = s->rate_found = false;
		int r = sfe_nl_dump(nl, request(RTM_GETQDISC, 0, ifb, 0, 0), read_qdisc, &v, err);
		r = r ? r
		      : sfe_nl_dump(nl, request(RTM_GETTCLASS, 0, ifb, 0, 0), read_class, &v, err);
		if (!r && !(s->queue_found && s->rate_found))
			r = sfe_fail(
				err, -EPROTO, s->where, NULL, "its managed queue is not there");
		if (r)
			return r;
	}
	return 0;
}
