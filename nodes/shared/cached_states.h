/* SPDX-License-Identifier: MIT */
/*
 * The cache of a node (nodes/worker/state_cache.h) in the life of an invocation, for strategies
 * with the option `cache`. A step reads what it would have read without it:
 *
 * - A state of the job in a version that an earlier step fetched here, or left: which version the
 *   step gets is known from the job's graph, and bytes of a version never change. No message.
 * - A state that outlives jobs and that nothing can change: likewise.
 * - Another state that outlives jobs: the request says which version is here. The home answers that
 *   it is the newest, without the content; or with the newest one, or with the ranges of it that
 *   are other than in the version here.
 *
 * What functions get and put by name at run time does not use it.
 */
#ifndef SFE_NODES_CACHED_STATES_H
#define SFE_NODES_CACHED_STATES_H

#include "emu/model/workload/job_graph.h"
#include "nodes/shared/shared_use.h"
#include "nodes/worker/worker_state.h"

/* Whether the step may read the state from its node's cache in place of its keeper. It may not
 * where the state moves to the step's node: its keeper would not learn of it. */
static inline bool cached_state_serves(const struct sfe_strategy_info *rules,
	const struct sfe_placed_job *job, uint32_t state, uint32_t step)
{
	uint32_t keeper = rules->keeper ? rules->keeper(job, state, step) : job->node[step];

	return keeper != job->node[step] && sfe_step_reads(&job->job->steps[step], state) &&
	       (!sfe_step_changes(&job->job->steps[step], state) ||
		       rules->keeper(job, state, step + 1) == keeper);
}

/* How many steps after `step` it may serve on the same node, in the version that the step
 * after it, or the step's successor in their order, gets. */
uint32_t cached_state_readers(const struct sfe_strategy_info *rules,
	const struct sfe_placed_job *job, uint32_t state, uint32_t step, uint64_t version);

/* ---- states of the job */

/* Puts those that the step lacks and the cache has into the package; returns how many. */
uint32_t cached_states_take(struct worker *w, struct package *package);
/* All that the step reads has come: keeps what later steps of the job will read here. */
void cached_states_keep(struct worker *w, const struct package *package);
/* The same of what the step has changed and other nodes keep now. */
void cached_states_keep_left(struct worker *w, const struct package *package);

/* ---- states that outlive jobs */

/* Whether the use is served without a message. Else use->held says which version is here, if any.
 */
bool cached_shared_take(struct worker *w, uint32_t job, struct shared_use *use);
/* Whether the home's answer, with status 200 or 304, can be one to the request. */
bool cached_shared_is_answer(const struct worker *w, const struct shared_use *use,
	const struct http_head *head, uint64_t body_bytes);
/* Takes such an answer and its body over; *unchanged: the content was here. 0; -ENOMEM; -EBADMSG:
 * the ranges make no state of what is here. */
int cached_shared_answer(struct worker *w, struct shared_use *use, const struct http_head *head,
	struct slice *body, bool *unchanged);
/* Keeps what came from the home. */
void cached_shared_keep(struct worker *w, uint32_t job, const struct shared_use *use);

#endif
