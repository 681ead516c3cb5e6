/* SPDX-License-Identifier: MIT */
/* The hosts and cables of a plan. */
#ifndef SFE_NET_PLAN_CABLES_H
#define SFE_NET_PLAN_CABLES_H

#include "emu/net/plan.h"

/* 10000 nodes, the most that the closed form places, have as many links and some junctions. */
#define SFE_MAX_PLANNED_VERTICES 50000u

/* A plan with hosts and cables only, without addresses, routes and interface names. The caller
 * frees *out with sfe_plan_free. */
int sfe_plan_cables(const struct sfe_topology *t, struct sfe_plan **out, struct sfe_error *err);

#endif
