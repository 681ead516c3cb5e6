/* SPDX-License-Identifier: MIT */
#include "emu/cli/estimate/estimate_gain.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "emu/cli/base/cli.h"
#include "emu/experiment/experiment_new.h"
#include "emu/model/scenario/scenario_strategies.h"
#include "emu/results/prediction/choice.h"
#include "emu/results/prediction/prediction.h"

/* A built-in strategy with options. */
static bool is_predicted(const struct sfe_experiment *e, const struct sfe_strategy_info *strategy)
{
	return strchr(strategy->name, '(') && strategy->chooses != SFE_CHOOSES_MEASURED &&
	       !sfe_scenario_strategy_plugin(e->scenario, strategy);
}

static int predict(
	const struct sfe_experiment *e, const struct sfe_strategy_info *strategy, double *mean_s)
{
	return strategy->chooses ? sfe_choice_mean(e, strategy, mean_s)
				 : sfe_predict_mean(e, strategy, mean_s);
}

static int print_one(const struct sfe_experiment *e, const struct sfe_strategy_info *strategy,
	bool csv, struct sfe_error *err)
{
	struct sfe_strategy_info plain = *strategy;
	double without_s, with_s;

	plain.options = (struct sfe_strategy_options){0};
	int r = predict(e, &plain, &without_s);
	r = r ? r : predict(e, strategy, &with_s);
	if (r)
		return sfe_fail(err, r, NULL, NULL, "out of memory for the prediction");
	printf(csv ? "%s,%u,%.9f,%.9f,%.9f\n" : "%-32s %6u %14.6f %14.6f %14.6f\n", strategy->name,
		e->n_jobs, without_s, with_s, without_s - with_s);
	return 0;
}

static int print(const struct sfe_experiment *e, bool csv, struct sfe_error *err)
{
	const struct sfe_scenario *s = e->scenario;
	unsigned n = 0;
	int r = 0;

	for (uint32_t i = 0; i < s->n_strategies; i++)
		n += is_predicted(e, s->strategies[i]);
	if (!n)
		return sfe_fail(err, -EINVAL, s->file,
			"name one, such as --set 'strategies=StateLocal(fetch=parallel)'",
			"strategies: no built-in one has an option");
	if (csv)
		printf("strategy,jobs,without_s,with_s,gain_s\n");
	else
		printf("Mean response time of a job, predicted for an idle network, in s:\n"
		       "%-32s %6s %14s %14s %14s\n",
			"strategy", "jobs", "without", "with", "gain");
	for (uint32_t i = 0; i < s->n_strategies && !r; i++)
		if (is_predicted(e, s->strategies[i]))
			r = print_one(e, s->strategies[i], csv, err);
	return r ? r : fflush(stdout) || ferror(stdout) ? -EIO : 0;
}

int estimate_gain(const struct estimate_options *o)
{
	struct sfe_scenario *scenario = NULL;
	struct sfe_experiment *e = NULL;
	struct sfe_error err = {0};
	int r = sfe_scenario_read(o->scenario, o->sets, o->n_sets, &scenario, &err);

	r = r ? r : sfe_experiment_new(scenario, &e, &err);
	r = r ? r : print(e, o->csv, &err);
	sfe_experiment_free(e);
	return r ? sfe_cli_error(&err, r == -EINVAL ? SFE_EXIT_USAGE : SFE_EXIT_FAILED) : 0;
}
