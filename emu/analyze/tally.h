/* SPDX-License-Identifier: MIT */
/* The tables of an analysis: tallies by their key, messages that were seen before. */
#ifndef SFE_ANALYZE_TALLY_H
#define SFE_ANALYZE_TALLY_H

#include "emu/analyze/analysis.h"

extern const struct sfe_message_id sfe_no_message; /* of what belongs to no job */

/* The index of a strategy by its name; SFE_NO_STRATEGY when out of memory. */
uint32_t sfe_tally_strategy(struct sfe_analysis *a, const char *name);
/* Finds or makes; NULL when out of memory, which a->no_memory keeps. */
struct sfe_tally *sfe_tally_of(
	struct sfe_analysis *a, uint32_t capture, const struct sfe_message_id *id);
/* Whether this is the first time; the message is known by its connection and its place in it. */
bool sfe_tally_first_seen(struct sfe_analysis *a, const struct sfe_flow *flow, unsigned way,
	const struct sfe_message_id *id, uint32_t seq);
void sfe_tally_sort(struct sfe_analysis *a);
void sfe_cost_add(struct sfe_cost *sum, const struct sfe_cost *more);

#endif
