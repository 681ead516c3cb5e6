/* SPDX-License-Identifier: MIT */
/*
 * push=TIME: which states go ahead to steps that read them, as soon as they are final, without
 * being asked for. Decided once from what a platform knows: where steps run, rates and delays of
 * links, declared sizes.
 *
 * For each step that reads a version of a state which another node keeps (its owner): the owner
 * sends a copy to the step's node when the step that leaves this version ends, and what the client
 * holds when the job begins, if
 *
 *     2 x delay + 8 x bytes / rate  <=  the bound
 *
 * delay: of the path from the owner to the step's node; rate: of its narrowest link. This is the
 * rule of Databelt (arXiv 2508.15351), which walks back from the step's node to the first one that
 * fits: here nodes do not forward (topology_check.h), so the step's node is the only one beside the
 * owner on a path. The formula leaves out TCP's start, headers, and that links store packets.
 *
 * Not pushed: what comes with calls (inline_states.h); with cache=on, what an earlier step on the
 * same node has fetched by then; what nobody has yet, since it is created on its first use.
 */
#ifndef SFE_STRATEGIES_PUSH_STATES_H
#define SFE_STRATEGIES_PUSH_STATES_H

#include "emu/model/strategies/inline_states.h"
#include "sfemu/strategy.h"

struct sfe_pushed {   /* of a job: a row of bits for each step, a bit for each state */
	size_t words; /* of a row */
	uint64_t bits[];
};

/* What the formula says of a path, in seconds. */
double sfe_push_s(const struct sfe_inline_path *path, uint64_t bytes);

/* *out: of a job under the rules, which have a keeper, and whose options.push_us is the bound.
 * inlined: of the job, or NULL. The caller frees it. 0 or -ENOMEM. */
int sfe_pushed_new(const struct sfe_strategy_info *rules, const struct sfe_placed_job *job,
	const struct sfe_inlined *inlined, const struct sfe_inline_paths *paths,
	struct sfe_pushed **out);
/* Whether the state goes ahead to the step. pushed: NULL, or of the job. */
static inline bool sfe_push_goes(const struct sfe_pushed *pushed, uint32_t state, uint32_t step)
{
	return pushed && sfe_bits_has(pushed->bits + step * pushed->words, state);
}

/* What goes ahead to a step at a time goes in one message: what its keeper has of one writer. */
struct sfe_push {
	uint32_t writer, keeper; /* writer: a step, or SFE_CLIENT */
	uint64_t bytes;          /* of its states */
};

/* Whether the step's i-th state is the first of such a message; which one. pushed: as above. */
bool sfe_push_begins(const struct sfe_pushed *pushed, const struct sfe_strategy_info *rules,
	const struct sfe_placed_job *job, uint32_t step, uint32_t i, struct sfe_push *out);

#endif
