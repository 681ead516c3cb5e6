/* SPDX-License-Identifier: MIT */
/*
 * The order of a job's steps, and which version of which state goes where. Workers, the checks of
 * their messages, the closed form and the rules of strategies ask here, so that they cannot
 * disagree. All is inline: a strategy that is a plugin links against nothing.
 *
 * Conflicting accesses of parallel steps (two changes, or a change and a read, of one state) are
 * refused where a scenario is read. So all steps that change a state are in an order, which is that
 * of their numbers, and the version that a step gets is the number of changing steps with a lower
 * number.
 *
 * SFE_CLIENT stands for the client: it precedes every step with version 0 of all states, and it
 * follows every step as the reader of all states that were changed.
 */
#ifndef SFEMU_JOB_GRAPH_H
#define SFEMU_JOB_GRAPH_H

#include "sfemu/bits.h"
#include "sfemu/workload.h"

#ifdef __cplusplus
extern "C" {
#endif

/* In place of a step: none. */
#define SFE_NOBODY (UINT32_MAX - 1)

/* The number of predecessors of a step. The first step of a chain has none. */
static inline uint32_t sfe_steps_before(const struct sfe_job *job, uint32_t step)
{
	const struct sfe_graph *g = job->graph;

	return g ? g->before_begin[step + 1] - g->before_begin[step] : step > 0;
}

/* The i-th of them. */
static inline uint32_t sfe_step_before(const struct sfe_job *job, uint32_t step, uint32_t i)
{
	return job->graph ? job->graph->before[job->graph->before_begin[step] + i] : step - 1;
}

/* The same for successors. */
static inline uint32_t sfe_steps_after(const struct sfe_job *job, uint32_t step)
{
	const struct sfe_graph *g = job->graph;

	return g ? g->after_begin[step + 1] - g->after_begin[step] : step + 1 < job->n_steps;
}

static inline uint32_t sfe_step_after(const struct sfe_job *job, uint32_t step, uint32_t i)
{
	return job->graph ? job->graph->after[job->graph->after_begin[step] + i] : step + 1;
}

/* Whether there is an edge. */
static inline bool sfe_step_precedes(const struct sfe_job *job, uint32_t from, uint32_t to)
{
	for (uint32_t i = 0; i < sfe_steps_before(job, to); i++)
		if (sfe_step_before(job, to, i) == from)
			return true;
	return false;
}

/* Whether `to` is `from`, or runs only after it. */
static inline bool sfe_step_reaches(const struct sfe_job *job, uint32_t from, uint32_t to)
{
	const struct sfe_graph *g = job->graph;

	return g ? g->reach[from * g->words + to / 64] >> to % 64 & 1 : from <= to;
}

/* Whether neither runs only after the other. */
static inline bool sfe_steps_parallel(const struct sfe_job *job, uint32_t a, uint32_t b)
{
	return !sfe_step_reaches(job, a, b) && !sfe_step_reaches(job, b, a);
}

/* How the step uses its i-th state. */
static inline enum sfe_access sfe_step_access(const struct sfe_step *step, uint32_t i)
{
	return step->access ? (enum sfe_access)step->access[i] : SFE_UPDATE;
}

/* The state's place in the step's list; n_deps: it is not there. */
static inline uint32_t sfe_step_find(const struct sfe_step *step, uint32_t state)
{
	uint32_t i = 0;

	while (i < step->n_deps && step->deps[i] != state)
		i++;
	return i;
}

/* Whether the step uses the state at all. */
static inline bool sfe_step_uses(const struct sfe_step *step, uint32_t state)
{
	return sfe_step_find(step, state) < step->n_deps;
}

/* Whether it needs the bytes of the state. */
static inline bool sfe_step_reads(const struct sfe_step *step, uint32_t state)
{
	uint32_t i = sfe_step_find(step, state);

	return i < step->n_deps && sfe_step_access(step, i) != SFE_WRITE;
}

/* Whether it leaves a new version of the state. */
static inline bool sfe_step_changes(const struct sfe_step *step, uint32_t state)
{
	uint32_t i = sfe_step_find(step, state);

	return i < step->n_deps && sfe_step_access(step, i) != SFE_READ;
}

/* The graph with the steps that read and change the state; NULL: there is none, ask each step. */
static inline const struct sfe_graph *sfe_graph_of_state(const struct sfe_job *job, uint32_t state)
{
	const struct sfe_graph *g = job->graph ? job->graph : job->uses;

	return g && state < g->n_states ? g : NULL;
}

/* The version that a state has before a step that uses it; with step = n_steps: the last one. */
static inline uint64_t sfe_version_before(const struct sfe_job *job, uint32_t state, uint32_t step)
{
	const struct sfe_graph *g = sfe_graph_of_state(job, state);
	uint64_t version = 0;

	if (g)
		return sfe_bits_count(g->changes + state * g->words, step);
	while (step--)
		version += sfe_step_changes(&job->steps[step], state);
	return version;
}

/* The step that left this version, the last one with a lower number that changes the state;
 * SFE_CLIENT: none, version 0 is the client's. */
static inline uint32_t sfe_writer_before(const struct sfe_job *job, uint32_t state, uint32_t step)
{
	const struct sfe_graph *g = sfe_graph_of_state(job, state);

	if (g) {
		uint32_t writer = sfe_bits_last(g->changes + state * g->words, step);
		return writer == SFE_NO_BIT ? SFE_CLIENT : writer;
	}
	while (step--)
		if (sfe_step_changes(&job->steps[step], state))
			return step;
	return SFE_CLIENT;
}

/* Whether any step from `next` on, by number, uses the state. */
static inline bool sfe_state_used_from(const struct sfe_job *job, uint32_t state, uint32_t next)
{
	const struct sfe_graph *g = sfe_graph_of_state(job, state);

	if (g)
		return sfe_bits_first(g->reads + state * g->words, next, job->n_steps) !=
			       SFE_NO_BIT ||
		       sfe_bits_first(g->changes + state * g->words, next, job->n_steps) !=
			       SFE_NO_BIT;
	for (uint32_t s = next; s < job->n_steps; s++)
		if (sfe_step_uses(&job->steps[s], state))
			return true;
	return false;
}

/* Whether a step that may run at the same time as this one changes the state. */
static inline bool sfe_state_changes_beside(
	const struct sfe_job *job, uint32_t state, uint32_t step)
{
	const struct sfe_graph *g = sfe_graph_of_state(job, state);

	for (size_t i = 0; g && i < g->words; i++)
		if (g->changes[state * g->words + i] & ~g->reach[step * g->words + i] &
			~g->reached_from[step * g->words + i])
			return true;
	for (uint32_t s = 0; !g && s < job->n_steps; s++)
		if (sfe_steps_parallel(job, s, step) && sfe_step_changes(&job->steps[s], state))
			return true;
	return false;
}

/* Whether what `writer` left is there when `from` ends. */
static inline bool sfe_version_is_there(const struct sfe_job *job, uint32_t writer, uint32_t from)
{
	return writer == SFE_CLIENT || (from != SFE_CLIENT && sfe_step_reaches(job, writer, from));
}

/*
 * sfe_reader_along where the graph has the uses of the state, and from is before to. Until the next
 * change, all steps get the version that `to` gets. What a later step gets is not there when `from`
 * ends.
 */
static inline uint32_t sfe_reader_in_graph(
	const struct sfe_job *job, uint32_t state, uint32_t from, uint32_t to)
{
	const struct sfe_graph *g = sfe_graph_of_state(job, state);
	const uint64_t *changes = g->changes + state * g->words;
	uint32_t n = job->n_steps, first = to < n ? to : n;
	uint32_t writer = sfe_writer_before(job, state, first);

	if (!sfe_version_is_there(job, writer, from))
		return SFE_NOBODY;
	uint32_t change = sfe_bits_first(changes, first, n);
	uint32_t end = change == SFE_NO_BIT ? n : change + 1;
	uint32_t reader = first == n ? SFE_NO_BIT
				     : sfe_bits_first_of_both(g->reach + to * g->words,
					       g->reads + state * g->words, to, end);
	if (reader != SFE_NO_BIT)
		return reader;
	return change == SFE_NO_BIT && writer != SFE_CLIENT ? SFE_CLIENT : SFE_NOBODY;
}

/*
 * Who reads the version of the state that `from` has when it ends: `to`, or a step after it, or the
 * client (SFE_CLIENT); SFE_NOBODY does if it is not needed there. from: a step, or SFE_CLIENT for
 * the start; to: one of its successors, or SFE_CLIENT for the return.
 */
static inline uint32_t sfe_reader_along(
	const struct sfe_job *job, uint32_t state, uint32_t from, uint32_t to)
{
	if (sfe_graph_of_state(job, state) && (from < to || from == SFE_CLIENT))
		return sfe_reader_in_graph(job, state, from, to);
	for (uint32_t s = to; s < job->n_steps; s++)
		if (sfe_step_reaches(job, to, s) && sfe_step_reads(&job->steps[s], state) &&
			sfe_version_is_there(job, sfe_writer_before(job, state, s), from))
			return s;
	uint32_t writer = sfe_writer_before(job, state, job->n_steps);
	/* The client has version 0 itself. */
	return writer != SFE_CLIENT && sfe_version_is_there(job, writer, from) ? SFE_CLIENT
									       : SFE_NOBODY;
}

/* Whether there is one: then the state goes along the edge if states travel with calls. */
static inline bool sfe_state_travels(
	const struct sfe_job *job, uint32_t state, uint32_t from, uint32_t to)
{
	return sfe_reader_along(job, state, from, to) != SFE_NOBODY;
}

/* The version that travels along such an edge. */
static inline uint64_t sfe_version_travelling(
	const struct sfe_job *job, uint32_t state, uint32_t from, uint32_t to)
{
	uint32_t reader = sfe_reader_along(job, state, from, to);

	return reader == SFE_NOBODY ? 0
				    : sfe_version_before(job, state,
					      reader == SFE_CLIENT ? job->n_steps : reader);
}

/*
 * Whether the client, which has all states, can send this one with a call of the step: the step
 * does not only write it, and no step that may run at the same time changes it.
 */
static inline bool sfe_state_accompanies(const struct sfe_job *job, uint32_t state, uint32_t step)
{
	const struct sfe_graph *g = sfe_graph_of_state(job, state);

	if (g && sfe_bits_has(g->reads + state * g->words, step))
		return true;
	if (g && sfe_bits_has(g->changes + state * g->words, step))
		return false;
	if (!g && sfe_step_uses(&job->steps[step], state))
		return sfe_step_reads(&job->steps[step], state);
	return !sfe_state_changes_beside(job, state, step);
}

#ifdef __cplusplus
}
#endif

#endif
