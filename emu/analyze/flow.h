/* SPDX-License-Identifier: MIT */
/*
 * A flow: a TCP connection as one capture saw it. A flow that has carried no payload is held as its
 * few segments, the early ones.
 */
#ifndef SFE_ANALYZE_FLOW_H
#define SFE_ANALYZE_FLOW_H

#include "emu/analyze/analysis_data.h"

/* End 0 sent the first packet that was captured; direction 0 is from there. */
const struct sfe_socket *sfe_flow_end(const struct sfe_flow *f, unsigned end);
struct sfe_tcp_counts sfe_flow_counts(const struct sfe_flow *f, unsigned direction);
uint64_t sfe_flow_messages(const struct sfe_flow *f, unsigned direction);

/* An early segment in the form in which it was read. */
struct sfe_segment sfe_flow_early_segment(const struct sfe_early_segment *e);
/* What the early segments leave for the classes of later ones. */
void sfe_flow_class_early(const struct sfe_flow *f, struct sfe_class_state *class);
void sfe_flow_free(struct sfe_flow *f);

#endif
