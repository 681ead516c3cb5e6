/* SPDX-License-Identifier: MIT */
/* Calls of steps. A call to the own node stays within the process and takes no time, as in the
 * model. */
#ifndef SFE_NODES_CALLS_H
#define SFE_NODES_CALLS_H

#include "nodes/jobs/peers.h"

/* Calls a step of the package's job. Takes over the package. */
void job_call(struct worker *w, struct package *package, uint32_t step);
/* Repeats the call of package->step, whose node has crashed since. `repeated`: how often it is
 * repeated, with this time. Takes over the package. */
void job_call_again(struct worker *w, struct package *package, uint32_t repeated);

/*
 * Node e->to has accepted the call e->at and goes on with the job: adds the hand-off, or fails the
 * job if that node is lost already. Takes over e->package (may be empty), with which the call can
 * be repeated for as long as requests may be retried.
 */
void job_handed_off(struct exchange *e);

#endif
