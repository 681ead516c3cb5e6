/* SPDX-License-Identifier: MIT */
/* One invocation on this node: brings its states, runs the function, waits for the modelled time.
 */
#ifndef SFE_NODES_INVOCATION_H
#define SFE_NODES_INVOCATION_H

#include "nodes/http/connection.h"

/*
 * Takes over the package, whose step says what is to run. `reply` is the connection that waits for
 * the result, or NULL; `taken` is what this node knows of the step, or NULL. Begins from the loop,
 * not from here, so that a chain on one node does not grow the stack. 0 or -ENOMEM.
 */
int invocation_begin(struct worker *w, struct package *package, uint32_t from, uint64_t request_ns,
	struct connection *reply, struct taken *taken);
void invocations_look_at_begun(struct worker *w); /* from later_event */
void invocations_on_compute(evutil_socket_t fd, short what, void *worker);
void invocations_clear(struct worker *w);

/* Answers the waiting connection; NULL counts as out of memory. */
void invocation_reply(struct invocation *inv, struct outgoing *answer);

/* The first state that the step depends on and that is not in the package: false if there is none.
 */
bool invocation_lacks(const struct invocation *inv, uint32_t *state);

/* Of invocation.c and invocation_states.c, for each other. Brings what is missing and then runs it;
 * when it has run, brings what is to be kept elsewhere there and then tells the strategy. */
void invocation_bring_states(struct invocation *inv);
void invocation_run(struct invocation *inv);
void invocation_give_states(struct invocation *inv);
/* Tells whoever waits for it, and frees it. code is negative. */
void invocation_fail(struct invocation *inv, int code, const char *reason);
void invocation_free(struct invocation *inv);

static inline const struct sfe_step *invocation_step(const struct invocation *inv)
{
	return &worker_job(inv->worker, inv->package.job)->steps[inv->package.step];
}

#endif
