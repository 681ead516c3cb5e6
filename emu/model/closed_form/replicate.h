/* SPDX-License-Identifier: MIT */
/* Replications on threads: what of each is kept for the comparison, or written as files. */
#ifndef SFE_CLOSED_FORM_REPLICATE_H
#define SFE_CLOSED_FORM_REPLICATE_H

#include "emu/model/closed_form/replication.h"

/* Does all that the parameters ask for; x is to be cleared in both cases. */
int sfe_replicate(struct sfe_replicator *x, const struct sfe_topology *t, struct sfe_routing *r,
	const struct sfe_workload *w, const struct sfe_comparison_params *params,
	struct sfe_error *err);
void sfe_replicate_clear(struct sfe_replicator *x);

#endif
