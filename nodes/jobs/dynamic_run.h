/* SPDX-License-Identifier: MIT */
/*
 * The callee's side of calls of functions at run time. A call takes effect once as long as this
 * node is up: a repeated one gets the answer of the first.
 */
#ifndef SFE_NODES_DYNAMIC_RUN_H
#define SFE_NODES_DYNAMIC_RUN_H

#include "nodes/jobs/invocation.h"

struct dynamic_order { /* a call that has come */
	struct call_key key;
	bool cast;
	struct slice argument; /* taken over */
	uint32_t from;
	uint64_t request_ns;
	/* Who waits: a connection, or on this node itself, a function. It takes the output over;
	 * code is 0 or a negative errno. */
	struct caller *caller;
	void (*local)(void *context, struct slice *output, int code, const char *reason);
	void *context;
};

/* Begins it, from the loop. 0 or -ENOMEM. */
int dynamic_run_begin(struct worker *w, struct dynamic_order *order);

struct dynamic_known {
	bool known;                 /* it has come before */
	struct invocation *running; /* NULL: it has ended */
	const struct slice *output; /* then */
};
/* The same function with the same argument: after a crash of its node the caller may call by this
 * key again, and its states, which are newer, may make another call of it. */
struct dynamic_known dynamic_run_find(
	struct worker *w, const struct call_key *key, const struct slice *argument);

/* Who waits for a call on this node itself does so no longer. */
void dynamic_run_abandon(struct worker *w, const struct call_key *key, const void *context);
void dynamic_runs_clear(struct worker *w); /* after invocations_clear */

#endif
