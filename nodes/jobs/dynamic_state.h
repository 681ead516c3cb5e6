/* SPDX-License-Identifier: MIT */
/*
 * States that a function gets, puts and deletes by name at run time, on the function's node. The
 * home answers; nothing travels where this node is the home. A request without an answer is
 * repeated as the retry policy says: the home knows a change that has taken effect.
 */
#ifndef SFE_NODES_DYNAMIC_STATE_H
#define SFE_NODES_DYNAMIC_STATE_H

#include "nodes/functions/function_call.h"
#include "nodes/jobs/invocation.h"
#include "nodes/jobs/shared_wait.h"
#include "nodes/shared/shared_named.h"

struct dynamic_state { /* an operation; private, but for its memory */
	struct worker *worker;
	struct function_request *request;
	struct named_operation operation;
	struct named_state state;
	struct shared_access access; /* of this node's own state */
	struct shared_wait *wait;    /* for it; NULL: none */
	uint64_t begin_ns;
	void (*done)(void *context);
	void *context;
};

/* Whether the request is answered already; else done(context) is called once it is, from the loop.
 * `d` stays until then. */
bool dynamic_state_begin(struct dynamic_state *d, const struct invocation *inv,
	struct function_request *request, void (*done)(void *context), void *context);

/* Nobody is to be told any more. */
void dynamic_state_forget(struct dynamic_state *d);

#endif
