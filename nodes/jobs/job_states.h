/* SPDX-License-Identifier: MIT */
/* The states of a job in this node's store. */
#ifndef SFE_NODES_JOB_STATES_H
#define SFE_NODES_JOB_STATES_H

#include "nodes/worker/worker_state.h"

/* The argument of a job: of a file, or from the seed. 0 or -ENOMEM. */
int job_argument(struct worker *w, uint32_t job, struct slice *bytes);
/* The same for the initial bytes of a state. */
int job_initial_state(struct worker *w, uint32_t job, uint32_t state, struct slice *bytes);

/*
 * States of the package that are changes only become whole, with what the store has of them; those
 * that the store has in this version already go. 0, -ENOMEM, or -EPROTO: the store does not have
 * what was changed.
 */
int job_complete_states(struct worker *w, struct package *package);
/*
 * Moves the states of the package into the store, in place of older versions. A state that no step
 * from `next` on needs is final. false: nothing more is to be done with the job here, since the
 * worker ends, or the store has a later version: later steps have overtaken this one.
 */
bool job_keep(struct worker *w, struct package *package, uint32_t next);
/* Whether the state goes with any call that the step makes when it has ended. */
bool job_sends_on(const struct worker *w, uint32_t job, uint32_t state, uint32_t step);
/* The job has ended: the states of it that are here are final. */
void job_finish_states(struct worker *w, uint32_t job);
/* The job starts again: removes its states. */
void job_forget_states(struct worker *w, uint32_t job);
/*
 * Creates a state in the store, with its initial bytes. 0, -ENOMEM, or -ENOENT: an earlier step
 * than `step` depends on it too, so that it exists elsewhere, or is lost.
 */
int job_create_state(struct worker *w, uint32_t job, uint32_t state, uint32_t step);

#endif
