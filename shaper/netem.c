/* SPDX-License-Identifier: MIT */
/*
 * netem by raw attributes: libnl-route's netem object knows neither rate nor 64-bit times. All that
 * we mean is sent each time, since netem keeps what a change does not mention.
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "shaper/shaper.h"

#define NS_PER_S 1000000000ull
#define HANDLE 0x10000u /* 1: */
/* Newer than Debian 12's headers: Linux 6.6. An older kernel passes over it. */
#define NETEM_PRNG_SEED 14
#define NETEM_ATTRS (TCA_NETEM_MAX > NETEM_PRNG_SEED ? TCA_NETEM_MAX : NETEM_PRNG_SEED)

static uint64_t frames(double bytes, uint32_t mtu)
{
	double frame = mtu + SFE_FRAME_OVERHEAD;
	uint64_t n = (uint64_t)(bytes / frame);

	return n * frame < bytes ? n + 1 : n;
}

uint32_t sfe_shaper_limit(const struct sfe_link_spec *spec, uint32_t mtu)
{
	double bytes_per_ns = (double)spec->rate_bps / 8 / NS_PER_S;
	double queue = spec->queue_bytes ? (double)spec->queue_bytes
					 : bytes_per_ns * (double)spec->queue_ns;
	uint64_t waiting = frames(queue, mtu);
	uint64_t under_way = frames(bytes_per_ns * (double)spec->delay_ns, mtu);
	uint64_t limit;

	/* Without a rate nothing ever waits, and what is under way has no bound that follows from
	 * it. */
	if (!spec->rate_bps)
		return 1000000;
	limit = (waiting ? waiting : 1) + (under_way ? under_way : 1);
	return limit > UINT32_MAX ? UINT32_MAX : (uint32_t)limit;
}

static bool shapes(const struct sfe_link_spec *spec)
{
	return spec->rate_bps || spec->delay_ns;
}

static int put_options(struct nl_msg *msg, const struct sfe_link_spec *spec, uint32_t mtu)
{
	struct tc_netem_qopt qopt = {.limit = sfe_shaper_limit(spec, mtu)};
	uint64_t bytes_per_s = spec->rate_bps / 8;
	struct tc_netem_rate rate = {
		.rate = bytes_per_s > UINT32_MAX ? UINT32_MAX : (uint32_t)bytes_per_s,
	};
	int64_t latency = (int64_t)spec->delay_ns, jitter = 0;
	struct nlattr *options = nla_nest_start(msg, TCA_OPTIONS);

	if (!options)
		return -ENOMEM;
	/* netem's options are a struct followed by attributes, not attributes alone. */
	if (nlmsg_append(msg, &qopt, sizeof(qopt), NLA_ALIGNTO) ||
		nla_put(msg, TCA_NETEM_LATENCY64, sizeof(latency), &latency) ||
		nla_put(msg, TCA_NETEM_JITTER64, sizeof(jitter), &jitter) ||
		nla_put(msg, TCA_NETEM_RATE, sizeof(rate), &rate))
		return -ENOMEM;
	if (bytes_per_s > UINT32_MAX &&
		nla_put(msg, TCA_NETEM_RATE64, sizeof(bytes_per_s), &bytes_per_s))
		return -ENOMEM;
	if (spec->prng_seed &&
		nla_put(msg, NETEM_PRNG_SEED, sizeof(spec->prng_seed), &spec->prng_seed))
		return -ENOMEM;
	nla_nest_end(msg, options);
	return 0;
}

int sfe_shaper_set(struct sfe_nl *nl, int ifindex, const struct sfe_link_spec *spec, uint32_t mtu,
	const char *where, struct sfe_error *err)
{
	struct tcmsg tc = {
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = ifindex,
		.tcm_handle = HANDLE,
		.tcm_parent = TC_H_ROOT,
	};
	struct nl_msg *msg;

	if (!shapes(spec))
		return 0;
	msg = sfe_nl_msg(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, &tc, sizeof(tc));
	if (msg && (nla_put_string(msg, TCA_KIND, "netem") || put_options(msg, spec, mtu))) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return sfe_nl_queue(nl, msg, where, "set netem (does this kernel have sch_netem?)", err);
}

struct verification {
	struct sfe_shaped *shaped;
	uint32_t n, mtu;
	struct sfe_error *err;
};

static int differs(struct verification *v, const struct sfe_shaped *s, const char *what,
	uint64_t asked, uint64_t got)
{
	return sfe_fail(v->err, -EPROTO, s->where,
		"this kernel's netem cannot do what was asked: report it",
		"%s is %" PRIu64 " in the kernel and not the %" PRIu64 " that was set", what, got,
		asked);
}

static int compare(struct verification *v, const struct sfe_shaped *s, struct nlattr *options)
{
	const struct tc_netem_qopt *qopt = nla_data(options);
	struct nlattr *attrs[NETEM_ATTRS + 1];
	uint64_t rate = 0, rate_asked = s->spec.rate_bps / 8;
	int64_t latency = -1, jitter = -1;

	if ((size_t)nla_len(options) < sizeof(*qopt) ||
		nla_parse(attrs, NETEM_ATTRS,
			(struct nlattr *)((char *)qopt + NLA_ALIGN(sizeof(*qopt))),
			nla_len(options) - (int)NLA_ALIGN(sizeof(*qopt)), NULL))
		return sfe_fail(
			v->err, -EPROTO, s->where, NULL, "cannot read netem's options back");
	if (attrs[TCA_NETEM_RATE])
		rate = ((struct tc_netem_rate *)nla_data(attrs[TCA_NETEM_RATE]))->rate;
	if (attrs[TCA_NETEM_RATE64])
		rate = nla_get_u64(attrs[TCA_NETEM_RATE64]);
	if (attrs[TCA_NETEM_LATENCY64])
		memcpy(&latency, nla_data(attrs[TCA_NETEM_LATENCY64]), sizeof(latency));
	if (attrs[TCA_NETEM_JITTER64])
		memcpy(&jitter, nla_data(attrs[TCA_NETEM_JITTER64]), sizeof(jitter));

	if (rate != rate_asked)
		return differs(v, s, "rate (bytes/s)", rate_asked, rate);
	if (latency != (int64_t)s->spec.delay_ns)
		return differs(v, s, "delay (ns)", s->spec.delay_ns, (uint64_t)latency);
	if (jitter != 0)
		return differs(v, s, "jitter (ns)", 0, (uint64_t)jitter);
	if (qopt->limit != sfe_shaper_limit(&s->spec, v->mtu))
		return differs(
			v, s, "limit (packets)", sfe_shaper_limit(&s->spec, v->mtu), qopt->limit);
	if (s->spec.prng_seed && attrs[NETEM_PRNG_SEED] &&
		nla_get_u64(attrs[NETEM_PRNG_SEED]) != s->spec.prng_seed)
		return differs(
			v, s, "seed", s->spec.prng_seed, nla_get_u64(attrs[NETEM_PRNG_SEED]));
	if (qopt->loss || qopt->gap || qopt->duplicate)
		return differs(v, s, "loss, gap or duplication", 0, 1);
	return 0;
}

static int verify_one(struct nlmsghdr *h, void *arg)
{
	struct verification *v = arg;
	struct nlattr *attrs[TCA_MAX + 1];
	const struct tcmsg *tc = nlmsg_data(h);
	int r;

	if (h->nlmsg_type != RTM_NEWQDISC || tc->tcm_parent != TC_H_ROOT)
		return 0;
	if (nlmsg_parse(h, sizeof(*tc), attrs, TCA_MAX, NULL) || !attrs[TCA_KIND])
		return sfe_fail(v->err, -EPROTO, "netlink", NULL, "cannot read a qdisc back");
	for (uint32_t i = 0; i < v->n; i++) {
		struct sfe_shaped *s = &v->shaped[i];
		if (s->ifindex != tc->tcm_ifindex || !shapes(&s->spec))
			continue;
		if (strcmp(nla_get_string(attrs[TCA_KIND]), "netem") || !attrs[TCA_OPTIONS])
			return sfe_fail(v->err, -EPROTO, s->where, NULL,
				"its qdisc is %s and not netem", nla_get_string(attrs[TCA_KIND]));
		r = compare(v, s, attrs[TCA_OPTIONS]);
		if (r)
			return r;
		if (attrs[TCA_STATS])
			s->drops = ((struct tc_stats *)nla_data(attrs[TCA_STATS]))->drops;
		s->found = true;
	}
	return 0;
}

int sfe_shaper_verify(struct sfe_nl *nl, struct sfe_shaped *shaped, uint32_t n, uint32_t mtu,
	struct sfe_error *err)
{
	struct tcmsg tc = {.tcm_family = AF_UNSPEC};
	struct verification v = {shaped, n, mtu, err};

	for (uint32_t i = 0; i < n; i++)
		shaped[i].found = false;
	int r = sfe_nl_dump(nl, sfe_nl_msg(RTM_GETQDISC, 0, &tc, sizeof(tc)), verify_one, &v, err);
	for (uint32_t i = 0; i < n && !r; i++)
		if (shapes(&shaped[i].spec) && !shaped[i].found)
			r = sfe_fail(err, -EPROTO, shaped[i].where, NULL, "its netem is not there");
	return r;
}
