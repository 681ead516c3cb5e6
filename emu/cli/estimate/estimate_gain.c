/* SPDX-License-Identifier: MIT */
#include "emu/cli/estimate/estimate_gain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "emu/cli/base/cli.h"
#include "emu/experiment/experiment_new.h"
#include "emu/model/scenario/scenario_strategies.h"
#include "emu/results/predicted_gain.h"

static bool is_predicted(const struct sfe_experiment *e, const struct sfe_strategy_info *strategy)
{
	return strategy->options.fetch == SFE_FETCH_PARALLEL &&
	       !sfe_scenario_strategy_plugin(e->scenario, strategy);
}

static int print_one(const struct sfe_experiment *e, const struct sfe_strategy_info *strategy,
	bool csv, struct sfe_error *err)
{
	struct sfe_predicted_gain *each = calloc((size_t)e->n_jobs + 1, sizeof(*each)), mean = {0};
	int r = each ? sfe_predict_gain(e, strategy, each) : -ENOMEM;

	for (uint32_t j = 0; j < e->n_jobs && !r; j++) {
		mean.serial_s += each[j].serial_s / e->n_jobs;
		mean.parallel_s += each[j].parallel_s / e->n_jobs;
	}
	free(each);
	if (r)
		return sfe_fail(err, r, NULL, NULL, "out of memory for the prediction");
	printf(csv ? "%s,%u,%.9f,%.9f,%.9f\n" : "%-32s %6u %14.6f %14.6f %14.6f\n", strategy->name,
		e->n_jobs, mean.serial_s, mean.parallel_s, mean.serial_s - mean.parallel_s);
	return 0;
}

static int print(const struct sfe_experiment *e, bool csv, struct sfe_error *err)
{
	const struct sfe_scenario *s = e->scenario;
	unsigned n = 0;
	int r = 0;

	if (csv)
		printf("strategy,jobs,serial_s,parallel_s,gain_s\n");
	else
		printf("A mean job waits for its states, predicted for an idle network, in s:\n"
		       "%-32s %6s %14s %14s %14s\n",
			"strategy", "jobs", "one by one", "at once", "gain");
	for (uint32_t i = 0; i < s->n_strategies && !r; i++) {
		if (!is_predicted(e, s->strategies[i]))
			continue;
		r = print_one(e, s->strategies[i], csv, err);
		n++;
	}
	if (!r && !n)
		return sfe_fail(err, -EINVAL, s->file,
			"name one, such as --set 'strategies=StateLocal(fetch=parallel)'",
			"strategies: no built-in one has an option whose gain is predicted");
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
