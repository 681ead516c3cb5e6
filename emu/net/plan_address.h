/* SPDX-License-Identifier: MIT */
/*
 * Addresses by subtree: a spanning tree over the hosts, and for each subtree one aligned block of
 * 10.0.0.0/8, so that one route covers all hosts below a port.
 */
#ifndef SFE_NET_PLAN_ADDRESS_H
#define SFE_NET_PLAN_ADDRESS_H

#include "emu/net/plan.h"

/* Fills each host's parent, block and address. An unreachable host is an error. */
int sfe_plan_address(struct sfe_plan *p, struct sfe_error *err);

#endif
