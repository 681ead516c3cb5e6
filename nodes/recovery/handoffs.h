/* SPDX-License-Identifier: MIT */
/*
 * Steps that other nodes have taken over from here. If such a node is lost so are they, and nobody
 * else may know of it: the job's client waits for a return, on no connection.
 */
#ifndef SFE_NODES_FORWARDS_H
#define SFE_NODES_FORWARDS_H

#include "nodes/jobs/peers.h"

/*
 * Notes that e->to has taken e->at over. e->package (may be empty) is taken over; with it the step
 * can be called again, for as long as requests may be.
 */
void forwards_note(struct exchange *e);
/* Whether a step has come to this node from another one; of the last step's follower, which is the
 * client, whether the job is over. */
bool step_has_come(struct worker *w, uint32_t job, uint32_t step);
/* The node has ended connections without being asked to: its steps are called again, or their jobs
 * fail. */
void forwards_lost(struct worker *w, uint32_t node);
void forwards_clear(struct worker *w);

#endif
