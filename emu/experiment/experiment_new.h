/* SPDX-License-Identifier: MIT */
/* From a scenario to an experiment. */
#ifndef SFE_EXPERIMENT_EXPERIMENT_NEW_H
#define SFE_EXPERIMENT_EXPERIMENT_NEW_H

#include "emu/experiment/experiment.h"

/* Takes the scenario, also when it fails. Every error is the input's: -EINVAL, or what reading it
 * gave. */
int sfe_experiment_new(
	struct sfe_scenario *scenario, struct sfe_experiment **out, struct sfe_error *err);
/*
 * The network of a run alone, from the topology that it wrote down: no jobs, no addresses, nothing
 * is read or generated, and the schedule is not looked at. cloud_at: the junction that the cloud
 * hung on, where there was one (else NULL). Takes scenario and topology, also when it fails.
 */
int sfe_experiment_network(struct sfe_scenario *scenario, struct sfe_topology *topology,
	const char *cloud_at, struct sfe_experiment **out, struct sfe_error *err);

#endif
