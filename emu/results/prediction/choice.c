/* SPDX-License-Identifier: MIT */
#include "emu/results/prediction/choice.h"

#include <errno.h>
#include <stdlib.h>

#include "emu/model/strategies/strategy_options.h"
#include "emu/results/prediction/prediction.h"

/* The published strategies, with the options that each can have. */
static void add_published(struct sfe_choice *c, const struct sfe_strategy_options *options)
{
	static const struct sfe_strategy_info *const published[] = {
		&sfe_pure_faas, &sfe_state_propagate, &sfe_state_local};

	for (size_t i = 0; i < sizeof(published) / sizeof(published[0]); i++) {
		struct sfe_strategy_info *own = &c->candidate[c->n++];
		*own = *published[i];
		sfe_strategy_options_take(own, options);
	}
}

/* Equal times: the first of them. */
static int choose_predicted(struct sfe_choice *c, const struct sfe_experiment *e,
	const struct sfe_strategy_info *strategy)
{
	struct sfe_predictor *p = sfe_predictor_new(e, strategy);
	int r = p ? 0 : -ENOMEM;
	double ignored;

	for (uint32_t k = 0; k < c->n && !r; k++)
		if (c->candidate[k].options.warm == SFE_WARM_ON)
			r = sfe_predictor_warm_up(p, &c->candidate[k]);
	for (uint32_t i = 0; i < c->n_jobs && !r; i++) {
		uint32_t job = sfe_predictor_at(p, i);
		double *each = &c->predicted_s[(size_t)job * c->n];
		for (uint32_t k = 0; k < c->n && !r; k++) {
			r = sfe_predict_job(p, &c->candidate[k], job, false, &each[k]);
			if (each[k] < each[c->chosen[job]])
				c->chosen[job] = k;
		}
		/* The next jobs find the connections that this one leaves. */
		r = r ? r : sfe_predict_job(p, &c->candidate[c->chosen[job]], job, true, &ignored);
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
		add_published(c, &strategy->options);
	for (uint32_t i = 0; i < e->scenario->n_strategies && !r && !predicts; i++)
		c->candidate[c->n++] = *e->scenario->strategies[i];
	if (!r && predicts) {
		c->predicted_s = calloc((size_t)c->n_jobs * c->n + 1, sizeof(*c->predicted_s));
		r = c->predicted_s ? choose_predicted(c, e, strategy) : -ENOMEM;
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
