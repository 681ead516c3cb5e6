/* SPDX-License-Identifier: MIT */
/* A call of a step on this node, from another node or from this one. */
#ifndef SFE_NODES_TAKE_CALL_H
#define SFE_NODES_TAKE_CALL_H

#include "nodes/jobs/invocation.h"

enum taken {
	CALL_TAKEN,    /* the step runs, or waits for the calls of its other predecessors */
	CALL_REPEATED, /* this call has come before */
	CALL_NO_MEMORY,
};

/* Whether several steps call this one, so that it waits for all of them. */
bool call_is_joined(const struct worker *w, uint32_t job, uint32_t step);
/*
 * Takes a call of such a step, and takes over the package. Calls of an earlier attempt of the job
 * that still wait are dropped.
 */
enum taken call_join(struct worker *w, struct package *package, uint32_t from, uint64_t request_ns);
/* Whether a call by step `after` has come, or the step has begun. */
bool call_has_come(struct worker *w, uint32_t job, uint32_t step, uint32_t after);

#endif
