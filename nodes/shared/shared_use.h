/* SPDX-License-Identifier: MIT */
/* What an invocation has of the states that outlive jobs, and what it needs to run again. */
#ifndef SFE_NODES_SHARED_USE_H
#define SFE_NODES_SHARED_USE_H

#include "nodes/base/package.h"
#include "nodes/shared/shared_home.h"

struct shared_use { /* by use of the step */
	uint32_t instance;
	enum sfe_access access;
	bool here;  /* what it reads has come; what it writes needs nothing */
	bool given; /* the home has what the step changed */
	struct slice bytes;
	struct shared_version version; /* that the step has read; before: that is held */
	bool holds; /* the node's cache had `held` of it when the home was asked */
	struct slice held;
	/* What the step has changed of it, if that is less than all. */
	bool partial;
	struct changes changes;
	uint64_t came_bytes; /* of it, from another node */
};

struct shared_uses {
	uint32_t n;
	/* The package before the first run: the bytes of its states are shared with it. */
	bool saved;
	struct package before;
	struct shared_use of[];
};

/* For a step; NULL: out of memory. */
struct shared_uses *shared_uses_new(const struct sfe_deployment *d, uint32_t job, uint32_t step);
void shared_uses_free(struct shared_uses *uses); /* also NULL */

/* Whether the home may refuse what the step makes of it. */
bool shared_uses_may_conflict(const struct sfe_deployment *d, const struct shared_use *use);
/* Keeps what the step needs to run again. 0 or -ENOMEM. */
int shared_uses_save(struct shared_uses *uses, struct package *package);
/* The package as it was; and what the step has read is to be fetched again. 0 or -ENOMEM. */
int shared_uses_restore(struct shared_uses *uses, struct package *package);

#endif
