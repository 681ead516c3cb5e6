/* SPDX-License-Identifier: MIT */
/* The steps of sfe_plan_new that stand in files of their own. */
#ifndef SFE_NET_PLAN_INTERNAL_H
#define SFE_NET_PLAN_INTERNAL_H

#include "emu/net/plan.h"

/* plan_address.c: the spanning tree, and an address and an aligned block for each host's subtree.
 */
int sfe_plan_address(struct sfe_plan *p, struct sfe_error *err);
/* plan_route.c: each host's routes. */
int sfe_plan_route(struct sfe_plan *p, struct sfe_error *err);

#endif
