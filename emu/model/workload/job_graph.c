/* SPDX-License-Identifier: MIT */
#include "emu/model/workload/job_graph.h"

#include <errno.h>
#include <stdlib.h>

/* ---- the graph */

static void fill(struct sfe_graph *g, const struct sfe_edge *edges, size_t n)
{
	for (size_t e = 0; e < n; e++) {
		g->before_begin[edges[e].to + 1]++;
		g->after_begin[edges[e].from + 1]++;
	}
	for (uint32_t s = 0; s < g->n_steps; s++) {
		g->before_begin[s + 1] += g->before_begin[s];
		g->after_begin[s + 1] += g->after_begin[s];
	}
}

static int by_numbers(const void *a, const void *b)
{
	const struct sfe_edge *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return x->to < y->to ? -1 : x->to > y->to;
}

/* Edges in order give ascending lists. */
static void link(struct sfe_graph *g, const struct sfe_edge *sorted, size_t n, uint32_t *at)
{
	for (uint32_t s = 0; s < g->n_steps; s++)
		at[s] = g->before_begin[s];
	for (size_t e = 0; e < n; e++) {
		g->after[e] = sorted[e].to;
		g->before[at[sorted[e].to]++] = sorted[e].from;
	}
}

/* From the last step on: a step reaches itself, and what its successors reach. */
static void find_reach(struct sfe_graph *g)
{
	for (uint32_t s = g->n_steps; s--;) {
		uint64_t *own = g->reach + s * g->words;
		own[s / 64] |= 1ull << s % 64;
		for (uint32_t e = g->after_begin[s]; e < g->after_begin[s + 1]; e++)
			for (size_t i = 0; i < g->words; i++)
				own[i] |= g->reach[g->after[e] * g->words + i];
	}
}

int sfe_graph_new(
	uint32_t n_steps, const struct sfe_edge *edges, size_t n_edges, struct sfe_graph **out)
{
	struct sfe_graph *g = calloc(1, sizeof(*g));
	struct sfe_edge *sorted = calloc(n_edges + 1, sizeof(*sorted));
	uint32_t *at = calloc((size_t)n_steps + 1, sizeof(*at));

	if (g) {
		g->n_steps = n_steps;
		g->words = (n_steps + 63u) / 64;
		g->before_begin = calloc((size_t)n_steps + 1, sizeof(*g->before_begin));
		g->after_begin = calloc((size_t)n_steps + 1, sizeof(*g->after_begin));
		g->before = calloc(n_edges + 1, sizeof(*g->before));
		g->after = calloc(n_edges + 1, sizeof(*g->after));
		g->reach = calloc(n_steps * g->words + 1, sizeof(*g->reach));
	}
	bool ok = g && sorted && at && g->before_begin && g->after_begin && g->before && g->after &&
		  g->reach;
	if (ok) {
		for (size_t e = 0; e < n_edges; e++)
			sorted[e] = edges[e];
		qsort(sorted, n_edges, sizeof(*sorted), by_numbers);
		fill(g, sorted, n_edges);
		link(g, sorted, n_edges, at);
		find_reach(g);
		*out = g;
	} else {
		sfe_graph_free(g);
	}
	free(sorted);
	free(at);
	return ok ? 0 : -ENOMEM;
}

void sfe_graph_free(struct sfe_graph *g)
{
	if (!g)
		return;
	free(g->before_begin);
	free(g->after_begin);
	free(g->before);
	free(g->after);
	free(g->reach);
	free(g);
}

/* ---- order */

uint32_t sfe_steps_before(const struct sfe_job *job, uint32_t step)
{
	const struct sfe_graph *g = job->graph;

	return g ? g->before_begin[step + 1] - g->before_begin[step] : step > 0;
}

uint32_t sfe_step_before(const struct sfe_job *job, uint32_t step, uint32_t i)
{
	return job->graph ? job->graph->before[job->graph->before_begin[step] + i] : step - 1;
}

uint32_t sfe_steps_after(const struct sfe_job *job, uint32_t step)
{
	const struct sfe_graph *g = job->graph;

	return g ? g->after_begin[step + 1] - g->after_begin[step] : step + 1 < job->n_steps;
}

uint32_t sfe_step_after(const struct sfe_job *job, uint32_t step, uint32_t i)
{
	return job->graph ? job->graph->after[job->graph->after_begin[step] + i] : step + 1;
}

bool sfe_step_precedes(const struct sfe_job *job, uint32_t from, uint32_t to)
{
	for (uint32_t i = 0; i < sfe_steps_before(job, to); i++)
		if (sfe_step_before(job, to, i) == from)
			return true;
	return false;
}

bool sfe_step_reaches(const struct sfe_job *job, uint32_t from, uint32_t to)
{
	const struct sfe_graph *g = job->graph;

	return g ? g->reach[from * g->words + to / 64] >> to % 64 & 1 : from <= to;
}

bool sfe_steps_parallel(const struct sfe_job *job, uint32_t a, uint32_t b)
{
	return !sfe_step_reaches(job, a, b) && !sfe_step_reaches(job, b, a);
}

/* ---- states */

/* The state's place in the step's list; n_deps: it is not there. */
static uint32_t find(const struct sfe_step *step, uint32_t state)
{
	uint32_t i = 0;

	while (i < step->n_deps && step->deps[i] != state)
		i++;
	return i;
}

bool sfe_step_uses(const struct sfe_step *step, uint32_t state)
{
	return find(step, state) < step->n_deps;
}

bool sfe_step_reads(const struct sfe_step *step, uint32_t state)
{
	uint32_t i = find(step, state);

	return i < step->n_deps && sfe_step_access(step, i) != SFE_WRITE;
}

bool sfe_step_changes(const struct sfe_step *step, uint32_t state)
{
	uint32_t i = find(step, state);

	return i < step->n_deps && sfe_step_access(step, i) != SFE_READ;
}

uint64_t sfe_version_before(const struct sfe_job *job, uint32_t state, uint32_t step)
{
	uint64_t version = 0;

	while (step--)
		version += sfe_step_changes(&job->steps[step], state);
	return version;
}

uint32_t sfe_writer_before(const struct sfe_job *job, uint32_t state, uint32_t step)
{
	while (step--)
		if (sfe_step_changes(&job->steps[step], state))
			return step;
	return SFE_CLIENT;
}

bool sfe_state_used_from(const struct sfe_job *job, uint32_t state, uint32_t next)
{
	for (uint32_t s = next; s < job->n_steps; s++)
		if (sfe_step_uses(&job->steps[s], state))
			return true;
	return false;
}

/* Whether what `writer` left is there when `from` ends. */
static bool had(const struct sfe_job *job, uint32_t writer, uint32_t from)
{
	return writer == SFE_CLIENT || (from != SFE_CLIENT && sfe_step_reaches(job, writer, from));
}

uint32_t sfe_reader_along(const struct sfe_job *job, uint32_t state, uint32_t from, uint32_t to)
{
	for (uint32_t s = to; s < job->n_steps; s++)
		if (sfe_step_reaches(job, to, s) && sfe_step_reads(&job->steps[s], state) &&
			had(job, sfe_writer_before(job, state, s), from))
			return s;
	uint32_t writer = sfe_writer_before(job, state, job->n_steps);
	/* The client has version 0 itself. */
	return writer != SFE_CLIENT && had(job, writer, from) ? SFE_CLIENT : SFE_NOBODY;
}

bool sfe_state_travels(const struct sfe_job *job, uint32_t state, uint32_t from, uint32_t to)
{
	return sfe_reader_along(job, state, from, to) != SFE_NOBODY;
}

uint64_t sfe_version_travelling(
	const struct sfe_job *job, uint32_t state, uint32_t from, uint32_t to)
{
	uint32_t reader = sfe_reader_along(job, state, from, to);

	return reader == SFE_NOBODY ? 0
				    : sfe_version_before(job, state,
					      reader == SFE_CLIENT ? job->n_steps : reader);
}

bool sfe_state_accompanies(const struct sfe_job *job, uint32_t state, uint32_t step)
{
	if (sfe_step_uses(&job->steps[step], state))
		return sfe_step_reads(&job->steps[step], state);
	for (uint32_t s = 0; s < job->n_steps; s++)
		if (sfe_steps_parallel(job, s, step) && sfe_step_changes(&job->steps[s], state))
			return false;
	return true;
}

bool sfe_graph_conflict(const struct sfe_job *job, uint32_t *a, uint32_t *b, uint32_t *state)
{
	for (*a = 0; *a < job->n_steps; ++*a)
		for (*b = *a + 1; *b < job->n_steps; ++*b)
			for (uint32_t i = 0; i < job->steps[*a].n_deps; i++) {
				const struct sfe_step *x = &job->steps[*a], *y = &job->steps[*b];
				*state = x->deps[i];
				if (sfe_step_uses(y, *state) &&
					(sfe_step_changes(x, *state) ||
						sfe_step_changes(y, *state)) &&
					sfe_steps_parallel(job, *a, *b))
					return true;
			}
	return false;
}
