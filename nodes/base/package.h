/* SPDX-License-Identifier: MIT */
/*
 * A package: what one step of a job hands to the next. It has a value (the argument or the return
 * value), some of the job's states, and the holders of the others.
 */
#ifndef SFE_NODES_PACKAGE_H
#define SFE_NODES_PACKAGE_H

#include <stdbool.h>

#include "nodes/base/buffer.h"
#include "nodes/base/deployment.h"

#define HOLDER_UNKNOWN UINT32_MAX

/* Which states go with a call, and come back with its result. */
enum carried_states { CARRIES_NO_STATES, CARRIES_STATES_OF_STEP, CARRIES_ALL_STATES };

struct job_place { /* which step of which job a message is about */
	uint32_t job, step;
	uint32_t attempt; /* of the job, from 1 */
};

struct carried { /* one state of the job */
	bool here;
	struct slice bytes; /* if it is here */
	uint64_t version;   /* if it is here: how many invocations have changed it */
	uint32_t holder;    /* if it is not here: the node that holds it; HOLDER_UNKNOWN unless the
			       strategy keeps track of it */
};

struct package {
	uint32_t job, step;
	uint32_t attempt; /* of the job, from 1 */
	struct slice value;
	uint32_t n_states;
	struct carried *states;
};

/* A package with none of the job's states; 0 or -ENOMEM. */
int package_init(struct package *package, const struct sfe_deployment *deployment, uint32_t job);
struct package package_move(struct package *from);
void package_drop(struct package *package);

/* Adds a state and takes over the reference. */
void package_put(struct package *package, uint32_t state, struct slice bytes, uint64_t version);

/* Whether all states of the job are in it. */
bool package_has_all(const struct package *package);
/* The size of its body: the value and the states in it. */
uint64_t package_bytes(const struct package *package);

static inline struct job_place package_place(const struct package *package)
{
	return (struct job_place){package->job, package->step, package->attempt};
}

#endif
