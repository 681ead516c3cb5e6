/* SPDX-License-Identifier: MIT */
/* The network of a run, from its results folder. */
#ifndef SFE_RESULTS_RESULTS_NETWORK_H
#define SFE_RESULTS_RESULTS_NETWORK_H

#include "emu/experiment/experiment.h"
#include "emu/results/tables.h"

/*
 * With what was set on its links: scenario.yaml (with the sets, as sfe_scenario_read has them; no
 * file that they name is opened), the topology (results_topology.h), and links.csv, whose rows are
 * the caller's too.
 */
int sfe_results_read_network(int dir, const char *const *sets, uint32_t n_sets,
	struct sfe_experiment **out, struct sfe_link_row **rows, unsigned *n,
	struct sfe_error *err);

#endif
