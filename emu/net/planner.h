/* SPDX-License-Identifier: MIT */
/*
 * Makes the plan of a network from a topology. Pure; build.c carries a plan out.
 *
 * - Each node, junction and shared link becomes a host (a namespace). The host of a shared link is
 *   called its medium.
 * - Each other link joins exactly two hosts by a cable (a veth pair). Each direction of a cable may
 *   belong to another link: an uplink in one direction, a downlink in the other. Hosts that touch
 *   without a link between them (switch to switch, switch to medium) get a bare cable, which shapes
 *   nothing.
 * - Where two such links meet without a junction, the plan adds one, called "a~b".
 */
#ifndef SFE_NET_PLANNER_H
#define SFE_NET_PLANNER_H

#include "emu/net/plan.h"

/* The whole plan. Addresses are from 10.0.0.0/8. A link that does not have two ends is an error
 * that names the link. The caller frees *out with sfe_plan_free. */
int sfe_plan_new(const struct sfe_topology *t, struct sfe_plan **out, struct sfe_error *err);

#endif
