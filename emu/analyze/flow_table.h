/* SPDX-License-Identifier: MIT */
/* The flows of an analysis: finds the flow of each packet, and begins and ends flows. */
#ifndef SFE_ANALYZE_FLOW_TABLE_H
#define SFE_ANALYZE_FLOW_TABLE_H

#include "emu/analyze/analysis_data.h"

/* Adds a TCP segment of a capture to its flow. False when memory ran out. */
bool sfe_flow_take(
	struct sfe_analysis *a, uint32_t capture, uint64_t time_ns, const struct sfe_segment *s);
/* Whether the packet's flow is known, or there is room for a new one. */
bool sfe_flow_has_room(struct sfe_analysis *a, uint32_t capture, const struct sfe_segment *s);
/* Ends all flows when no more packets come: passes on what is still buffered, and attributes what
 * is still waiting for a message. */
void sfe_flow_end_all(struct sfe_analysis *a);

#endif
