/* SPDX-License-Identifier: MIT */
/*
 * A queue limited in bytes: a policer in front of netem. netem's own limit counts packets, small
 * and large alike, and also those in flight. A token bucket that fills at the link's rate is
 * equivalent to a queue that drains at that rate: the missing tokens are the backlog. The bucket
 * holds the queue that was asked for and one frame, the one in transmission.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/gen_stats.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <math.h>
#include <string.h>

#include "shaper/clsact.h"
#include "shaper/police.h"
#include "shaper/queue.h"

#define TICK_NS 64             /* one tick of the kernel's packet scheduler */
#define OPEN_RATE (1ull << 40) /* bytes/s */
#define ALL_PROTOCOLS TC_H_MAKE(SFE_QUEUE_PREFERENCE << 16, htons(ETH_P_ALL))

struct police {
	struct tc_police parm;
	uint64_t bytes_per_s;
};

static struct police police_of(const struct sfe_link_spec *spec, uint32_t mtu, uint32_t index)
{
	/* netem makes duplicates after the policer; they need their share of the rate. */
	double rate = (double)(spec->rate_bps / 8) / (1 + spec->duplicate.probability);
	double queue_ns = sfe_link_queue_bytes(spec) * 1e9 / rate;
	double frame_ns = sfe_link_frame_ns(spec, mtu + SFE_FRAME_OVERHEAD);
	double ticks = ceil((queue_ns + frame_ns) / TICK_NS);
	struct police p = {.bytes_per_s = (uint64_t)rate};

	/* A policer that is not needed now is set all the same, and passes everything: a later
	 * change may need it. */
	if (!sfe_shaper_polices(spec)) {
		ticks = UINT32_MAX;
		p.bytes_per_s = OPEN_RATE;
	}

	p.parm = (struct tc_police){
		.index = index,
		/*
		 * Not TC_ACT_SHOT: it reports the drop to the sender's TCP, which would retransmit
		 * at once whenever one of its packets is freed. On a virtual clock, which does not
		 * advance while anything runs, that would never end as long as the packet that it
		 * sends first still waits below.
		 */
		.action = TC_ACT_STOLEN,
		.burst = ticks > UINT32_MAX ? UINT32_MAX : (uint32_t)ticks,
		.mtu = UINT32_MAX,
		.rate =
			{
				.rate = p.bytes_per_s > UINT32_MAX ? UINT32_MAX
								   : (uint32_t)p.bytes_per_s,
				.cell_log = 3, /* of a rate table that is required but not used */
				.linklayer =
					spec->cell_bytes ? TC_LINKLAYER_ATM : TC_LINKLAYER_ETHERNET,
				.overhead = (uint16_t)spec->overhead,
			},
	};
	return p;
}

bool sfe_police_same(const struct sfe_link_spec *a, const struct sfe_link_spec *b, uint32_t mtu)
{
	struct police x = police_of(a, mtu, 0), y = police_of(b, mtu, 0);

	return x.bytes_per_s == y.bytes_per_s && x.parm.burst == y.parm.burst &&
	       x.parm.rate.linklayer == y.parm.rate.linklayer &&
	       x.parm.rate.overhead == y.parm.rate.overhead;
}

static int put_police(
	struct nl_msg *msg, const struct sfe_link_spec *spec, uint32_t mtu, uint32_t index)
{
	static const uint32_t no_table[256];
	struct police p = police_of(spec, mtu, index);
	struct nlattr *action = nla_nest_start(msg, 1), *options;

	if (!action || nla_put_string(msg, TCA_ACT_KIND, "police") ||
		!(options = nla_nest_start(msg, TCA_ACT_OPTIONS)) ||
		nla_put(msg, TCA_POLICE_TBF, sizeof(p.parm), &p.parm) ||
		nla_put(msg, TCA_POLICE_RATE, sizeof(no_table), no_table) ||
		nla_put_u32(msg, TCA_POLICE_RESULT, TC_ACT_OK))
		return -ENOMEM;
	if (p.bytes_per_s > UINT32_MAX &&
		nla_put(msg, TCA_POLICE_RATE64, sizeof(p.bytes_per_s), &p.bytes_per_s))
		return -ENOMEM;
	nla_nest_end(msg, options);
	nla_nest_end(msg, action);
	return 0;
}

int sfe_police_change(struct sfe_nl *nl, int ifindex, const struct sfe_link_spec *spec,
	uint32_t mtu, const char *where, struct sfe_error *err)
{
	struct tcamsg tca = {.tca_family = AF_UNSPEC};
	struct nl_msg *msg =
		sfe_nl_msg(RTM_NEWACTION, NLM_F_CREATE | NLM_F_REPLACE, &tca, sizeof(tca));
	struct nlattr *table = msg ? nla_nest_start(msg, TCA_ACT_TAB) : NULL;

	if (msg && (!table || put_police(msg, spec, mtu, (uint32_t)ifindex))) {
		nlmsg_free(msg);
		msg = NULL;
	}
	if (msg)
		nla_nest_end(msg, table);
	return sfe_nl_queue(nl, msg, where, "change the queue's policer", err);
}

int sfe_police_set(struct sfe_nl *nl, int ifindex, const struct sfe_link_spec *spec, uint32_t mtu,
	const char *where, struct sfe_error *err)
{
	struct tcmsg tc = {
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = ifindex,
		.tcm_parent = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS),
		.tcm_info = ALL_PROTOCOLS,
	};
	struct nl_msg *msg;
	struct nlattr *options, *actions;
	/* u32 with one key that every packet matches: more kernels have it than matchall. */
	struct {
		struct tc_u32_sel sel;
		struct tc_u32_key key;
	} all = {.sel = {.flags = TC_U32_TERMINAL, .nkeys = 1}};
	int r = sfe_clsact_add(nl, ifindex, where, err);

	if (r)
		return r;
	msg = sfe_nl_msg(RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL, &tc, sizeof(tc));
	if (msg && (nla_put_string(msg, TCA_KIND, "u32") ||
			   !(options = nla_nest_start(msg, TCA_OPTIONS)) ||
			   nla_put(msg, TCA_U32_SEL, sizeof(all), &all) ||
			   !(actions = nla_nest_start(msg, TCA_U32_ACT)) ||
			   put_police(msg, spec, mtu, (uint32_t)ifindex))) {
		nlmsg_free(msg);
		msg = NULL;
	} else if (msg) {
		nla_nest_end(msg, actions);
		nla_nest_end(msg, options);
	}
	return sfe_nl_queue(nl, msg, where,
		"set the queue's policer (does this kernel have cls_u32 and act_police?)", err);
}

struct reading {
	struct sfe_shaped *shaped;
	uint32_t n;
	struct sfe_error *err;
};

static int compare(const struct sfe_shaped *s, struct nlattr *options, struct sfe_error *err)
{
	struct police want = police_of(&s->spec, s->mtu, (uint32_t)s->ifindex);
	struct nlattr *attrs[TCA_POLICE_MAX + 1];
	const struct tc_police *got;
	uint64_t rate;

	if (!options || nla_parse_nested(attrs, TCA_POLICE_MAX, options, NULL) ||
		!attrs[TCA_POLICE_TBF] || (size_t)nla_len(attrs[TCA_POLICE_TBF]) < sizeof(*got))
		return sfe_fail(
			err, -EPROTO, s->where, NULL, "cannot read its queue's policer back");
	got = nla_data(attrs[TCA_POLICE_TBF]);
	rate = attrs[TCA_POLICE_RATE64] ? nla_get_u64(attrs[TCA_POLICE_RATE64]) : got->rate.rate;
	if (rate != want.bytes_per_s || got->burst != want.parm.burst ||
		got->rate.overhead != want.parm.rate.overhead || got->action != want.parm.action)
		return sfe_fail(err, -EPROTO, s->where,
			"this kernel's act_police cannot do what was asked: report it",
			"its queue is %" PRIu32 " ticks at %" PRIu64
			" bytes/s in the kernel and not the %" PRIu32 " at %" PRIu64
			" that were set",
			got->burst, rate, want.parm.burst, want.bytes_per_s);
	return 0;
}

static int read_action(struct reading *v, struct nlattr *action)
{
	struct nlattr *attrs[TCA_ACT_MAX + 1], *stats[TCA_STATS_MAX + 1] = {NULL};
	const struct tc_police *parm;
	struct nlattr *police[TCA_POLICE_MAX + 1];

	if (nla_parse_nested(attrs, TCA_ACT_MAX, action, NULL) || !attrs[TCA_ACT_OPTIONS] ||
		nla_parse_nested(police, TCA_POLICE_MAX, attrs[TCA_ACT_OPTIONS], NULL) ||
		!police[TCA_POLICE_TBF])
		return sfe_fail(v->err, -EPROTO, "netlink", NULL, "cannot read a policer back");
	parm = nla_data(police[TCA_POLICE_TBF]);
	for (uint32_t i = 0; i < v->n; i++) {
		struct sfe_shaped *s = &v->shaped[i];
		if ((uint32_t)s->ifindex != parm->index || !sfe_shaper_shapes(&s->spec))
			continue;
		int r = compare(s, attrs[TCA_ACT_OPTIONS], v->err);
		if (r)
			return r;
		if (attrs[TCA_ACT_STATS] &&
			!nla_parse_nested(stats, TCA_STATS_MAX, attrs[TCA_ACT_STATS], NULL) &&
			stats[TCA_STATS_QUEUE])
			/* All packets over the limit: the kernel's `drops` counts TC_ACT_SHOT only.
			 */
			s->drops += ((struct gnet_stats_queue *)nla_data(stats[TCA_STATS_QUEUE]))
					    ->overlimits;
		s->policer_found = true;
	}
	return 0;
}

static int read_actions(struct nlmsghdr *h, void *arg)
{
	struct nlattr *table = nlmsg_find_attr(h, sizeof(struct tcamsg), TCA_ACT_TAB), *action;
	struct reading *v = arg;
	int left, r = 0;

	if (!table)
		return 0;
	nla_for_each_nested(action, table, left) if (!r) r = read_action(v, action);
	return r;
}

int sfe_police_read_back(
	struct sfe_nl *nl, struct sfe_shaped *shaped, uint32_t n, struct sfe_error *err)
{
	struct tcamsg tca = {.tca_family = AF_UNSPEC};
	struct nla_bitfield32 {
		uint32_t value, selector;
	} large = {TCA_FLAG_LARGE_DUMP_ON, TCA_FLAG_LARGE_DUMP_ON};
	struct reading v = {shaped, n, err};
	bool any = false;

	for (uint32_t i = 0; i < n; i++) {
		any |= sfe_shaper_shapes(&shaped[i].spec);
		shaped[i].policer_found = false;
	}
	if (!any)
		return 0;
	struct nl_msg *msg = sfe_nl_msg(RTM_GETACTION, 0, &tca, sizeof(tca));
	struct nlattr *table = msg ? nla_nest_start(msg, TCA_ACT_TAB) : NULL;
	struct nlattr *first = table ? nla_nest_start(msg, 1) : NULL;
	if (msg && (!first || nla_put_string(msg, TCA_ACT_KIND, "police"))) {
		nlmsg_free(msg);
		msg = NULL;
	}
	if (msg) {
		nla_nest_end(msg, first);
		nla_nest_end(msg, table);
		if (nla_put(msg, TCA_ROOT_FLAGS, sizeof(large), &large)) {
			nlmsg_free(msg);
			msg = NULL;
		}
	}
	int r = sfe_nl_dump(nl, msg, read_actions, &v, err);
	for (uint32_t i = 0; i < n && !r; i++)
		if (sfe_shaper_shapes(&shaped[i].spec) && !shaped[i].policer_found)
			r = sfe_fail(err, -EPROTO, shaped[i].where, NULL,
				"its queue's policer is not there");
	return r;
}
