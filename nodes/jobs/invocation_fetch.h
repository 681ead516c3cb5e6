/* SPDX-License-Identifier: MIT */
/* The start of an invocation: the states that its step depends on come to this node. */
#ifndef SFE_NODES_INVOCATION_FETCH_H
#define SFE_NODES_INVOCATION_FETCH_H

#include "nodes/jobs/invocation.h"

/* Starts the invocations that have begun: fetches their states, then runs them.
 * Called from the loop (later_watch). */
void invocations_start_begun(struct worker *w);

#endif
