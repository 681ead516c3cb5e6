/* SPDX-License-Identifier: MIT */
/*
 * An invocation whose function is a program: the process runs while the loop goes on, beside the
 * modelled compute time. The later of the two ends the invocation.
 */
#ifndef SFE_NODES_INVOCATION_PROGRAM_H
#define SFE_NODES_INVOCATION_PROGRAM_H

#include "nodes/jobs/invocation.h"

/* Starts the program, or lets it wait for others that run in this process. 0 or -ENOMEM. */
int invocation_program_begin(struct invocation *inv, uint64_t ready_ns);
/* For the loop: calls ended(inv) for each whose program has ended. */
void invocation_programs_ended(struct worker *w, void (*ended)(struct invocation *inv));

/* Whether its program runs still, or waits. */
bool invocation_program_runs(const struct invocation *inv);
/* What a program that has ended left: 0, or a negative errno with the reason. The output is the
 * caller's. */
int invocation_program_result(struct invocation *inv, struct slice *output, const char **reason);

#endif
