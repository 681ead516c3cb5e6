/* SPDX-License-Identifier: MIT */
/* How a job goes from step to step under the rules of the strategy (sfemu/strategy.h). */
#ifndef SFE_NODES_JOB_FLOW_H
#define SFE_NODES_JOB_FLOW_H

#include "nodes/jobs/client.h"
#include "nodes/jobs/invocation.h"

/*
 * At the start the client keeps the states (the package has version 0 of all that it creates) and
 * calls the first steps. With a result it keeps the states that came, and calls the steps that can
 * run now, or ends the job.
 */
extern const struct client_hooks job_flow_of_client;

/*
 * The node of a step: the step has ended, its output is the package's value, and the states that
 * are kept elsewhere have gone there. Keeps the others, and answers, or calls the next steps, or
 * returns. Takes the package over; the invocation is freed afterwards.
 */
void job_flow_finished(struct worker *w, struct invocation *inv);

#endif
