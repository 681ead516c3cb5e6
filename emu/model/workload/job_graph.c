/* SPDX-License-Identifier: MIT */
#include "emu/model/workload/job_graph.h"

#include <errno.h>
#include <stdlib.h>

#define LONG_CHAIN 32u /* steps */

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
		sfe_bits_set(own, s);
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

static void set(uint64_t *rows, size_t words, uint32_t row, uint32_t bit)
{
	sfe_bits_set(rows + row * words, bit);
}

int sfe_graph_add_states(struct sfe_graph *g, const struct sfe_job *job)
{
	size_t n_rows = 2 * (size_t)job->n_states + g->n_steps;
	uint64_t *rows = calloc(n_rows * g->words + 1, sizeof(*rows));

	if (!rows)
		return -ENOMEM;
	free(g->reads);
	g->n_states = job->n_states;
	g->reads = rows;
	g->changes = g->reads + job->n_states * g->words;
	g->reached_from = g->changes + job->n_states * g->words;
	for (uint32_t s = 0; s < g->n_steps; s++) {
		const struct sfe_step *step = &job->steps[s];
		for (uint32_t i = 0; i < step->n_deps; i++) {
			if (sfe_step_access(step, i) != SFE_WRITE)
				set(g->reads, g->words, step->deps[i], s);
			if (sfe_step_access(step, i) != SFE_READ)
				set(g->changes, g->words, step->deps[i], s);
		}
		for (uint32_t t = s; t < g->n_steps; t++)
			if (sfe_bits_has(g->reach + s * g->words, t))
				set(g->reached_from, g->words, t, s);
	}
	return 0;
}

int sfe_graph_of_chain(const struct sfe_job *job, struct sfe_graph **out)
{
	uint32_t n = job->n_steps;

	*out = NULL;
	if (n < LONG_CHAIN)
		return 0;
	struct sfe_edge *edge = calloc(n, sizeof(*edge));
	if (!edge)
		return -ENOMEM;
	for (uint32_t s = 0; s + 1 < n; s++)
		edge[s] = (struct sfe_edge){s, s + 1};
	int r = sfe_graph_new(n, edge, n - 1, out);
	free(edge);
	return r ? r : sfe_graph_add_states(*out, job);
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
	free(g->reads); /* with changes and reached_from */
	free(g);
}

/* The first step after `a` that is parallel to it, and whose use of a state does not go with that
 * of `a`; SFE_NO_BIT: none. */
static uint32_t first_conflict(
	const struct sfe_graph *g, uint32_t a, uint32_t state, bool a_changes, uint32_t end)
{
	for (uint32_t w = a / 64; w * 64 < end; w++) {
		uint64_t bits = g->changes[state * g->words + w];
		if (a_changes)
			bits |= g->reads[state * g->words + w];
		bits &= ~g->reach[a * g->words + w];
		if (w == a / 64)
			bits &= ~sfe_bits_below(a % 64);
		if (bits)
			return w * 64 + (uint32_t)__builtin_ctzll(bits);
	}
	return SFE_NO_BIT;
}

static bool conflict_in_graph(const struct sfe_job *job, uint32_t *a, uint32_t *b, uint32_t *state)
{
	for (*a = 0; *a < job->n_steps; ++*a) {
		const struct sfe_step *x = &job->steps[*a];
		*b = job->n_steps;
		for (uint32_t i = 0; i < x->n_deps; i++) {
			bool changes = sfe_step_access(x, i) != SFE_READ;
			uint32_t other = first_conflict(job->graph, *a, x->deps[i], changes, *b);
			if (other < *b) {
				*b = other;
				*state = x->deps[i];
			}
		}
		if (*b < job->n_steps)
			return true;
	}
	return false;
}

bool sfe_graph_conflict(const struct sfe_job *job, uint32_t *a, uint32_t *b, uint32_t *state)
{
	if (job->graph && job->graph->n_states)
		return conflict_in_graph(job, a, b, state);
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
