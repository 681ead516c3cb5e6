/* SPDX-License-Identifier: MIT */
#include "emu/results/prediction/choice.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/strategies/by_edge.h"
#include "emu/model/strategies/strategy_options.h"
#include "emu/results/prediction/edge_search.h"
#include "emu/results/prediction/prediction.h"

/* The published strategies, and what is decided by edge, with the options that each can have. */
static void add_candidates(struct sfe_choice *c, const struct sfe_strategy_options *options)
{
	static const struct sfe_strategy_info *const all[] = {
		&sfe_pure_faas, &sfe_state_propagate, &sfe_state_local, &sfe_edges};
	uint32_t n = sizeof(all) / sizeof(all[0]);

	for (uint32_t i = 0; i < (options->by == SFE_BY_EDGE ? n : n - 1); i++) {
		struct sfe_strategy_info *own = &c->candidate[c->n++];
		*own = *all[i];
		sfe_strategy_options_take(own, options);
	}
}

static bool is_by_edge(const struct sfe_choice *c, uint32_t candidate)
{
	return c->candidate[candidate].keeper == sfe_edges.keeper;
}

/* The response time of the job under the candidate; by edge, under what is best, which *by_edge
 * then is. */
static int predict(struct sfe_predictor *p, const struct sfe_experiment *e,
	const struct sfe_choice *c, uint32_t candidate, uint32_t job, struct sfe_by_edge **by_edge,
	double *response_s)
{
	const struct sfe_strategy_info *rules = &c->candidate[candidate];

	return is_by_edge(c, candidate) ? sfe_edge_search(p, e, rules, job, by_edge, response_s)
					: sfe_predict_job(p, rules, job, false, response_s);
}

/* What the job that follows this candidate is decided for its edges; takes it over. */
static int keep_edges(
	struct sfe_choice *c, const struct sfe_job *job, uint32_t at, struct sfe_by_edge *by_edge)
{
	char text[SFE_BY_EDGE_TEXT];

	if (!by_edge || !is_by_edge(c, c->chosen[at])) {
		sfe_by_edge_free(by_edge);
		return 0;
	}
	c->by_edge[at] = by_edge;
	if (sfe_by_edge_text(by_edge, job, text, sizeof(text)))
		return -ENOMEM;
	c->along[at] = strdup(text);
	return c->along[at] ? 0 : -ENOMEM;
}

/* Equal times: the first of them. */
static int choose_predicted(struct sfe_choice *c, const struct sfe_experiment *e,
	const struct sfe_strategy_info *strategy)
{
	struct sfe_predictor *p = sfe_predictor_new(e, strategy);
	int r = p ? 0 : -ENOMEM;
	double ignored;

	for (uint32_t k = 0; k < c->n && !r; k++)
		if (c->candidate[k].options.warm == SFE_WARM_ON && !is_by_edge(c, k))
			r = sfe_predictor_warm_up(p, &c->candidate[k]);
	for (uint32_t i = 0; i < c->n_jobs && !r; i++) {
		uint32_t job = sfe_predictor_at(p, i);
		double *each = &c->predicted_s[(size_t)job * c->n];
		struct sfe_by_edge *by_edge = NULL;
		for (uint32_t k = 0; k < c->n && !r; k++) {
			r = predict(p, e, c, k, job, &by_edge, &each[k]);
			if (each[k] < each[c->chosen[job]])
				c->chosen[job] = k;
		}
		if (r)
			sfe_by_edge_free(by_edge);
		r = r ? r : keep_edges(c, e->jobs[job].job, job, by_edge);
		/* The next jobs find the connections that this one leaves. */
		r = r ? r
		      : sfe_predict_by_edge(p, &c->candidate[c->chosen[job]],
				sfe_choice_by_edge(c, job), job, true, &ignored);
	}
	sfe_predictor_free(p);
	return r;
}

int sfe_choose(const struct sfe_experiment *e, const struct sfe_strategy_info *strategy,
	const uint32_t *best, struct sfe_choice **out)
{
	const bool predicts = strategy->chooses == SFE_CHOOSES_PREDICTED;
	int r = 0;

	*out = NULL;
	if (strategy->chooses == SFE_CHOOSES_NONE)
		return 0;
	struct sfe_choice *c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->n_jobs = e->n_jobs;
	c->candidate = calloc(SFE_MAX_STRATEGIES, sizeof(*c->candidate));
	c->chosen = calloc((size_t)c->n_jobs + 1, sizeof(*c->chosen));
	r = c->candidate && c->chosen ? 0 : -ENOMEM;
	if (!r && predicts)
		add_candidates(c, &strategy->options);
	for (uint32_t i = 0; i < e->scenario->n_strategies && !r && !predicts; i++)
		c->candidate[c->n++] = *e->scenario->strategies[i];
	if (!r && predicts) {
		c->predicted_s = calloc((size_t)c->n_jobs * c->n + 1, sizeof(*c->predicted_s));
		c->by_edge = calloc((size_t)c->n_jobs + 1, sizeof(*c->by_edge));
		c->along = calloc((size_t)c->n_jobs + 1, sizeof(*c->along));
		r = c->predicted_s && c->by_edge && c->along ? choose_predicted(c, e, strategy)
							     : -ENOMEM;
	}
	for (uint32_t j = 0; j < c->n_jobs && !r && !predicts; j++)
		c->chosen[j] = best[j];
	if (r) {
		sfe_choice_free(c);
		return r;
	}
	*out = c;
	return 0;
}

int sfe_choice_mean(const struct sfe_experiment *e, const struct sfe_strategy_info *strategy,
	double *response_s)
{
	struct sfe_choice *c;
	int r = sfe_choose(e, strategy, NULL, &c);

	*response_s = 0;
	for (uint32_t j = 0; !r && j < c->n_jobs; j++)
		*response_s += c->predicted_s[(size_t)j * c->n + c->chosen[j]] / c->n_jobs;
	if (!r)
		sfe_choice_free(c);
	return r;
}
