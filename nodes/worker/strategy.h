/* SPDX-License-Identifier: MIT */
/*
 * The interface of a strategy: where the states of a job live and how they travel. A strategy
 * decides; the functions in nodes/jobs/actions.h act. The strategies are in nodes/strategies/.
 */
#ifndef SFE_NODES_STRATEGY_H
#define SFE_NODES_STRATEGY_H

#include "nodes/base/package.h"

struct invocation;
struct worker;

#define STRATEGY_INTERFACE 3u

struct strategy {
	unsigned interface; /* STRATEGY_INTERFACE */
	const struct sfe_strategy_info *info;
	enum carried_states carries;
	/* The callee answers a call with the result (200). Else it accepts the call (202) and goes
	 * on with the job by itself. */
	bool answers;
	/* A state is created on the node that first needs it. Else the client creates all of them.
	 */
	bool created_on_use;
	/* The deployment's store keeps the states: it gives copies, and is given what has changed.
	 */
	bool stores;
	/*
	 * What can be done when a node crashes after it has accepted a call. restarts: the client
	 * starts the job again, as it still has all that it created.
	 */
	bool restarts;
	/* resumes: the caller calls the step again, as the argument was all that went with it. */
	bool resumes;
	/* Changed states are copied to other nodes, as many copies as the deployment asks for. */
	bool copies;

	/* Client: the job starts. The package has the first argument and all states, version 0.
	 * Takes it over. */
	void (*start)(struct worker *w, struct package *package);
	/*
	 * Callee: whether a state is to be fetched before the step can run, and if so, which one
	 * and from what node (HOLDER_UNKNOWN: nobody knows, which is an error). Asked again when
	 * the state is in the package. NULL: none ever is.
	 */
	bool (*wants)(const struct invocation *inv, uint32_t *state, uint32_t *holder);
	/*
	 * Callee: whether a state that the step has changed is to be sent to another node before
	 * the step ends. Asked again when it is there, and no longer in the package. NULL: none
	 * ever is.
	 */
	bool (*gives)(const struct invocation *inv, uint32_t *state, uint32_t *to);
	/*
	 * Callee: the step has ended. Its output is the package's value, and its states are
	 * changed. Takes the package over; the invocation is freed afterwards.
	 */
	void (*finished)(struct worker *w, struct invocation *inv);
	/* Client: the result of a call, or of the whole chain, has arrived. Takes the package over.
	 */
	void (*returned)(struct worker *w, struct package *package, uint64_t end_ns);
};

#endif
