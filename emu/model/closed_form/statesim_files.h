/* SPDX-License-Identifier: MIT */
/* The files of the published simulator. */
#ifndef SFE_CLOSED_FORM_STATESIM_FILES_H
#define SFE_CLOSED_FORM_STATESIM_FILES_H

#include "emu/model/closed_form/replication.h"

/* Writes the files of one placement: job-… for each strategy from its columns, and node-…. */
int sfe_statesim_files_write(const struct sfe_replicator *x, const struct sfe_replication *rep,
	unsigned p, const struct sfe_assignment *a, uint32_t seed, struct sfe_error *err);

#endif
