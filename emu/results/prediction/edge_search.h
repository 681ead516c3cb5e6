/* SPDX-License-Identifier: MIT */
/*
 * by=edge: which edges of a job carry, for the least predicted response time. Whether an edge pays
 * depends on the others, since a state may have to go along several of them, or is nearer to its
 * reader after one of them: edge by edge from the start would not find it. So all combinations are
 * predicted, if these are at most SFE_EDGE_MOST_STEPS steps together (chains of up to 9 steps);
 * else a search looks at changes of one or two edges from several starts:
 *
 * - no edge carries, all carry, the first k carry, the last k carry, for SFE_EDGE_STARTS of the k;
 * - from those that all stay and those that all carry each edge is turned in its order, and stays
 * so if that is faster, until no turn is;
 * - from the best so far, the same; then pairs of edges are turned, neighbours first.
 *
 * Of equal times the first found is kept, so that the same job has the same edges again. When so
 * many steps are predicted, the best so far is taken: that is at most some 10 ms for a job.
 */
#ifndef SFE_RESULTS_PREDICTION_EDGE_SEARCH_H
#define SFE_RESULTS_PREDICTION_EDGE_SEARCH_H

#include "emu/model/strategies/by_edge.h"
#include "emu/results/prediction/prediction.h"

#define SFE_EDGE_STARTS 8u
#define SFE_EDGE_MOST_STEPS 8192u

/* Whether all combinations of so many edges are predicted. */
static inline bool sfe_edge_search_all(uint32_t n_edges, uint32_t n_steps)
{
	return n_edges < 32 && ((uint64_t)n_steps << n_edges) <= SFE_EDGE_MOST_STEPS;
}

/*
 * *out: of the experiment's job under the rules sfe_edges with their options, the caller's;
 * *response_s: its predicted response time. 0 or -ENOMEM.
 */
int sfe_edge_search(struct sfe_predictor *p, const struct sfe_experiment *e,
	const struct sfe_strategy_info *rules, uint32_t job, struct sfe_by_edge **out,
	double *response_s);

#endif
