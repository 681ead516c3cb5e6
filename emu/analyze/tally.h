/* SPDX-License-Identifier: MIT */
/* The hash tables of an analysis: tallies by capture and message, and messages that were seen. */
#ifndef SFE_ANALYZE_TALLY_H
#define SFE_ANALYZE_TALLY_H

#include "emu/analyze/analysis_data.h"

extern const struct sfe_message_id sfe_no_message; /* of packets that belong to no job */

/* The index of a strategy by its name; SFE_NO_STRATEGY when out of memory. */
uint32_t sfe_tally_strategy(struct sfe_analysis *a, const char *name);
/* Finds or makes a tally. NULL when out of memory; a->no_memory is set then. */
struct sfe_tally *sfe_tally_of(
	struct sfe_analysis *a, uint32_t capture, const struct sfe_message_id *id);
/* Whether no capture has shown this message before. A message is identified by its connection and
 * its sequence number. */
bool sfe_tally_first_seen(struct sfe_analysis *a, const struct sfe_flow *flow, unsigned direction,
	const struct sfe_message_id *id, uint32_t seq);
void sfe_tally_sort(struct sfe_analysis *a);
void sfe_cost_add(struct sfe_cost *sum, const struct sfe_cost *more);

#endif
