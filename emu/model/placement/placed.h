/* SPDX-License-Identifier: MIT */
/* Looks up where a run had a job. */
#ifndef SFE_PLACEMENT_PLACED_H
#define SFE_PLACEMENT_PLACED_H

#include "sfemu/placement.h"

/*
 * Gives the drawn jobs of an assignment their clients and nodes. Refused: other jobs than those,
 * other steps or functions, nodes that the topology does not have.
 */
int sfe_placed_apply(const struct sfe_placed *placed, const struct sfe_topology *t,
	const struct sfe_workload *w, struct sfe_assignment *a, struct sfe_error *err);

#endif
