/* SPDX-License-Identifier: MIT */
/*
 * Routes. If the hosts form a tree there is one path between any two: each host has a route for
 * each child's block and a default route towards the root. Otherwise the shortest path by the
 * links' capacities decides, and a host has a route of its own for each subtree that leaves by
 * another port than the subtree that contains it.
 */
#ifndef SFE_NET_PLAN_ROUTE_H
#define SFE_NET_PLAN_ROUTE_H

#include "emu/net/plan.h"

/* Fills each host's routes. The plan has its addresses already. */
int sfe_plan_route(struct sfe_plan *p, struct sfe_error *err);

#endif
