/* SPDX-License-Identifier: MIT */
/*
 * A strategy: where the states of a job live and how they travel. One file each, one struct of
 * operations; to add one, write its file and name it in strategies.c.
 *
 * The operations decide, nodes/actions.h and the worker's store do: calls to the own node stay in
 * the process, others go over the network.
 */
#ifndef SFE_NODES_STRATEGY_H
#define SFE_NODES_STRATEGY_H

#include "nodes/jobs/actions.h"
#include "nodes/jobs/invocation.h"

#define STRATEGY_INTERFACE 3u

/* Which states go with a call, and come back with its result. */
enum strategy_carries { CARRIES_NO_STATES, CARRIES_STATES_OF_STEP, CARRIES_ALL_STATES };

struct strategy {
	unsigned interface; /* STRATEGY_INTERFACE */
	const struct sfe_strategy_info *info;
	enum strategy_carries carries;
	/* The callee answers a call with the result (200); else it takes the call over (202) and
	 * goes on by itself. */
	bool answers;
	/* States come to being where they are first asked for; else the client brings them in. */
	bool born;
	/* The deployment's store keeps states: it gives copies, and takes back what has changed. */
	bool stores;
	/*
	 * What can be done about a step that a node has taken over and lost. The client begins the
	 * job anew: it still has all that it brought in.
	 */
	bool restarts;
	/* Whoever has called the step calls it again: its argument was all that went with the call.
	 */
	bool resumes;
	/* States that a step has changed are copied to other nodes, as many as the deployment asks
	 * for. */
	bool copies;

	/* Client: the job begins. The package has the first argument and all states, version 0.
	 * Takes it over. */
	void (*start)(struct worker *w, struct package *package);
	/*
	 * Callee: whether a state is to be brought before the step can run: if so, which, and from
	 * what node (HOLDER_UNKNOWN: nobody knows, which is an error). Asked again when it is here.
	 * NULL: none ever is.
	 */
	bool (*wants)(const struct invocation *inv, uint32_t *state, uint32_t *holder);
	/*
	 * Callee: whether a state that the step has changed is to be brought to another node before
	 * it is over. Asked again when it is there, and not in the package any more. NULL: none
	 * ever is.
	 */
	bool (*gives)(const struct invocation *inv, uint32_t *state, uint32_t *to);
	/*
	 * Callee: the step is over: its output is the package's value, its states are changed.
	 * Takes the package over, the invocation is freed afterwards.
	 */
	void (*finished)(struct worker *w, struct invocation *inv);
	/* Client: the result of a call, or of the whole chain, is here. Takes the package over. */
	void (*returned)(struct worker *w, struct package *package, uint64_t end_ns);
};

extern const struct strategy strategy_pure_faas, strategy_state_propagate, strategy_state_local,
	strategy_unchained_external, strategy_unchained_in_edge, strategy_unchained_in_function,
	strategy_unchained_in_client;

/* NULL if no strategy of this interface acts for it. */
const struct strategy *strategy_find(const struct sfe_strategy_info *info);

#endif
