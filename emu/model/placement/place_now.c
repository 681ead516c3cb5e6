/* SPDX-License-Identifier: MIT */
#include "emu/model/placement/place_now.h"

#include <math.h>

/* The same sums as for the steps of jobs (node_choice.c). */
static double time_on(struct sfe_placer *p, enum sfe_placement placement,
	const struct sfe_place_question *q, uint32_t node)
{
	float speed = p->t->nodes[node].speed_ops / (float)((uint64_t)q->load[node] + 1);
	float processing = (float)q->ops / speed;
	uint32_t there = sfe_pair_path_between(p->paths, q->caller, node);
	uint32_t back = sfe_pair_path_between(p->paths, node, q->caller);

	if (there == SFE_NONE || back == SFE_NONE)
		return INFINITY;
	if (placement == SFE_PROC_ONLY)
		return (double)processing;
	return (double)processing + sfe_pair_path_time(p->paths, there, q->argument_bytes) +
	       sfe_pair_path_time(p->paths, back, q->output_bytes);
}

static bool may_run(const struct sfe_placer *p, const struct sfe_place_question *q, uint32_t node)
{
	uint8_t affinity = p->affinity[q->function];

	if (q->down[node] || affinity == SFE_NO_AFFINITY ||
		(affinity != SFE_ANY_AFFINITY && (int)p->t->nodes[node].affinity != affinity) ||
		!sfe_affinities_allow(p->affinities, q->function, node))
		return false;
	return !p->pins ||
	       sfe_pin_table_allows_function(p->pins, q->client, q->job, q->function, node);
}

uint32_t sfe_place_now(
	struct sfe_placer *p, enum sfe_placement placement, const struct sfe_place_question *q)
{
	uint32_t best = SFE_NONE;
	double least = INFINITY;

	for (uint32_t i = 0; i < p->t->n_nodes; i++) {
		uint32_t node = p->node[i];
		if (!may_run(p, q, node))
			continue;
		double time = time_on(p, placement, q, node);
		if (time < least) {
			least = time;
			best = node;
		}
	}
	return best;
}
