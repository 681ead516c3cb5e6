/* SPDX-License-Identifier: MIT */
/*
 * A package: what one step of a job hands to the next. It has a value (the argument or the return
 * value) and some of the job's states.
 */
#ifndef SFE_NODES_PACKAGE_H
#define SFE_NODES_PACKAGE_H

#include <stdbool.h>

#include "nodes/base/buffer.h"
#include "nodes/base/changes.h"
#include "nodes/base/deployment.h"

struct job_place { /* which step of which job a message is about */
	uint32_t job, step;
	uint32_t attempt; /* of the job, from 1 */
};

struct carried {      /* one state of the job */
	bool here;    /* then the rest counts */
	bool shared;  /* others refer to the bytes: they are copied before they are changed */
	bool partial; /* the bytes are those of its changes, one after the other */
	bool ahead;   /* a copy that came ahead of the call: its keeper still owns the state */
	struct slice bytes;
	uint64_t version;        /* how many invocations have changed it */
	struct changes *changes; /* from an earlier version to this one; NULL: not known */
};

struct package {
	uint32_t job, step;
	uint32_t attempt; /* of the job, from 1 */
	uint32_t after;   /* of a call: the step that calls, whose output the value is; SFE_CLIENT:
			     the client calls, with the whole argument */
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
/* Adds another reference to a state's bytes. */
void package_share(
	struct package *package, uint32_t state, const struct slice *bytes, uint64_t version);
/* Sets what was changed in a state, if that is less than all of it. 0 or -ENOMEM. */
int package_changed(struct package *package, uint32_t state, const struct changes *changes);
/* Nothing is known of it. */
void package_forget_changes(struct package *package, uint32_t state);
/* Removes a state, if it is there. */
void package_remove(struct package *package, uint32_t state);
/* The size of its body: the value and the states in it. */
uint64_t package_bytes(const struct package *package);

static inline struct job_place package_place(const struct package *package)
{
	return (struct job_place){package->job, package->step, package->attempt};
}

#endif
