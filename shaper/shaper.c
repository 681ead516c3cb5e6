/* SPDX-License-Identifier: MIT */
/* Sets a specification on an interface, changes it and reads it back. */
#include <errno.h>
#include <linux/if.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "shaper/aqm.h"
#include "shaper/contention.h"
#include "shaper/netem.h"
#include "shaper/packet_list_loss.h"
#include "shaper/police.h"
#include "shaper/shaper.h"

static int set(struct sfe_nl *nl, const struct sfe_shaped *s, bool redirects, struct sfe_error *err)
{
	bool managed = sfe_shaper_manages(&s->spec);
	int r = 0;

	if (!sfe_shaper_shapes(&s->spec))
		return 0;
	if (sfe_shaper_contends(&s->spec))
		r = sfe_contention_set(nl, s, err);
	else if (managed)
		r = sfe_aqm_set(nl, s, err);
	/* The redirection comes before the policer, which then sees no packets. */
	if (!r && managed && redirects)
		r = sfe_ifb_redirect(
			nl, s->ifindex, true, sfe_ifb_of_queue(s->ifindex), s->where, err);
	r = r ? r : sfe_packet_list_loss_set(nl, s->ifindex, true, &s->spec, s->where, err);
	r = r ? r : sfe_police_set(nl, s->ifindex, &s->spec, s->mtu, s->where, err);
	return r ? r : sfe_netem_set(nl, s->ifindex, &s->spec, s->mtu, s->where, err);
}

int sfe_shaper_set(struct sfe_nl *nl, const struct sfe_shaped *s, struct sfe_error *err)
{
	return set(nl, s, true, err);
}

int sfe_shaper_medium(struct sfe_nl *nl, const struct sfe_shaped *ifb, struct sfe_error *err)
{
	char name[IFNAMSIZ];

	snprintf(name, sizeof(name), SFE_IFB_NAME "%d", ifb->ifindex - SFE_IFB_INDEX);
	int r = sfe_ifb_add(nl, ifb->ifindex, name, ifb->mtu, ifb->where, err);
	return r ? r : set(nl, ifb, false, err);
}

int sfe_shaper_change(struct sfe_nl *nl, const struct sfe_link_spec *before,
	const struct sfe_shaped *s, struct sfe_error *err)
{
	int r = 0;

	if (!before || !sfe_police_same(before, &s->spec, s->mtu))
		r = sfe_police_change(nl, s->ifindex, &s->spec, s->mtu, s->where, err);
	if (!r && sfe_shaper_contends(&s->spec))
		r = sfe_contention_change(nl, s, !before, err);
	else if (!r && sfe_shaper_manages(&s->spec))
		r = sfe_aqm_change(nl, s, !before, err);
	/* The same list goes on counting. */
	if (!r && (!before || before->loss.packets != s->spec.loss.packets))
		r = sfe_packet_list_loss_set(nl, s->ifindex, false, &s->spec, s->where, err);
	return r ? r : sfe_netem_set(nl, s->ifindex, &s->spec, s->mtu, s->where, err);
}

struct verification {
	struct sfe_shaped *shaped;
	uint32_t n;
	struct sfe_error *err;
};

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
		if (s->ifindex != tc->tcm_ifindex || !sfe_shaper_shapes(&s->spec))
			continue;
		if (strcmp(nla_get_string(attrs[TCA_KIND]), "netem") || !attrs[TCA_OPTIONS])
			return sfe_fail(v->err, -EPROTO, s->where, NULL,
				"its qdisc is %s and not netem", nla_get_string(attrs[TCA_KIND]));
		r = sfe_netem_compare(attrs[TCA_OPTIONS], &s->spec, s->mtu, s->where, v->err);
		if (r)
			return r;
		if (attrs[TCA_STATS]) {
			const struct tc_stats *stats = nla_data(attrs[TCA_STATS]);
			s->netem_drops = stats->drops;
			s->backlog_bytes = stats->backlog;
			s->backlog_packets = stats->qlen;
		}
		s->found = true;
	}
	return 0;
}

/*
 * netem has one counter for random losses and for packets that its limit refused. If a policer or a
 * managed queue keeps the queue, or if there is no rate, the limit never acts, and all of them are
 * losses. Otherwise both are possible, and all are counted as drops.
 */
static void attribute_drops(struct sfe_shaped *s)
{
	if (sfe_shaper_polices(&s->spec) || sfe_shaper_manages(&s->spec) || !s->spec.rate_bps)
		s->losses += s->netem_drops;
	else
		s->drops += s->netem_drops;
}

int sfe_shaper_read_back(
	struct sfe_nl *nl, struct sfe_shaped *shaped, uint32_t n, struct sfe_error *err)
{
	struct tcmsg tc = {.tcm_family = AF_UNSPEC};
	struct verification v = {shaped, n, err};

	for (uint32_t i = 0; i < n; i++) {
		shaped[i].found = false;
		shaped[i].drops = shaped[i].losses = shaped[i].netem_drops = 0;
	}
	int r = sfe_nl_dump(nl, sfe_nl_msg(RTM_GETQDISC, 0, &tc, sizeof(tc)), verify_one, &v, err);
	for (uint32_t i = 0; i < n && !r; i++)
		if (sfe_shaper_shapes(&shaped[i].spec) && !shaped[i].found)
			r = sfe_fail(err, -EPROTO, shaped[i].where, NULL, "its netem is not there");
	r = r ? r : sfe_police_read_back(nl, shaped, n, err);
	r = r ? r : sfe_aqm_read_back(nl, shaped, n, err);
	r = r ? r : sfe_contention_read_back(nl, shaped, n, err);
	r = r ? r : sfe_packet_list_loss_read_back(nl, shaped, n, err);
	for (uint32_t i = 0; i < n && !r; i++)
		attribute_drops(&shaped[i]);
	return r;
}
