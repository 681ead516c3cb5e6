/* SPDX-License-Identifier: MIT */
/*
 * What strategies can do with a job. To the own node all of it stays within the process and takes
 * no time, as in the model.
 */
#ifndef SFE_NODES_ACTIONS_H
#define SFE_NODES_ACTIONS_H

#include <errno.h>

#include "nodes/worker/worker_state.h"

/* Each takes over the package. */
void job_call(struct worker *w, struct package *package, uint32_t step);
/* By who has called package->step before, as its node has lost it. tried: how often it was called
 * again, with this time. */
void job_call_again(struct worker *w, struct package *package, uint32_t tried);
void job_return(struct worker *w, struct package *package); /* to the job's client */
void job_answer(struct worker *w,
	struct invocation *inv); /* to the caller, with all states of the package */
/* Client: the job ended well. with_states: all its states are in the package, and stay here. */
void job_done(struct worker *w, struct package *package, uint64_t end_ns, bool with_states);

/*
 * Puts the states of the package into this node's store, in place of older versions, and notes that
 * they are there. What no step from `next` on depends on is final. false: nothing is to follow,
 * since the worker is at its end, or holds a later version: the job has overtaken this step.
 */
bool job_keep(struct worker *w, struct package *package, uint32_t next);
/* The other way: the states that the step depends on, from this node's store into the package. */
void job_take(struct worker *w, struct package *package, uint32_t step);
/*
 * Puts a state into this node's store as it is at first. 0, -ENOMEM, or -ENOENT: a step before
 * `step` depends on it too, so that it must be somewhere.
 */
int job_bear(struct worker *w, uint32_t job, uint32_t state, uint32_t step);

/* From any node: the job cannot go on. Tells its client. */
void job_failed(struct worker *w, const struct job_place *at, int code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static inline struct job_place job_place_of(const struct package *package)
{
	return (struct job_place){package->job, package->step, package->attempt};
}

bool job_depends(const struct worker *w, uint32_t job, uint32_t step, uint32_t state);
/* Whether any step from `next` on depends on the state. */
bool job_wants_later(const struct worker *w, uint32_t job, uint32_t state, uint32_t next);
/*
 * The version that a state has before the step: how many steps before it depend on it. A step that
 * got another one would change what a step has changed already, or what one has yet to change.
 */
uint64_t job_version(const struct worker *w, uint32_t job, uint32_t state, uint32_t step);

#endif
