/* SPDX-License-Identifier: MIT */
/*
 * What a network takes of the limits of the kernel that carries it. A guest's kernel is sfemu's
 * own: there the limit of descriptors is raised. Natively the limits are looked at before anything
 * is built, and never changed for others.
 *
 * Not looked at: the size of the neighbour table (net.ipv4.neigh.default.gc_thresh3). All
 * neighbours are permanent entries, which since Linux 5.0 do not count.
 */
#ifndef SFE_RUN_MACHINE_LIMITS_H
#define SFE_RUN_MACHINE_LIMITS_H

#include "emu/net/plan.h"

/* Raises this process's limit of open files to what the network and its workers may need, as far as
 * it may. */
void sfe_machine_raise_files(const struct sfe_plan *plan);

/* Natively: whether this machine's limits allow the network and a process for each node. The error
 * names the limit, the number that is needed, and what to do. */
int sfe_machine_check(const struct sfe_plan *plan, struct sfe_error *err);

/* For the tests: the most descriptors that the lab of a network holds at a time. */
uint64_t sfe_machine_files(const struct sfe_plan *plan);

#endif
