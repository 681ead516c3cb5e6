/* SPDX-License-Identifier: MIT */
/*
 * An invocation whose function is C code. A plugin may call other functions, and use states by
 * name: before each call or use the time of its operations so far passes, then the call is made
 * (dynamic_call.h), or the state's home asked (dynamic_state.h), and the plugin waits on its own
 * stack until the answer is there. The worker goes on meanwhile.
 */
#ifndef SFE_NODES_INVOCATION_CODE_H
#define SFE_NODES_INVOCATION_CODE_H

#include "nodes/jobs/invocation.h"
#include "sfemu/function.h"

struct code_hooks { /* what the life of the invocation does for its code */
	/* The time of these operations is to pass, from at_ns on; then invocation_code_computed. */
	void (*compute)(struct invocation *inv, uint64_t at_ns, uint64_t ops);
	/* It has ended well; these operations are left. The output is taken over. */
	void (*ended)(struct invocation *inv, struct slice *output, uint64_t at_ns, uint64_t ops);
	void (*fail)(struct invocation *inv, int code, const char *reason);
};

struct code_start {
	const struct sfe_function_plugin *plugin;
	const struct code_hooks *hooks;
	uint64_t ready_ns, output_bytes, ops; /* as the scenario models them */
};

/* Runs it until it ends or waits. */
void invocation_code_run(struct invocation *inv, const struct code_start *start);
/* Whether it waits for the time of operations that come before a call; that has passed. */
bool invocation_code_waits(const struct invocation *inv);
void invocation_code_computed(struct invocation *inv);

#endif
