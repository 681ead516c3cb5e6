/* SPDX-License-Identifier: MIT */
/*
 * The order of a job's steps, and which version of which state goes where. Workers, the checks of
 * their messages and the closed form ask here, so that they cannot disagree.
 *
 * Conflicting accesses of parallel steps (two changes, or a change and a read, of one state) are
 * refused where a scenario is read (sfe_graph_conflict). So all steps that change a state are in an
 * order, which is that of their numbers, and the version that a step gets is the number of changing
 * steps with a lower number.
 *
 * SFE_CLIENT stands for the client: it precedes every step with version 0 of all states, and it
 * follows every step as the reader of all states that were changed.
 */
#ifndef SFE_MODEL_JOB_GRAPH_H
#define SFE_MODEL_JOB_GRAPH_H

#include "sfemu/workload.h"

/* Edges of a graph in the making: from predecessor to successor. */
struct sfe_edge {
	uint32_t from, to;
};

/*
 * A graph from edges, in any order, each once, with from < to < n_steps. *out is the caller's. 0 or
 * -ENOMEM.
 */
int sfe_graph_new(
	uint32_t n_steps, const struct sfe_edge *edges, size_t n_edges, struct sfe_graph **out);
void sfe_graph_free(struct sfe_graph *g);

/* The number of predecessors of a step; the i-th of them. The first step of a chain has none. */
uint32_t sfe_steps_before(const struct sfe_job *job, uint32_t step);
uint32_t sfe_step_before(const struct sfe_job *job, uint32_t step, uint32_t i);
/* The same for successors. */
uint32_t sfe_steps_after(const struct sfe_job *job, uint32_t step);
uint32_t sfe_step_after(const struct sfe_job *job, uint32_t step, uint32_t i);
/* Whether there is an edge. */
bool sfe_step_precedes(const struct sfe_job *job, uint32_t from, uint32_t to);
/* Whether `to` is `from`, or runs only after it. */
bool sfe_step_reaches(const struct sfe_job *job, uint32_t from, uint32_t to);
/* Whether neither runs only after the other. */
bool sfe_steps_parallel(const struct sfe_job *job, uint32_t a, uint32_t b);

static inline enum sfe_access sfe_step_access(const struct sfe_step *step, uint32_t i)
{
	return step->access ? (enum sfe_access)step->access[i] : SFE_UPDATE;
}

/* Whether the step uses the state at all, needs its bytes, and leaves a new version of it. */
bool sfe_step_uses(const struct sfe_step *step, uint32_t state);
bool sfe_step_reads(const struct sfe_step *step, uint32_t state);
bool sfe_step_changes(const struct sfe_step *step, uint32_t state);

/* The version that a state has before a step that uses it; with step = n_steps: the last one. */
uint64_t sfe_version_before(const struct sfe_job *job, uint32_t state, uint32_t step);
/* The step that left this version, the last one with a lower number that changes the state;
 * SFE_CLIENT: none, version 0 is the client's. */
uint32_t sfe_writer_before(const struct sfe_job *job, uint32_t state, uint32_t step);
/* Whether any step from `next` on, by number, uses the state. */
bool sfe_state_used_from(const struct sfe_job *job, uint32_t state, uint32_t next);

/* In place of a step: none. */
#define SFE_NOBODY (UINT32_MAX - 1)

/*
 * Who reads the version of the state that `from` has when it ends: `to`, or a step after it, or the
 * client (SFE_CLIENT); SFE_NOBODY does if it is not needed there. from: a step, or SFE_CLIENT for
 * the start; to: one of its successors, or SFE_CLIENT for the return.
 */
uint32_t sfe_reader_along(const struct sfe_job *job, uint32_t state, uint32_t from, uint32_t to);
/* Whether there is one: then the state goes along the edge if states travel with calls. */
bool sfe_state_travels(const struct sfe_job *job, uint32_t state, uint32_t from, uint32_t to);
/* The version that travels along such an edge. */
uint64_t sfe_version_travelling(
	const struct sfe_job *job, uint32_t state, uint32_t from, uint32_t to);
/*
 * Whether the client, which has all states, can send this one with a call of the step: the step
 * does not only write it, and no step that may run at the same time changes it.
 */
bool sfe_state_accompanies(const struct sfe_job *job, uint32_t state, uint32_t step);

/* Two parallel steps of which one changes a state that the other uses; false: there are none. */
bool sfe_graph_conflict(const struct sfe_job *job, uint32_t *a, uint32_t *b, uint32_t *state);

#endif
