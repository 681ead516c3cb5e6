/* SPDX-License-Identifier: MIT */
/*
 * Puts the results of guests together that have run one strategy each: what one guest that runs
 * them one after the other leaves.
 *
 * Strategies are added in their order. What a guest has left is untrusted: only regular files of
 * the names that a run has are read from its folder, and nothing in it is executed or followed.
 */
#ifndef SFE_GUESTS_MERGE_H
#define SFE_GUESTS_MERGE_H

#include "emu/guests/merge_captures.h"
#include "emu/guests/merge_states.h"
#include "emu/results/digest_compare.h"
#include "emu/results/least_response.h"

struct sfe_merge_job;
struct sfe_merge {
	const struct sfe_experiment *e;
	int dir; /* the results folder */
	struct sfe_digests digests;
	struct sfe_least_response least;
	struct sfe_merge_job *jobs; /* by number */
	struct sfe_merged_captures captures;
	struct sfe_merged_states states;
};

/* The caller calls sfe_merge_end, also after an error. */
int sfe_merge_begin(
	struct sfe_merge *m, const struct sfe_experiment *e, int dir, struct sfe_error *err);
/*
 * Adds the results of a strategy from the guest's folder, and takes them away there. whole: its run
 * ended well; else there may be less, and it is added as far as it goes. -EBADMSG: its jobs left
 * other states than earlier ones (all is added all the same).
 */
int sfe_merge_add(
	struct sfe_merge *m, int part, uint32_t strategy, bool whole, struct sfe_error *err);
void sfe_merge_end(struct sfe_merge *m);

#endif
