/* SPDX-License-Identifier: MIT */
/* Runs replications on threads; keeps their columns for the comparison, or writes them as files. */
#ifndef SFE_CLOSED_FORM_REPLICATION_RUN_H
#define SFE_CLOSED_FORM_REPLICATION_RUN_H

#include "emu/model/closed_form/replication.h"

/* Runs all replications of the parameters. Clear x in both cases. */
int sfe_replications_run(struct sfe_replicator *x, const struct sfe_topology *t,
	struct sfe_routing *r, const struct sfe_workload *w,
	const struct sfe_comparison_params *params, struct sfe_error *err);
/* How many jobs a replication has on average: those asked for of the trace (0: all), and all of the
 * workflows. */
uint32_t sfe_wanted_jobs(const struct sfe_workload *w, uint32_t jobs);
void sfe_replicator_clear(struct sfe_replicator *x);

#endif
