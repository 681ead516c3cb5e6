/* SPDX-License-Identifier: MIT */
/* Placement of one invocation while jobs run: a function that another one calls. */
#ifndef SFE_PLACEMENT_PLACE_NOW_H
#define SFE_PLACEMENT_PLACE_NOW_H

#include "emu/model/placement/placer.h"

struct sfe_place_question {
	uint32_t caller; /* the node that sends the argument and gets the output */
	uint32_t client; /* of the job, for pins */
	const struct sfe_job *job;
	uint32_t function;
	uint64_t ops, argument_bytes, output_bytes;
	const uint32_t *load; /* by node: invocations on it */
	const bool *down;     /* by node: it has crashed */
};

/*
 * The node with the least time by the rule: of the operations, at the speed that one more
 * invocation gets there, and but for ProcOnly of argument and output on the paths; the first in
 * name order of several. Pins that name no step hold. SFE_NONE: no node is left.
 */
uint32_t sfe_place_now(
	struct sfe_placer *p, enum sfe_placement placement, const struct sfe_place_question *q);

#endif
