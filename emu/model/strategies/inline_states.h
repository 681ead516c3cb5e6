/* SPDX-License-Identifier: MIT */
/*
 * inline=auto: which states go along with the calls of a job, decided once from what a platform
 * knows: where steps run, rates and delays of links, declared sizes.
 *
 * For each step that reads a version of a state which another node keeps: the version goes along
 * the calls from the step that left it (or the client) to the reader, if
 *
 *     8 x bytes x sum over the extra links of 1 / rate  <  the round trip of a fetch
 *
 * Of several ways of calls through a graph the one with the least sum of 1 / rate over its links is
 * taken. The extra links are those of this way beyond the links of the direct path from the keeper
 * to the reader; a link that the way crosses twice counts twice. The round trip is that of a
 * request: the delays of both directions, and SFE_FETCH_HEAD_BYTES over each link to the keeper.
 * The keeper keeps the version nevertheless, for those who fetch it; a new version is kept where
 * the rule of the strategy says.
 */
#ifndef SFE_STRATEGIES_INLINE_STATES_H
#define SFE_STRATEGIES_INLINE_STATES_H

#include "sfemu/strategy.h"

struct sfe_hop; /* sfemu/transfer.h */

struct sfe_inline_path {
	uint32_t n; /* 0: there is none, or both ends are one node */
	const struct sfe_hop *hops;
	const uint32_t *links; /* of each hop: a number of the link and its direction */
};

/* Who knows the paths of a network. What find gives stays valid. 0, or -ENOMEM. */
struct sfe_inline_paths {
	int (*find)(void *arg, uint32_t from, uint32_t to, struct sfe_inline_path *out);
	void *arg;
};

struct sfe_inlined {  /* of a job: a row of bits for each call, a bit for each state */
	size_t words; /* of a row */
	uint64_t bits[];
};

/* How many rows there are of a job, and which is that of the call of step `to` by step `from`, or
 * by the client; SIZE_MAX: there is no such call. */
size_t sfe_inlined_rows(const struct sfe_job *job);
size_t sfe_inlined_row(const struct sfe_job *job, uint32_t from, uint32_t to);

/*
 * *out: of a job under the rules, which have a keeper and whose steps call each other; the caller
 * frees it. 0 or -ENOMEM.
 */
int sfe_inlined_new(const struct sfe_strategy_info *rules, const struct sfe_placed_job *job,
	const struct sfe_inline_paths *paths, struct sfe_inlined **out);
/* Whether the state goes with the call of step `to` by step `from`, or by the client (SFE_CLIENT).
 * Nothing goes with the return to the client. */
bool sfe_inlined_carries(const struct sfe_inlined *inlined, const struct sfe_job *job,
	uint32_t state, uint32_t from, uint32_t to);
/* Whether any call of the step brings the state. */
bool sfe_inlined_comes(const struct sfe_inlined *inlined, const struct sfe_job *job, uint32_t state,
	uint32_t step);
/* Whether each step that reads the version which step `writer` left gets it with a call. */
bool sfe_inlined_serves_all(const struct sfe_inlined *inlined, const struct sfe_job *job,
	uint32_t state, uint32_t writer);

#endif
