/* SPDX-License-Identifier: MIT */
/* Rebuilds the network of a run from its results folder. */
#ifndef SFE_RESULTS_RESULTS_NETWORK_H
#define SFE_RESULTS_RESULTS_NETWORK_H

#include "emu/experiment/experiment.h"
#include "emu/results/table_columns.h"

/*
 * With the specifications of its links: from scenario.yaml (with the sets, as in sfe_scenario_read;
 * files that they name are not opened), the topology (results_topology.h), and links.csv, whose
 * rows the caller owns too.
 */
int sfe_results_read_network(int dir, const char *const *sets, uint32_t n_sets,
	struct sfe_experiment **out, struct sfe_link_row **rows, unsigned *n,
	struct sfe_error *err);

#endif
