/* SPDX-License-Identifier: MIT */
/* Runs the function of an invocation, and waits for the modelled compute time. */
#ifndef SFE_NODES_INVOCATION_RUN_H
#define SFE_NODES_INVOCATION_RUN_H

#include "nodes/jobs/invocation.h"

/* compute_deadline of the worker: 0 or a negative errno. */
int invocations_open(struct worker *w);
void invocations_close(struct worker *w);

/*
 * Runs an invocation whose states are all in its package. The function does its work at once, or
 * is a program that runs meanwhile; its result waits until processor sharing has served its
 * operations. Then invocation_give_states.
 */
void invocation_run(struct invocation *inv);
/* Goes on with the invocations whose programs have ended. */
void invocations_end_programs(struct worker *w);

#endif
