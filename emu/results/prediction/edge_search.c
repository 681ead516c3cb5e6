/* SPDX-License-Identifier: MIT */
#include "emu/results/prediction/edge_search.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct search {
	struct sfe_predictor *p;
	const struct sfe_strategy_info *rules;
	uint32_t job;
	struct sfe_edge_calls *calls;
	struct sfe_by_edge *of;
	bool *now, *best; /* of each edge: it carries */
	double best_s;
	uint32_t n_steps, steps_left;
	bool no_memory;
};

static bool may_go_on(const struct search *s)
{
	return s->steps_left >= s->n_steps && !s->no_memory;
}

/* The response time with `now`; `best` is the one of the least. */
static double predict(struct search *s)
{
	double response_s = INFINITY;

	s->steps_left -= s->n_steps;
	sfe_by_edge_set(s->calls, s->now, s->of);
	s->no_memory |= sfe_predict_by_edge(s->p, s->rules, s->of, s->job, false, &response_s) != 0;
	if (response_s < s->best_s) {
		s->best_s = response_s;
		memcpy(s->best, s->now, s->calls->n * sizeof(*s->best));
	}
	return response_s;
}

static void try_all(struct search *s)
{
	for (uint32_t mask = 0; mask < 1u << s->calls->n && !s->no_memory; mask++) {
		for (uint32_t i = 0; i < s->calls->n; i++)
			s->now[i] = mask >> i & 1;
		predict(s);
	}
}

/* The edges from begin up to end carry. */
static double start(struct search *s, uint32_t begin, uint32_t end)
{
	for (uint32_t i = 0; i < s->calls->n; i++)
		s->now[i] = i >= begin && i < end;
	return predict(s);
}

/* Turns two edges of `now`, or one of them; turns them back unless that is faster. */
static bool turn(struct search *s, uint32_t i, uint32_t k, double *least_s)
{
	s->now[i] = !s->now[i];
	if (k != i)
		s->now[k] = !s->now[k];
	double response_s = predict(s);
	if (response_s < *least_s) {
		*least_s = response_s;
		return true;
	}
	s->now[i] = !s->now[i];
	if (k != i)
		s->now[k] = !s->now[k];
	return false;
}

/* Turns single edges of `now`, whose response time this is, until none is faster; then pairs that
 * are less than `most` edges apart, the nearer ones first, and after each turn single ones again.
 */
static void descend(struct search *s, double least_s, uint32_t most)
{
	uint32_t n = s->calls->n;

	for (uint32_t apart = 0, i = 0, unchanged = 0; apart < most && may_go_on(s);) {
		if (turn(s, i, i + apart, &least_s))
			apart = unchanged = 0;
		else
			unchanged++;
		i = i + 1 + apart < n ? i + 1 : 0;
		if (unchanged < n - apart)
			continue;
		apart++;
		i = unchanged = 0;
	}
}

static void look(struct search *s)
{
	uint32_t n = s->calls->n;

	start(s, 0, 0);
	start(s, 0, n);
	for (uint32_t i = 1, before = 0; i <= SFE_EDGE_STARTS && may_go_on(s); i++) {
		uint32_t k = (uint32_t)((uint64_t)i * n / (SFE_EDGE_STARTS + 1));
		if (k == before)
			continue;
		before = k;
		start(s, 0, k);
		if (may_go_on(s))
			start(s, k, n);
	}
	for (uint32_t all = 0; all < 2 && may_go_on(s); all++)
		descend(s, start(s, 0, all ? n : 0), 1);
	memcpy(s->now, s->best, n * sizeof(*s->now));
	descend(s, s->best_s, n);
}

int sfe_edge_search(struct sfe_predictor *p, const struct sfe_experiment *e,
	const struct sfe_strategy_info *rules, uint32_t job, struct sfe_by_edge **out,
	double *response_s)
{
	const struct sfe_placed_job placed = {
		e->jobs[job].job, e->jobs[job].client, e->jobs[job].node, SFE_NONE};
	struct search s = {.p = p,
		.rules = rules,
		.job = job,
		.best_s = INFINITY,
		.n_steps = placed.job->n_steps,
		.steps_left = SFE_EDGE_MOST_STEPS};
	int r = sfe_edge_calls_new(&placed, &s.calls);

	r = r ? r : sfe_by_edge_new(placed.job, &s.of);
	s.now = r ? NULL : calloc(2 * (size_t)s.calls->n + 1, sizeof(*s.now));
	if (s.now) {
		s.best = s.now + s.calls->n;
		if (sfe_edge_search_all(s.calls->n, s.n_steps))
			try_all(&s);
		else
			look(&s);
		sfe_by_edge_set(s.calls, s.best, s.of);
	}
	r = r ? r : !s.now || s.no_memory ? -ENOMEM : 0;
	free(s.now);
	sfe_edge_calls_free(s.calls);
	if (r) {
		sfe_by_edge_free(s.of);
	} else {
		*out = s.of;
		*response_s = s.best_s;
	}
	return r;
}
