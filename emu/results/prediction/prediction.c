/* SPDX-License-Identifier: MIT */
#include "emu/results/prediction/prediction.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "emu/experiment/inline_paths.h"
#include "emu/model/strategies/by_edge.h"
#include "emu/model/strategies/used_connections.h"
#include "emu/model/workload/job_graph.h"
#include "emu/results/prediction/predicted_states.h"

static double compute_s(const struct predicted_walk *w, uint32_t step)
{
	const struct sfe_node *node = &w->p->e->topology->nodes[w->placed.node[step]];

	return w->of.job->steps[step].ops / (double)node->speed_ops;
}

static double result(struct predicted_walk *w, uint32_t step, double at_s)
{
	uint32_t node = w->placed.node[step], client = w->placed.client;
	uint64_t bytes =
		w->of.job->steps[step].out_bytes + sfe_carried_bytes(&w->of, step, SFE_CLIENT);

	return w->of.rules->client_invokes ? predicted_answer(w, node, client, bytes, at_s)
					   : predicted_post(w, node, client, bytes, at_s);
}

/* What goes along with calls, and ahead of them: NULL where the options are off. 0 or -ENOMEM. */
static int decide(const struct sfe_strategy_info *rules, const struct sfe_placed_job *placed,
	const struct sfe_inline_paths *paths, struct sfe_inlined **inlined,
	struct sfe_pushed **pushed)
{
	int r = rules->options.inlined == SFE_INLINE_AUTO
			? sfe_inlined_new(rules, placed, paths, inlined)
			: 0;

	if (!r && rules->options.push_us)
		r = sfe_pushed_new(rules, placed, *inlined, paths, pushed);
	if (r)
		free(*inlined);
	return r;
}

int sfe_predict_by_edge(struct sfe_predictor *p, const struct sfe_strategy_info *rules,
	const struct sfe_by_edge *by_edge, uint32_t job, bool runs, double *response_s)
{
	const struct sfe_experiment *e = p->e;
	const bool sequential = e->scenario->workload.arrivals == SFE_ARRIVALS_SEQUENTIAL;
	struct sfe_inlined *inlined = NULL;
	struct sfe_pushed *pushed = NULL;
	struct predicted_walk w = {.p = p,
		.placed = {e->jobs[job].job, e->jobs[job].client, e->jobs[job].node,
			predicted_store(p, rules), by_edge},
		.of = {rules, e->jobs[job].job, NULL},
		.number = job,
		.warms = by_edge && rules->options.warm == SFE_WARM_ON,
		.start_s = sequential ? p->end_s : (double)e->arrival_ns[job] / 1e9};
	const struct sfe_inline_paths paths = {sfe_inline_path_find, &p->connections.paths};
	double end_s = w.start_s;

	if (decide(rules, &w.placed, &paths, &inlined, &pushed))
		return -ENOMEM;
	w.of.inlined = by_edge ? by_edge->along : inlined;
	w.pushed = pushed;
	sfe_connections_mark(&p->connections);
	sfe_predicted_caches_mark(p->caches);
	for (uint32_t s = 0; s < w.of.job->n_steps; s++) {
		bool last = !sfe_steps_after(w.of.job, s);
		double ahead_s, call_s;
		predicted_begin_cached(&w, s);
		call_s = predicted_call_after_word(&w, s, &ahead_s);
		ahead_s = fmax(ahead_s, predicted_push(&w, s));
		double at_s = predicted_fetch(&w, s, call_s, ahead_s);
		p->begin_s[s] = call_s;
		at_s = predicted_give(
			&w, s, fmax(predicted_claim(&w, s, at_s), at_s + compute_s(&w, s)));
		p->left_s[s] = at_s;
		if (last || rules->client_invokes)
			at_s = result(&w, s, at_s);
		if (last)
			end_s = fmax(end_s, at_s);
		p->at_s[s] = at_s;
	}
	if (runs) {
		p->end_s = end_s;
	} else {
		sfe_connections_undo(&p->connections);
		sfe_predicted_caches_undo(p->caches);
	}
	free(inlined);
	free(pushed);
	*response_s = end_s - w.start_s;
	return w.no_memory ? -ENOMEM : 0;
}

int sfe_predict_job(struct sfe_predictor *p, const struct sfe_strategy_info *rules, uint32_t job,
	bool runs, double *response_s)
{
	return sfe_predict_by_edge(p, rules, NULL, job, runs, response_s);
}

static void warm(void *predictor, uint32_t opener, uint32_t other)
{
	struct sfe_predictor *p = predictor;

	p->no_memory |= sfe_connections_warm_up(&p->connections, opener, other) != 0;
}

int sfe_predictor_warm_up(struct sfe_predictor *p, const struct sfe_strategy_info *rules)
{
	const struct sfe_experiment *e = p->e;
	const struct sfe_inline_paths paths = {sfe_inline_path_find, &p->connections.paths};
	struct sfe_connection_uses uses = {.use = warm,
		.arg = p,
		.shared = &e->shared,
		.cloud = e->topology != e->bare ? e->topology->n_nodes - 1 : SFE_NONE,
		.homes = p->homes};

	p->no_memory = false;
	for (uint32_t j = 0; j < e->n_jobs && !p->no_memory; j++) {
		const struct sfe_placed_job placed = {e->jobs[j].job, e->jobs[j].client,
			e->jobs[j].node, predicted_store(p, rules)};
		struct sfe_inlined *inlined = NULL;
		struct sfe_pushed *pushed = NULL;
		if (decide(rules, &placed, &paths, &inlined, &pushed))
			return -ENOMEM;
		uses.pushed = pushed;
		sfe_connections_used(rules, &placed, inlined, &uses);
		free(inlined);
		free(pushed);
	}
	return p->no_memory ? -ENOMEM : 0;
}

int sfe_predict_mean(
	const struct sfe_experiment *e, const struct sfe_strategy_info *rules, double *response_s)
{
	struct sfe_predictor *p = sfe_predictor_new(e, rules);
	int r = p ? 0 : -ENOMEM;
	double one;

	*response_s = 0;
	if (!r && rules->options.warm == SFE_WARM_ON)
		r = sfe_predictor_warm_up(p, rules);
	for (uint32_t i = 0; i < e->n_jobs && !r; i++) {
		r = sfe_predict_job(p, rules, sfe_predictor_at(p, i), true, &one);
		*response_s += one / e->n_jobs;
	}
	sfe_predictor_free(p);
	return r;
}

uint32_t sfe_predictor_at(const struct sfe_predictor *p, uint32_t i)
{
	return p->order[i];
}

static int by_arrival(const void *a, const void *b, void *arrival_ns)
{
	const uint32_t *x = a, *y = b;
	const uint64_t *at = arrival_ns;

	return at[*x] != at[*y] ? (at[*x] < at[*y] ? -1 : 1) : (*x > *y) - (*x < *y);
}

struct sfe_predictor *sfe_predictor_new(
	const struct sfe_experiment *e, const struct sfe_strategy_info *homes)
{
	struct sfe_predictor *p = calloc(1, sizeof(*p));
	uint32_t most = 1, most_states = 1;

	if (!p)
		return NULL;
	for (uint32_t j = 0; j < e->n_jobs; j++) {
		const struct sfe_job *job = e->jobs[j].job;
		most = job->n_steps > most ? job->n_steps : most;
		most_states = job->n_states > most_states ? job->n_states : most_states;
	}
	p->e = p->connections.paths.e = e;
	p->homes = homes;
	p->central = SFE_NONE;
	p->connections.tcp = (struct sfe_tcp){.mtu = e->net.mtu,
		.initial_window = e->net.initial_window,
		.timestamps = e->net.timestamps,
		.slow_start_after_idle = e->net.slow_start_after_idle};
	p->at_s = calloc(most, sizeof(*p->at_s));
	p->begin_s = calloc(most, sizeof(*p->begin_s));
	p->left_s = calloc(most, sizeof(*p->left_s));
	p->ahead = calloc(most_states, sizeof(*p->ahead));
	p->order = calloc((size_t)e->n_jobs + 1, sizeof(*p->order));
	p->cached = calloc(most_states, sizeof(*p->cached));
	p->caches = sfe_predicted_caches_new(e, homes);
	if (!p->at_s || !p->begin_s || !p->left_s || !p->ahead || !p->order || !p->cached ||
		!p->caches) {
		sfe_predictor_free(p);
		return NULL;
	}
	for (uint32_t j = 0; j < e->n_jobs; j++)
		p->order[j] = j;
	if (e->n_jobs) /* without times of their own all arrive at 0, in their order */
		qsort_r(p->order, e->n_jobs, sizeof(*p->order), by_arrival, e->arrival_ns);
	return p;
}

void sfe_predictor_free(struct sfe_predictor *p)
{
	if (!p)
		return;
	sfe_connections_free(&p->connections);
	sfe_predicted_caches_free(p->caches);
	free(p->cached);
	free(p->at_s);
	free(p->begin_s);
	free(p->left_s);
	free(p->ahead);
	free(p->order);
	free(p);
}
