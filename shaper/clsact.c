/* SPDX-License-Identifier: MIT */
#include "shaper/clsact.h"

#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

int sfe_clsact_add(struct sfe_nl *nl, int ifindex, const char *where, struct sfe_error *err)
{
	struct tcmsg clsact = {
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = ifindex,
		.tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0),
		.tcm_parent = TC_H_CLSACT,
	};
	/* Without NLM_F_EXCL: several filters of one interface may each add it. */
	struct nl_msg *msg = sfe_nl_msg(RTM_NEWQDISC, NLM_F_CREATE, &clsact, sizeof(clsact));

	if (msg && nla_put_string(msg, TCA_KIND, "clsact")) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return sfe_nl_queue(
		nl, msg, where, "set the clsact qdisc (does this kernel have sch_ingress?)", err);
}
