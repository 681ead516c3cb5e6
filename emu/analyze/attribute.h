/* SPDX-License-Identifier: MIT */
/* Attributes the packets of one flow to messages. */
#ifndef SFE_ANALYZE_ATTRIBUTE_H
#define SFE_ANALYZE_ATTRIBUTE_H

#include "emu/analyze/analysis_data.h"

/* Gives the flow an empty state, which the caller owns. */
void sfe_flow_begin(struct sfe_flow *f, struct sfe_flow_state *state);
/*
 * Adds a segment of a flow that has a state. class: enum sfe_tcp_class. early: the segment is from
 * before the first message of the connection, though it is added later. False when memory ran out.
 */
bool sfe_flow_attribute(struct sfe_flow *f, unsigned direction, uint64_t time_ns,
	const struct sfe_segment *s, uint16_t class, bool early);
/* Ends a flow: passes on what is still buffered, attributes the packets that still wait for a
 * message, and frees the buffers. */
void sfe_flow_settle(struct sfe_flow *f);

#endif
