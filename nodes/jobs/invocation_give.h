/* SPDX-License-Identifier: MIT */
/* The end of an invocation: the states that it has changed go to where they are kept. */
#ifndef SFE_NODES_INVOCATION_GIVE_H
#define SFE_NODES_INVOCATION_GIVE_H

#include "nodes/jobs/invocation.h"

/* Sends changed states to the nodes that the strategy names, and copies to the replicas; then lets
 * the strategy go on with the job, and frees the invocation. */
void invocation_give_states(struct invocation *inv);

#endif
