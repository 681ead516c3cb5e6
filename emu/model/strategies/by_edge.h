/* SPDX-License-Identifier: MIT */
/*
 * by=edge: for each edge of a job's workflow, which is a call of a step by a step before it or by
 * the client, the states that are read further on go along with the call, or stay where they are.
 * (As SONIC, USENIX ATC 2021, chooses for each edge of a workflow how its data pass.)
 *
 * A state goes along an edge that carries if a step further on reads this version, and if the
 * caller has it: it came with a call of the caller, or the caller has read or left it, or the
 * caller is the client. A step that does not get a state with its calls fetches it, from the last
 * step before it to which this version came along or that left it: a copy of what came with a call
 * and is fetched later stays on the step's node. The owner of a state is that of StateLocal, the
 * node of the last step that changed it, or at first the client; it has the version, too, and is
 * asked where the copy is lost. Results carry no state: at the end, states are where StateLocal has
 * them.
 *
 * So a job whose edges all stay has the messages of StateLocal. One whose edges all carry has the
 * calls of StatePropagate, but for states that no step further on reads: those which only the
 * client is to get, and of jobs without declared access those which nobody uses any more.
 */
#ifndef SFE_STRATEGIES_BY_EDGE_H
#define SFE_STRATEGIES_BY_EDGE_H

#include "emu/model/strategies/inline_states.h"
#include "sfemu/strategy.h"

struct sfe_by_edge {               /* what was decided for a job */
	struct sfe_inlined *along; /* what goes with calls */
	uint32_t *first;           /* of each step: its first place in `source` */
	/* Of each use of a state, by step and in the order of its deps: the step whose node it is
	 * fetched from, or SFE_CLIENT. */
	uint32_t *source;
	uint64_t *left; /* of each step a row of along->words: states of which it leaves a copy */
};

struct sfe_edge_call { /* an edge */
	uint32_t from, to;
};

/* The edges of a job that any state can go along, in the order of the called steps; the others
 * always stay. */
struct sfe_edge_calls {
	const struct sfe_placed_job *placed;
	uint32_t n;
	struct sfe_edge_call *call;
	uint64_t *read_on; /* of each a row of `words`: states that steps further on read */
	size_t words;
	/* Room for sfe_by_edge_set: rows of each step, and of each state of a chain the step that
	 * has it, and its owner. */
	uint64_t *has, *came;
	uint32_t *holder, *owner;
};

/* *out is the caller's; the placed job stays. 0 or -ENOMEM. */
int sfe_edge_calls_new(const struct sfe_placed_job *placed, struct sfe_edge_calls **out);
void sfe_edge_calls_free(struct sfe_edge_calls *calls); /* also NULL */

/* One of the job whose edges all stay; *out is the caller's. 0 or -ENOMEM. */
int sfe_by_edge_new(const struct sfe_job *job, struct sfe_by_edge **out);
void sfe_by_edge_free(struct sfe_by_edge *of); /* also NULL */
/* Decides for each of the edges whether it carries. */
void sfe_by_edge_set(struct sfe_edge_calls *calls, const bool *carries, struct sfe_by_edge *of);

/* The step whose node has the version that `step` gets, for `step` to fetch it; SFE_CLIENT: the
 * client. Without by=edge the one that left it. */
uint32_t sfe_by_edge_source(const struct sfe_placed_job *job, uint32_t state, uint32_t step);
/* Whether that version is there when `from` begins, a step before `step`. */
bool sfe_by_edge_is_final(
	const struct sfe_placed_job *job, uint32_t state, uint32_t step, uint32_t from);
/* Whether the step leaves a copy of the state, which came with its call. */
bool sfe_by_edge_leaves(const struct sfe_by_edge *of, uint32_t state, uint32_t step);

#define SFE_BY_EDGE_TEXT 512
/*
 * The edges along which states go, as paths: "client>0>1 3>4", without those where no state goes. A
 * text of `room` bytes that is too short ends in " …"; empty: there are none. 0 or -ENOMEM.
 */
int sfe_by_edge_text(
	const struct sfe_by_edge *of, const struct sfe_job *job, char *text, size_t room);

/* The rules of jobs for whose edges it was decided: those of StateLocal, with by_edge of the placed
 * job. In no list of strategies. */
extern const struct sfe_strategy_info sfe_edges;

#endif
