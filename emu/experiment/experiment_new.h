/* SPDX-License-Identifier: MIT */
/* Builds an experiment from a scenario. */
#ifndef SFE_EXPERIMENT_EXPERIMENT_NEW_H
#define SFE_EXPERIMENT_EXPERIMENT_NEW_H

#include "emu/experiment/experiment.h"

/* Owns the scenario, also on failure. Every error is an input error: -EINVAL, or an error of
 * reading the input. */
int sfe_experiment_new(
	struct sfe_scenario *scenario, struct sfe_experiment **out, struct sfe_error *err);
/*
 * Only the network of a finished run, from its saved topology: no jobs or addresses, nothing is
 * read or generated, and the schedule is not checked. cloud_at: the junction of the cloud; NULL: no
 * cloud. Owns scenario and topology, also on failure.
 */
int sfe_experiment_network(struct sfe_scenario *scenario, struct sfe_topology *topology,
	const char *cloud_at, struct sfe_experiment **out, struct sfe_error *err);

#endif
