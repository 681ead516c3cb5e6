/* SPDX-License-Identifier: MIT */
/* The files of the published simulator. */
#ifndef SFE_CLOSED_FORM_PUBLISH_H
#define SFE_CLOSED_FORM_PUBLISH_H

#include "emu/model/closed_form/replication.h"

/* The published files of one placement: job-… for each strategy from its columns, and node-…. */
int sfe_publish(const struct sfe_replicator *x, const struct sfe_replication *rep, unsigned p,
	const struct sfe_assignment *a, uint32_t seed, struct sfe_error *err);

#endif
