/* SPDX-License-Identifier: MIT */
/* `keep: states` (emu/results/kept_states.h): a value that an earlier strategy has left, too, has
 * one file. */
#ifndef SFE_GUESTS_MERGE_STATES_H
#define SFE_GUESTS_MERGE_STATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sfemu/scenario.h"

struct sfe_merged_state;
struct sfe_merged_states {
	const struct sfe_scenario *scenario;
	int dir;                        /* the results folder */
	bool shared;                    /* the run has states that outlive jobs */
	uint64_t n_files;               /* that there may be so far, folders included */
	struct sfe_merged_state *value; /* as first written, sorted */
	size_t n;
};

/* Adds what a strategy has left in the folder part, after the strategies before it. */
int sfe_merge_states(
	struct sfe_merged_states *s, int part, uint32_t strategy, struct sfe_error *err);
void sfe_merged_states_free(struct sfe_merged_states *s);

#endif
