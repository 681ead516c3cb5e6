/* SPDX-License-Identifier: MIT */
/* The topology and the scenario that a results folder holds. */
#ifndef SFE_RESULTS_RESULTS_TOPOLOGY_H
#define SFE_RESULTS_RESULTS_TOPOLOGY_H

#include "emu/results/read_limits.h"
#include "sfemu/scenario.h"
#include "sfemu/topology.h"

/* The files of the topology that a run used, in Ether's form. */
#define SFE_TOPOLOGY_FILES 3u
extern const char *const sfe_topology_files[SFE_TOPOLOGY_FILES];

/* Writes the topology that a run uses into the folder. */
int sfe_results_write_topology(int dir, const struct sfe_topology *t, struct sfe_error *err);

/*
 * The topology of a run: what it wrote down; of a folder without (of sfemu before it wrote one) the
 * files that its scenario names, where they are beneath the folder. A topology that would have to
 * be generated is an error with the reason. *out is the caller's.
 */
int sfe_results_read_topology(int dir, struct sfe_topology **out, struct sfe_error *err);

/* scenario.yaml of the folder with these sets, as sfe_scenario_read has them; no file that it names
 * is opened. *out is the caller's. */
int sfe_results_read_scenario(int dir, const char *const *sets, uint32_t n_sets,
	struct sfe_scenario **out, struct sfe_error *err);

#endif
