/* SPDX-License-Identifier: MIT */
#include "shaper/station_filter.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>

#define PREFERENCE 1u

static struct tcmsg at(int ifb, uint32_t root)
{
	return (struct tcmsg){
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = ifb,
		.tcm_parent = root,
		.tcm_info = TC_H_MAKE(PREFERENCE << 16, htons(ETH_P_ALL)),
	};
}

/* u32 with one key that every packet matches: what selects is the port that a packet arrived by,
 * which the redirection leaves in it. */
static bool put_filter(struct nl_msg *msg, uint32_t class, const char *port)
{
	struct {
		struct tc_u32_sel sel;
		struct tc_u32_key key;
	} all = {.sel = {.flags = TC_U32_TERMINAL, .nkeys = 1}};
	struct nlattr *options;

	if (nla_put_string(msg, TCA_KIND, "u32") || !(options = nla_nest_start(msg, TCA_OPTIONS)) ||
		nla_put(msg, TCA_U32_SEL, sizeof(all), &all) ||
		nla_put_string(msg, TCA_U32_INDEV, port) ||
		nla_put_u32(msg, TCA_U32_CLASSID, class))
		return false;
	nla_nest_end(msg, options);
	return true;
}

int sfe_station_filter_set(struct sfe_nl *nl, int ifb, uint32_t root, uint32_t first,
	const struct sfe_stations *stations, const char *where, struct sfe_error *err)
{
	const struct tcmsg tc = at(ifb, root);
	int r = 0;

	for (uint32_t i = 0; i < stations->n && !r; i++) {
		struct nl_msg *msg =
			sfe_nl_msg(RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL, &tc, sizeof(tc));
		if (msg && !put_filter(msg, first + i, stations->port[i])) {
			nlmsg_free(msg);
			msg = NULL;
		}
		r = sfe_nl_queue(nl, msg, where,
			"add the filter of a station (does this kernel have cls_u32?)", err);
	}
	return r;
}

struct reading {
	struct sfe_shaped *shaped;
	uint32_t first;
	struct sfe_error *err;
};

static int read_filter(struct nlmsghdr *h, void *arg)
{
	struct reading *v = arg;
	struct sfe_shaped *s = v->shaped;
	struct nlattr *attrs[TCA_MAX + 1], *u32[TCA_U32_MAX + 1];

	if (h->nlmsg_type != RTM_NEWTFILTER)
		return 0;
	if (nlmsg_parse(h, sizeof(struct tcmsg), attrs, TCA_MAX, NULL) ||
		(attrs[TCA_OPTIONS] &&
			nla_parse_nested(u32, TCA_U32_MAX, attrs[TCA_OPTIONS], NULL)))
		return sfe_fail(v->err, -EPROTO, s->where, NULL, "cannot read its filters back");
	/* u32 lists its hash table too. */
	if (!attrs[TCA_OPTIONS] || !u32[TCA_U32_CLASSID])
		return 0;
	uint32_t station = nla_get_u32(u32[TCA_U32_CLASSID]) - v->first;
	if (station >= s->stations->n || !u32[TCA_U32_INDEV] ||
		strcmp(nla_get_string(u32[TCA_U32_INDEV]), s->stations->port[station]))
		return sfe_fail(v->err, -EPROTO, s->where,
			"this kernel's filters cannot do what was asked: report it",
			"a filter puts another station's packets into class %x",
			v->first + station);
	s->filters++;
	return 0;
}

int sfe_station_filter_read_back(struct sfe_nl *nl, int ifb, uint32_t root, uint32_t first,
	struct sfe_shaped *s, struct sfe_error *err)
{
	const struct tcmsg tc = {.tcm_family = AF_UNSPEC, .tcm_ifindex = ifb, .tcm_parent = root};
	struct reading v = {s, first, err};

	s->filters = 0;
	int r = sfe_nl_dump(
		nl, sfe_nl_msg(RTM_GETTFILTER, 0, &tc, sizeof(tc)), read_filter, &v, err);
	if (!r && s->filters != s->stations->n)
		r = sfe_fail(err, -EPROTO, s->where, NULL, "%u of %u stations have their filter",
			s->filters, s->stations->n);
	return r;
}
