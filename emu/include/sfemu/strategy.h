/* SPDX-License-Identifier: MIT */
/*
 * A strategy: where the states of a job live, and how they travel. It is two rules over the job's
 * steps and their placement. Workers, the checks of their messages and the closed form follow the
 * same rules. The built-in strategies are in emu/model/strategies/, one file each.
 *
 * A strategy never changes an answer: with every strategy each step gets the same versions of the
 * states.
 */
#ifndef SFEMU_STRATEGY_H
#define SFEMU_STRATEGY_H

#include "sfemu/workload.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SFE_MAX_STRATEGIES 8

enum sfe_store { SFE_STORE_NONE, SFE_STORE_CENTRAL, SFE_STORE_CLOUD };

/* A job and where it runs: node indexes. */
struct sfe_placed_job {
	const struct sfe_job *job;
	uint32_t client;
	const uint32_t *node; /* of each step */
	uint32_t store;       /* the node that keeps all states, under strategies that have one */
};

struct sfe_strategy_info {
	const char *name; /* as in scenarios, tables and HTTP headers */
	const char *summary;
	enum sfe_store store; /* the node that holds all states, if there is one */
	/*
	 * The client invokes each step, whose node answers with the result. Else each step calls
	 * the next ones, and the last ones return to the client.
	 */
	bool client_invokes;
	/* A state is created on the node that keeps it, when it is first used. Else the client
	 * creates all of them at the job's start. */
	bool created_on_use;
	/*
	 * Whether the state goes with a message of the job: with a call of step `to` by step
	 * `from` (SFE_CLIENT if the client calls), or with the result of step `from` to the client
	 * (`to` is SFE_CLIENT). NULL: no state ever does.
	 */
	bool (*carries)(const struct sfe_job *job, uint32_t state, uint32_t from, uint32_t to);
	/*
	 * The node that keeps the state in the version that `step` gets. The step fetches it from
	 * there, unless the state came with the call; whoever leaves that version gives it to that
	 * node. `step` = the number of steps: the last version. NULL: states that do not travel
	 * stay with the client.
	 */
	uint32_t (*keeper)(const struct sfe_placed_job *job, uint32_t state, uint32_t step);
	/* Calls name the keepers of the states. */
	bool names_keepers;
	/*
	 * What can be done when a node crashes after it has accepted a call. restarts: the client
	 * starts the job again, as it still has all that it created. resumes: the caller calls the
	 * step again, as the argument was all that went with it.
	 */
	bool restarts, resumes;
	/* Changed states are copied to other nodes, as many copies as the scenario asks for. */
	bool copies;
};

extern const struct sfe_strategy_info sfe_pure_faas, sfe_state_propagate, sfe_state_local,
	sfe_unchained_external, sfe_unchained_in_edge, sfe_unchained_in_function,
	sfe_unchained_in_client;

/* By its name, which is case-sensitive; NULL if there is none. */
const struct sfe_strategy_info *sfe_strategy_find(const char *name);
/* The i-th of all strategies, in the order of lists and tables; NULL past the last. */
const struct sfe_strategy_info *sfe_strategy_at(unsigned i);

#ifdef __cplusplus
}
#endif

#endif
