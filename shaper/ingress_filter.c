/* SPDX-License-Identifier: MIT */
#include "shaper/ingress_filter.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "shaper/clsact.h"

#define PREFERENCE 1u
#define SOURCE_OFFSET 12 /* of an IPv4 header */
/* All rules of a namespace share one action. The policers of interfaces have the interfaces'
 * indices, which begin at 10. */
#define DROP_INDEX 1u

static struct tcmsg at_ingress(int ifindex)
{
	return (struct tcmsg){
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = ifindex,
		.tcm_parent = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS),
		.tcm_info = TC_H_MAKE(PREFERENCE << 16, htons(ETH_P_IP)),
	};
}

/* The action drops every packet. It is a policer without a rate, to which each packet conforms, and
 * not act_gact, which fewer kernels have. */
static int put_drop(struct nl_msg *msg)
{
	struct tc_police parm = {.index = DROP_INDEX, .action = TC_ACT_SHOT};
	struct nlattr *actions = nla_nest_start(msg, TCA_U32_ACT), *action, *options;

	if (!actions || !(action = nla_nest_start(msg, 1)) ||
		nla_put_string(msg, TCA_ACT_KIND, "police") ||
		!(options = nla_nest_start(msg, TCA_ACT_OPTIONS)) ||
		nla_put(msg, TCA_POLICE_TBF, sizeof(parm), &parm) ||
		nla_put_u32(msg, TCA_POLICE_RESULT, TC_ACT_SHOT))
		return -1;
	nla_nest_end(msg, options);
	nla_nest_end(msg, action);
	nla_nest_end(msg, actions);
	return 0;
}

int sfe_ingress_filter_add(struct sfe_nl *nl, int ifindex, uint32_t address, unsigned prefix,
	bool accept, const char *where, struct sfe_error *err)
{
	struct tcmsg tc = at_ingress(ifindex);
	uint32_t mask = prefix ? htonl(UINT32_MAX << (32 - prefix)) : 0;
	struct {
		struct tc_u32_sel sel;
		struct tc_u32_key key;
	} from = {.sel = {.flags = TC_U32_TERMINAL, .nkeys = 1},
		.key = {.mask = mask, .val = htonl(address) & mask, .off = SOURCE_OFFSET}};
	struct nl_msg *msg;
	struct nlattr *options;
	int r = sfe_clsact_add(nl, ifindex, where, err);

	if (r)
		return r;
	msg = sfe_nl_msg(RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL, &tc, sizeof(tc));
	if (msg && (nla_put_string(msg, TCA_KIND, "u32") ||
			   !(options = nla_nest_start(msg, TCA_OPTIONS)) ||
			   nla_put(msg, TCA_U32_SEL, sizeof(from), &from) ||
			   (accept ? nla_put_u32(msg, TCA_U32_CLASSID, TC_H_MAKE(1 << 16, 1))
				   : put_drop(msg)))) {
		nlmsg_free(msg);
		msg = NULL;
	} else if (msg) {
		nla_nest_end(msg, options);
	}
	return sfe_nl_queue(nl, msg, where,
		"add a partition's rule (does this kernel have cls_u32 and act_police?)", err);
}

int sfe_ingress_filter_clear(
	struct sfe_nl *nl, int ifindex, const char *where, struct sfe_error *err)
{
	struct tcmsg tc = at_ingress(ifindex);

	return sfe_nl_queue(nl, sfe_nl_msg(RTM_DELTFILTER, 0, &tc, sizeof(tc)), where,
		"remove a partition's rules", err);
}
