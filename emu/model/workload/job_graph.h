/* SPDX-License-Identifier: MIT */
/* Graphs of jobs in the making. Who asks them: sfemu/job_graph.h. */
#ifndef SFE_MODEL_JOB_GRAPH_H
#define SFE_MODEL_JOB_GRAPH_H

#include "sfemu/job_graph.h"

/* Edges of a graph in the making: from predecessor to successor. */
struct sfe_edge {
	uint32_t from, to;
};

/*
 * A graph from edges, in any order, each once, with from < to < n_steps. *out is the caller's. 0 or
 * -ENOMEM.
 */
int sfe_graph_new(
	uint32_t n_steps, const struct sfe_edge *edges, size_t n_edges, struct sfe_graph **out);
/*
 * Adds to the graph which of its job's steps read and change which state, as the job has it now.
 * What it had before goes. 0 or -ENOMEM.
 */
int sfe_graph_add_states(struct sfe_graph *g, const struct sfe_job *job);
/*
 * The graph of a chain, with how its steps use states. NULL with 0: a short chain, whose steps are
 * asked as fast. *out is the caller's. 0 or -ENOMEM.
 */
int sfe_graph_of_chain(const struct sfe_job *job, struct sfe_graph **out);
void sfe_graph_free(struct sfe_graph *g);

/* Two parallel steps of which one changes a state that the other uses; false: there are none. */
bool sfe_graph_conflict(const struct sfe_job *job, uint32_t *a, uint32_t *b, uint32_t *state);

#endif
