/* SPDX-License-Identifier: MIT */
/*
 * States that go ahead unasked (options.push_us; emu/model/strategies/push_states.h says which):
 * their keeper sends copies to the nodes of the steps that read them as soon as they are final. A
 * step gets those of one keeper that are final at the same time in one message.
 *
 * What has come is kept as if it had been fetched ahead (prefetch.h), and is no ownership either. A
 * step that is called before waits for what is on its way: its head has come, or it may still
 * begin to come, for as long as the bound. Then the step fetches what is missing. A push is not
 * repeated. After a crash of this node, or where the keeper is lost, or once more has come than is
 * kept, only what has begun to come, and what is sent right after the call, is waited for.
 */
#ifndef SFE_NODES_PUSH_H
#define SFE_NODES_PUSH_H

#include "nodes/http/http_head.h"
#include "nodes/jobs/invocation.h"

/* This node keeps the version of the state that step left->step of the job has left, or the client
 * (SFE_CLIENT) at the start; PUSH_ALL: all that it has left here. Sends it ahead to where it goes.
 */
#define PUSH_ALL UINT32_MAX
void push_left(struct worker *w, const struct job_place *left, uint32_t state);

/* The checked head of a push has come. begun: the step has looked for what has come, and may wait
 * for it. Its number, for one of the following; 0: what comes is of no use. */
uint32_t push_begins(struct worker *w, const struct job_place *at, bool begun);
/* All of it has come; what is kept refers to the body. */
void push_ends(
	struct worker *w, uint32_t number, const struct http_head *head, const struct slice *body);
/* It will not come. number: also 0. */
void push_breaks(struct worker *w, uint32_t number);

/* The step runs, after prefetch_use: waits for what may still come so, as one request of
 * inv->fetching.n, and calls then() after it. */
void push_use(struct invocation *inv, void (*then)(struct invocation *inv));

#endif
