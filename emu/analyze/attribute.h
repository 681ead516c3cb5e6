/* SPDX-License-Identifier: MIT */
/* What flow.c asks of attribute.c: the packets of one connection, and whose they are. */
#ifndef SFE_ANALYZE_ATTRIBUTE_H
#define SFE_ANALYZE_ATTRIBUTE_H

#include "emu/analyze/analysis.h"

/* Gives the flow an empty state, which stays the caller's. */
void sfe_flow_begin(struct sfe_flow *f, struct sfe_flow_state *state);
/*
 * Takes a segment of a flow with a state. early: it came before any message of the connection was
 * seen, whatever has been seen since. False when memory ran out.
 */
bool sfe_flow_attribute(struct sfe_flow *f, unsigned way, uint64_t time_ns, uint32_t wire_bytes,
	const struct sfe_segment *s, bool early);
/* No more come: gives out what is in the buffers, settles what waits for an owner, frees both. */
void sfe_flow_settle(struct sfe_flow *f);

#endif
