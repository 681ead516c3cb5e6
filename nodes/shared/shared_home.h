/* SPDX-License-Identifier: MIT */
/*
 * The home of a state that outlives jobs: it has the newest version, and decides which changes take
 * effect, in which order. Pure: no clock, no messages.
 *
 * A change is known by job and step; one that a function makes by the state's name, also by the
 * call that the function is and the number of its changes of the state. It takes effect at most
 * once, however often it is sent. What the home remembers of changes is lost with the state when
 * its node crashes. Then it begins anew as version 0 of another epoch.
 */
#ifndef SFE_NODES_SHARED_HOME_H
#define SFE_NODES_SHARED_HOME_H

#include <stdbool.h>
#include <stddef.h>

#include "nodes/base/buffer.h"
#include "nodes/base/control.h"
#include "sfemu/workflow.h"

struct shared_version {
	uint32_t epoch;  /* how often the home has begun anew */
	uint64_t number; /* of the changes in this epoch */
};

struct shared_home { /* all zero: nobody has asked for the state yet */
	bool there;
	bool absent; /* in this version nothing is there: it was deleted, or not put yet */
	struct shared_version version;
	struct slice content;
	uint64_t digest; /* XXH3-64 of the content */
	/* What has taken effect: a hash table of job, step and version; 0: a free slot. */
	size_t n_effects, room;
	struct shared_effect *effects;
	uint64_t lost; /* the version that a crash has destroyed */
};

struct shared_change {
	uint32_t job, step;
	enum sfe_access access; /* update or write */
	enum sfe_consistency consistency;
	struct shared_version read; /* that the step has changed; unused for a write */
	/* By name: number is not 0. An update of the version that the function knows, or a write if
	 * it knows none; that of a first-write state takes effect if the state is absent. */
	uint64_t path;
	uint32_t number;
	bool deletes;
};

struct shared_result {
	enum sfe_shared_outcome outcome;
	struct shared_version made; /* by it: now, or when it came before; else the newest */
	uint64_t unseen;            /* newer versions that the writer had not read */
};

/* The first version, as at the start or after a crash. Takes over the content. */
void shared_home_begin(struct shared_home *h, struct slice content);
/* Takes over the content if the change takes effect, else drops it. 0 or -ENOMEM. */
int shared_home_change(struct shared_home *h, const struct shared_change *change,
	struct slice *content, struct shared_result *result);
/* The node crashes: content and memory are gone. */
void shared_home_crash(struct shared_home *h);
void shared_home_clear(struct shared_home *h);

#endif
