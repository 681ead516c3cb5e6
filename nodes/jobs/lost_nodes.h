/* SPDX-License-Identifier: MIT */
/* What this node does when another one has crashed: the jobs that it has handed off to that node
 * are resumed, or fail. See nodes/recovery/handoffs.h. */
#ifndef SFE_NODES_LOST_NODES_H
#define SFE_NODES_LOST_NODES_H

#include "nodes/worker/worker_state.h"

/* The node has ended a connection without being asked to (see peers_open). */
void node_lost(struct worker *w, uint32_t node);

/* Whether this node has accepted a call of the step. After the last step comes the return to the
 * client: for that, whether this node is the client and the job is over. */
bool job_has_reached(struct worker *w, uint32_t job, uint32_t step, uint32_t after);

#endif
