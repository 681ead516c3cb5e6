/* SPDX-License-Identifier: MIT */
/* The topology and the scenario in a results folder. */
#ifndef SFE_RESULTS_RESULTS_TOPOLOGY_H
#define SFE_RESULTS_RESULTS_TOPOLOGY_H

#include "emu/results/read_limits.h"
#include "sfemu/scenario.h"
#include "sfemu/topology.h"

/* The files of the run's topology, in Ether's format. */
#define SFE_TOPOLOGY_FILES 3u
extern const char *const sfe_topology_files[SFE_TOPOLOGY_FILES];

/* Saves the run's topology in the folder. */
int sfe_results_write_topology(int dir, const struct sfe_topology *t, struct sfe_error *err);

/*
 * The topology of a run: the saved one; for a folder of an older sfemu the files that its scenario
 * names, if they are beneath the folder. A generated topology is not rebuilt: an error with the
 * reason. *out is the caller's.
 */
int sfe_results_read_topology(int dir, struct sfe_topology **out, struct sfe_error *err);

/* scenario.yaml of the folder with the given sets, as in sfe_scenario_read; files that they name
 * are not opened. *out is the caller's. */
int sfe_results_read_scenario(int dir, const char *const *sets, uint32_t n_sets,
	struct sfe_scenario **out, struct sfe_error *err);

#endif
