/* SPDX-License-Identifier: MIT */
/* Under a strategy that chooses one for each job: which ones there are, and which each follows. */
#ifndef SFE_RESULTS_PREDICTION_CHOICE_H
#define SFE_RESULTS_PREDICTION_CHOICE_H

#include "emu/experiment/experiment.h"
#include "emu/measure/replay_record.h"

/*
 * The choices of a strategy of the scenario. `best`, under SFE_CHOOSES_MEASURED: by job the
 * strategy of the scenario under which it was fastest (sfe_least_response). *out is the caller's,
 * to be freed; NULL under strategies that do not choose. 0 or -ENOMEM.
 */
int sfe_choose(const struct sfe_experiment *e, const struct sfe_strategy_info *strategy,
	const uint32_t *best, struct sfe_choice **out);
/* The mean predicted response time of all jobs under a strategy that chooses by predictions. 0 or
 * -ENOMEM. */
int sfe_choice_mean(const struct sfe_experiment *e, const struct sfe_strategy_info *strategy,
	double *response_s);

#endif
