/* SPDX-License-Identifier: MIT */
/* A job of a trace as the graph that it is, in place of the published chain. */
#ifndef SFE_WORKLOAD_TRACE_GRAPH_H
#define SFE_WORKLOAD_TRACE_GRAPH_H

#include "emu/model/workload/dag.h"
#include "sfemu/workload.h"

/*
 * Turns a chain into the graph of its tasks. d: finished; role: of its tasks. The steps come in
 * topological order, of which the least task numbers come first. The output of a step has the size
 * that the chain gave its argument; its argument is all outputs of the steps before it, that of the
 * first step as in the chain. A step updates its states; but if a parallel step uses a state, too,
 * both only read it. *graph: new, the caller's; NULL if the steps are a chain, of which *uses is
 * new and the caller's if it is long. 0 or -ENOMEM, which may leave something in both.
 */
int sfe_trace_graph(const struct sfe_dag *d, const uint8_t *role, struct sfe_job *job,
	struct sfe_graph **graph, struct sfe_graph **uses);

#endif
