/* SPDX-License-Identifier: MIT */
/* Which states of a job with declared access go where under each strategy, as rules over its steps
 * and their placement. The closed form follows them. */
#ifndef SFE_CLOSED_FORM_DECLARED_RULES_H
#define SFE_CLOSED_FORM_DECLARED_RULES_H

#include "emu/model/workload/job_graph.h"

struct sfe_declared_job { /* a job and where it runs: node indexes */
	const struct sfe_job *job;
	uint32_t client;
	const uint32_t *node; /* of each step */
	uint32_t store;       /* the node that keeps all states, under strategies that have one */
};

struct sfe_declared_rules {
	/* The client invokes each step, whose node answers with the result. Else each step calls
	 * the next ones, and the last ones return to the client. */
	bool client_invokes;
	/*
	 * Whether the state goes with a call of step `to` by step `from` (SFE_CLIENT: the client
	 * calls), or with the result of step `from` to the client (`to` is SFE_CLIENT). NULL: none
	 * does.
	 */
	bool (*carries)(const struct sfe_job *job, uint32_t state, uint32_t from, uint32_t to);
	/*
	 * The node that keeps the state in the version that `step` gets. The step fetches it from
	 * there unless it came with a call; the step that leaves that version gives it to that
	 * node. NULL: the states travel.
	 */
	uint32_t (*keeper)(const struct sfe_declared_job *job, uint32_t state, uint32_t step);
};

extern const struct sfe_declared_rules sfe_declared_pure_faas, sfe_declared_state_propagate,
	sfe_declared_state_local, sfe_declared_stored, sfe_declared_in_function,
	sfe_declared_in_client;

#endif
