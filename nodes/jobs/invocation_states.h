/* SPDX-License-Identifier: MIT */
/* The states that the function of an invocation sees: those of the job, then those that outlive it.
 */
#ifndef SFE_NODES_INVOCATION_STATES_H
#define SFE_NODES_INVOCATION_STATES_H

#include "nodes/jobs/invocation.h"

struct invocation_state {
	const char *name; /* NULL: the job is of a trace, whose states have numbers */
	struct slice *bytes;
	uint32_t index; /* among the job's states; those that outlive it follow */
	uint64_t nominal_bytes;
	enum sfe_access access;
};

uint32_t invocation_n_states(const struct invocation *inv);
struct invocation_state invocation_state(struct invocation *inv, uint32_t i);

#endif
