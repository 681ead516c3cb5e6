/* SPDX-License-Identifier: MIT */
/* The closed form of a strategy of an experiment. That of a plugin calls the plugin's rules, so it
 * is computed in a process without rights. */
#ifndef SFE_EXPERIMENT_CONTAINED_ESTIMATE_H
#define SFE_EXPERIMENT_CONTAINED_ESTIMATE_H

#include "emu/experiment/experiment.h"
#include "sfemu/estimate.h"

/* By job of the experiment, at the emulated rates. homes: the strategy by which states that outlive
 * jobs are where they are, if it is another one. by_edge: of the rules sfe_edges, what was decided
 * for each job, or NULL. *out is the caller's. In the lab. */
int sfe_experiment_estimate(const struct sfe_experiment *e,
	const struct sfe_strategy_info *strategy, const struct sfe_strategy_info *homes,
	struct sfe_by_edge *const *by_edge, struct sfe_estimate **out, struct sfe_error *err);

/* Loads the plugins of a scenario and makes them known to the closed form by their names. For a
 * process without rights. */
int sfe_strategies_load(const struct sfe_scenario *s, struct sfe_error *err);

#endif
