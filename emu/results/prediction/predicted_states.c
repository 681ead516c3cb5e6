/* SPDX-License-Identifier: MIT */
#include "emu/results/prediction/predicted_states.h"

#include <math.h>

#include "emu/model/strategies/by_edge.h"
#include "emu/model/workload/job_graph.h"

/* The node from which the step fetches its i-th state; its own: it does not. */
static uint32_t fetched_from(const struct predicted_walk *w, uint32_t step, uint32_t i)
{
	const struct sfe_step *s = &w->of.job->steps[step];

	if (!w->of.rules->keeper || sfe_step_access(s, i) == SFE_WRITE || w->p->cached[i] ||
		sfe_push_goes(w->pushed, s->deps[i], step) ||
		sfe_came_with_call(&w->of, s->deps[i], step))
		return w->placed.node[step];
	return w->of.rules->keeper(&w->placed, s->deps[i], step);
}

static double fetch_serial(struct predicted_walk *w, uint32_t step, double at_s)
{
	const struct sfe_step *s = &w->of.job->steps[step];

	for (uint32_t i = 0; i < s->n_deps; i++)
		at_s = w->p->ahead[i]
			       ? at_s
			       : predicted_get(w, fetched_from(w, step, i), w->placed.node[step],
					 w->of.job->state_bytes[s->deps[i]], at_s);
	return at_s;
}

/* Those of a node in one message, those of several nodes at the same time; of those that come
 * ahead, or of the others. */
static double fetch_parallel(struct predicted_walk *w, uint32_t step, bool ahead, double at_s)
{
	const struct sfe_step *s = &w->of.job->steps[step];
	double all = at_s;

	for (uint32_t i = 0; i < s->n_deps; i++) {
		uint32_t from = fetched_from(w, step, i), before = 0;
		uint64_t bytes = 0;
		while (before < i &&
			(w->p->ahead[before] != ahead || fetched_from(w, step, before) != from))
			before++;
		if (before < i || w->p->ahead[i] != ahead) /* it came with that one */
			continue;
		for (uint32_t k = i; k < s->n_deps; k++)
			if (w->p->ahead[k] == ahead && fetched_from(w, step, k) == from)
				bytes += w->of.job->state_bytes[s->deps[k]];
		all = fmax(all, predicted_get(w, from, w->placed.node[step], bytes, at_s));
	}
	return all;
}

/* ---- states ahead of the call (options.prefetch) */

/* The states that are final when the step before begins: whether there are any. */
static bool find_final(struct predicted_walk *w, uint32_t step, uint32_t before)
{
	const struct sfe_step *s = &w->of.job->steps[step];
	bool any = false;

	for (uint32_t i = 0; i < s->n_deps; i++) {
		w->p->ahead[i] = fetched_from(w, step, i) != w->placed.node[step] &&
				 sfe_by_edge_is_final(&w->placed, s->deps[i], step, before);
		any |= w->p->ahead[i];
	}
	return any;
}

/* The step before that tells the step's node of its states: of several, the first that begins. */
static uint32_t teller(const struct predicted_walk *w, uint32_t step)
{
	uint32_t first = sfe_step_before(w->of.job, step, 0);

	for (uint32_t i = 1; i < sfe_steps_before(w->of.job, step); i++) {
		uint32_t other = sfe_step_before(w->of.job, step, i);
		if (w->p->begin_s[other] < w->p->begin_s[first])
			first = other;
	}
	return first;
}

/* When the last of what comes ahead is there; what one by one is not asked for before the call at
 * call_s is not ahead. 0: nothing is. */
static double fetch_ahead(struct predicted_walk *w, uint32_t step, double told_s, double call_s)
{
	const struct sfe_step *s = &w->of.job->steps[step];
	double at_s = told_s;

	if (w->of.rules->options.fetch == SFE_FETCH_PARALLEL && told_s < call_s)
		return fetch_parallel(w, step, true, told_s);
	for (uint32_t i = 0; i < s->n_deps; i++) {
		w->p->ahead[i] = w->p->ahead[i] && at_s < call_s;
		if (w->p->ahead[i])
			at_s = predicted_get(w, fetched_from(w, step, i), w->placed.node[step],
				w->of.job->state_bytes[s->deps[i]], at_s);
	}
	return at_s > told_s ? at_s : 0;
}

double predicted_call_after_word(struct predicted_walk *w, uint32_t step, double *ahead_s)
{
	uint32_t node = w->placed.node[step], before;

	*ahead_s = 0;
	for (uint32_t i = 0; i < w->of.job->steps[step].n_deps; i++)
		w->p->ahead[i] = false;
	if (!w->of.rules->options.prefetch || !sfe_steps_before(w->of.job, step))
		return predicted_call(w, step);
	before = teller(w, step);
	if (!find_final(w, step, before))
		return predicted_call(w, step);
	double told_s = predicted_post(w, w->placed.node[before], node, 0, w->p->begin_s[before]);
	double call_s = predicted_call(w, step);
	*ahead_s = fetch_ahead(w, step, told_s, call_s);
	return call_s;
}

/* ---- states that go ahead unasked (options.push_us) */

double predicted_push(struct predicted_walk *w, uint32_t step)
{
	struct sfe_push m;
	double all = 0;

	for (uint32_t i = 0; i < w->of.job->steps[step].n_deps; i++)
		if (sfe_push_begins(w->pushed, w->of.rules, &w->placed, step, i, &m))
			all = fmax(all, predicted_post(w, m.keeper, w->placed.node[step], m.bytes,
						m.writer == SFE_CLIENT ? w->start_s
								       : w->p->left_s[m.writer]));
	return all;
}

double predicted_claim(struct predicted_walk *w, uint32_t step, double at_s)
{
	const struct sfe_step *s = &w->of.job->steps[step];
	double all = at_s;

	for (uint32_t i = 0; i < s->n_deps; i++) {
		uint32_t from = w->of.rules->keeper
					? w->of.rules->keeper(&w->placed, s->deps[i], step)
					: w->placed.node[step];
		if ((w->p->ahead[i] || sfe_push_goes(w->pushed, s->deps[i], step)) &&
			sfe_step_changes(s, s->deps[i]) &&
			w->of.rules->keeper(&w->placed, s->deps[i], step + 1) != from)
			all = fmax(all, predicted_get(w, from, w->placed.node[step], 0, at_s));
	}
	return all;
}

/* A node gives a state to another one, and waits for the answer. */
static double give_one(
	struct predicted_walk *w, uint32_t from, uint32_t to, uint64_t bytes, double at_s)
{
	return predicted_answer(w, to, from, 0, predicted_post(w, from, to, bytes, at_s));
}

/* A state that outlives the job: its content, or the word that the node's version is the newest. */
static double get_shared(struct predicted_walk *w, uint32_t step, uint32_t i, uint32_t home,
	uint64_t bytes, double at_s)
{
	const struct sfe_cached_step s = {w->of.rules, &w->placed, w->number, step};
	enum sfe_cached_how how = sfe_predicted_cache_shared(w->p->caches, &s, i);

	if (how == SFE_CACHED_FOREVER)
		return at_s;
	return predicted_message(w,
		&(struct sfe_predicted_message){w->placed.node[step], home, w->placed.node[step],
			how == SFE_CACHED_NEWEST ? 0 : bytes, true,
			how == SFE_CACHED_NOT ? 0 : SFE_HELD_VERSION_BYTES},
		at_s);
}

/* States that outlive the job come from their homes, or go there. */
static double shared(struct predicted_walk *w, uint32_t step, enum sfe_access but, double at_s)
{
	const struct sfe_shared_uses none = {0},
				     *uses = w->of.job->shared ? &w->of.job->shared[step] : &none;
	const struct sfe_experiment *e = w->p->e;
	uint32_t node = w->placed.node[step];

	for (uint32_t i = 0; i < uses->n; i++) {
		uint32_t instance = sfe_shared_instance(&e->shared, &w->placed, step, i);
		uint32_t home = sfe_predicted_home(w->p->caches, &w->placed, instance);
		uint64_t bytes = e->shared.states[uses->of[i].state].bytes;
		if (uses->of[i].access == but || home == node)
			continue;
		at_s = but == SFE_WRITE ? get_shared(w, step, i, home, bytes, at_s)
					: give_one(w, node, home, bytes, at_s);
	}
	return at_s;
}

void predicted_begin_cached(struct predicted_walk *w, uint32_t step)
{
	const struct sfe_cached_step s = {w->of.rules, &w->placed, w->number, step};
	const struct sfe_step *of = &w->of.job->steps[step];
	uint64_t argument = sfe_called_by_client(&w->of, step) ? of->arg_bytes : 0;

	for (uint32_t i = 0;
		!sfe_called_by_client(&w->of, step) && i < sfe_steps_before(w->of.job, step); i++)
		argument += w->of.job->steps[sfe_step_before(w->of.job, step, i)].out_bytes;
	w->no_memory |= sfe_predicted_cache_begin(w->p->caches, &s, argument) != 0;
	for (uint32_t i = 0; i < of->n_deps; i++)
		w->p->cached[i] = sfe_predicted_cache_has(w->p->caches, &s, i);
}

double predicted_fetch(struct predicted_walk *w, uint32_t step, double call_s, double ahead_s)
{
	double at_s = w->of.rules->options.fetch == SFE_FETCH_PARALLEL
			      ? fmax(ahead_s, fetch_parallel(w, step, false, call_s))
			      : fetch_serial(w, step, fmax(ahead_s, call_s));

	at_s = shared(w, step, SFE_WRITE, at_s);
	w->no_memory |=
		sfe_predicted_cache_fetched(w->p->caches,
			&(struct sfe_cached_step){w->of.rules, &w->placed, w->number, step}) != 0;
	return at_s;
}

/* The step's node sends the states that it changed to their replicas, one after the other. */
static double copy(struct predicted_walk *w, uint32_t step, double at_s)
{
	const struct sfe_experiment *e = w->p->e;
	const struct sfe_step *s = &w->of.job->steps[step];
	uint32_t n = w->of.rules->copies ? e->scenario->replicas : 0, node = w->placed.node[step];

	for (uint32_t i = 0; n && i < s->n_deps; i++) {
		uint32_t keeper = w->of.rules->keeper(&w->placed, s->deps[i], step + 1), sent = 0;
		if (sfe_step_access(s, i) == SFE_READ)
			continue;
		for (uint32_t k = 0; k <= n && sent < n; k++) {
			uint32_t to = e->replica_of[(size_t)w->placed.client * (n + 1) + k];
			if (to == keeper)
				continue;
			sent++;
			at_s = give_one(w, node, to, w->of.job->state_bytes[s->deps[i]], at_s);
		}
	}
	return at_s;
}

double predicted_give(struct predicted_walk *w, uint32_t step, double at_s)
{
	const struct sfe_step *s = &w->of.job->steps[step];
	uint32_t node = w->placed.node[step];

	at_s = copy(w, step, shared(w, step, SFE_READ, at_s));
	for (uint32_t i = 0; w->of.rules->keeper && i < s->n_deps; i++)
		if (sfe_step_access(s, i) != SFE_READ)
			at_s = give_one(w, node,
				w->of.rules->keeper(&w->placed, s->deps[i], step + 1),
				w->of.job->state_bytes[s->deps[i]], at_s);
	w->no_memory |=
		sfe_predicted_cache_gave(w->p->caches,
			&(struct sfe_cached_step){w->of.rules, &w->placed, w->number, step}) != 0;
	return at_s;
}
