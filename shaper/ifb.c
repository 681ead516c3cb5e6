/* SPDX-License-Identifier: MIT */
#include "shaper/ifb.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_mirred.h>
#include <stdio.h>

#include "shaper/clsact.h"

/* Offset of the index of a queue's IFB device from that of its interface. */
#define QUEUE_INDEX 0x10000

int sfe_ifb_of_queue(int ifindex)
{
	return QUEUE_INDEX + ifindex;
}

int sfe_ifb_add(struct sfe_nl *nl, int ifb, const char *name, uint32_t mtu, const char *where,
	struct sfe_error *err)
{
	struct ifinfomsg ifi = {.ifi_index = ifb, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
	struct nl_msg *msg = sfe_nl_msg(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &ifi, sizeof(ifi));
	struct nlattr *info;

	/* One transmit queue: with more, flows would be served in parallel, which no medium does.
	 */
	if (msg && (nla_put_string(msg, IFLA_IFNAME, name) || nla_put_u32(msg, IFLA_MTU, mtu) ||
			   nla_put_u32(msg, IFLA_NUM_TX_QUEUES, 1) ||
			   nla_put_u32(msg, IFLA_NUM_RX_QUEUES, 1) ||
			   !(info = nla_nest_start(msg, IFLA_LINKINFO)) ||
			   nla_put_string(msg, IFLA_INFO_KIND, "ifb"))) {
		nlmsg_free(msg);
		msg = NULL;
	} else if (msg) {
		nla_nest_end(msg, info);
	}
	return sfe_nl_queue(nl, msg, where, "make an ifb device (does this kernel have ifb?)", err);
}

static int put_redirect(struct nl_msg *msg, int ifb)
{
	struct tc_mirred mirred = {
		.action = TC_ACT_STOLEN,
		.eaction = TCA_EGRESS_REDIR,
		.ifindex = (uint32_t)ifb,
	};
	/* u32 with one key that every packet matches: more kernels have it than matchall. */
	struct {
		struct tc_u32_sel sel;
		struct tc_u32_key key;
	} all = {.sel = {.flags = TC_U32_TERMINAL, .nkeys = 1}};
	struct nlattr *options = nla_nest_start(msg, TCA_OPTIONS), *actions, *action, *parms;

	if (!options || nla_put(msg, TCA_U32_SEL, sizeof(all), &all) ||
		!(actions = nla_nest_start(msg, TCA_U32_ACT)) ||
		!(action = nla_nest_start(msg, 1)) || nla_put_string(msg, TCA_ACT_KIND, "mirred") ||
		!(parms = nla_nest_start(msg, TCA_ACT_OPTIONS)) ||
		nla_put(msg, TCA_MIRRED_PARMS, sizeof(mirred), &mirred))
		return -ENOMEM;
	nla_nest_end(msg, parms);
	nla_nest_end(msg, action);
	nla_nest_end(msg, actions);
	nla_nest_end(msg, options);
	return 0;
}

int sfe_ifb_redirect(struct sfe_nl *nl, int ifindex, bool egress, int ifb, const char *where,
	struct sfe_error *err)
{
	struct tcmsg filter = {
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = ifindex,
		.tcm_parent = TC_H_MAKE(TC_H_CLSACT, egress ? TC_H_MIN_EGRESS : TC_H_MIN_INGRESS),
		.tcm_info = TC_H_MAKE(SFE_QUEUE_PREFERENCE << 16, htons(ETH_P_ALL)),
	};
	struct nl_msg *msg;
	int r = sfe_clsact_add(nl, ifindex, where, err);

	if (r)
		return r;
	msg = sfe_nl_msg(RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL, &filter, sizeof(filter));
	if (msg && (nla_put_string(msg, TCA_KIND, "u32") || put_redirect(msg, ifb))) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return sfe_nl_queue(nl, msg, where,
		"redirect a port to its ifb device (does this kernel have cls_u32 and act_mirred?)",
		err);
}
