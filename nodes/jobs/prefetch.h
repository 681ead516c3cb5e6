/* SPDX-License-Identifier: MIT */
/*
 * States ahead of the call of their step (options.prefetch). When a step is called, its node tells
 * the node of each next step which states of that are final: no step that may still run before it
 * changes them. That node fetches copies of them, and has them when the call comes.
 *
 * A copy is no ownership: its keeper goes on owning the state, so that nothing is lost if the step
 * never runs here, or this node crashes. A step that changes such a state claims it from the keeper
 * once it has been called: it computes at once, and ends when the keeper has given the state away.
 *
 * Nothing depends on what comes ahead. A request that fails is not repeated, and the call fetches
 * what is missing.
 */
#ifndef SFE_NODES_PREFETCH_H
#define SFE_NODES_PREFETCH_H

#include "nodes/http/wire_ahead.h"
#include "nodes/jobs/invocation.h"

/* The step has been called here: tells the nodes of those after it, if the job's rules say so. */
void prefetch_next(struct worker *w, const struct job_place *at);
/* Fetches these states, as options.fetch says, unless they are here or on their way. */
void prefetch_begin(struct worker *w, const struct wire_ahead *which);

/* The step runs: puts what has come into its package. For each request on its way, adds one to
 * fetching.n, and calls then() after its answer. What has not been asked for is forgotten. */
void prefetch_use(struct invocation *inv, void (*then)(struct invocation *inv));
/* No request of the step is on its way any more: what did not come so is missing like the rest. */
void prefetch_over(struct invocation *inv);
/* Whether the i-th state of its step is on its way so, or was until prefetch_over. */
bool prefetch_awaits(const struct invocation *inv, uint32_t i);

/* The step is about to run: claims what it changes of what came ahead. */
void prefetch_claim(struct invocation *inv);
/* The step has ended. false: no claim of it is open. Else then() is called after the last one, or
 * the invocation fails if the keeper still owns a state. */
bool prefetch_claims_wait(struct invocation *inv, void (*then)(struct invocation *inv));

/* Drops all, without a word. */
void prefetches_clear(struct worker *w);

#endif
