/* SPDX-License-Identifier: MIT */
/* What moves between steps of a job: a value (argument or return value), states, and who holds the
 * others. */
#ifndef SFE_NODES_PACKAGE_H
#define SFE_NODES_PACKAGE_H

#include <stdbool.h>

#include "nodes/base/buffer.h"
#include "nodes/base/control.h"

#define HOLDER_UNKNOWN UINT32_MAX

struct carried { /* one state of the job, as seen from a package */
	bool here;
	struct slice bytes; /* if it is here */
	uint64_t version;   /* if it is here: how many invocations have changed it */
	uint32_t holder; /* if it is not: the node that holds it, where the strategy keeps track */
};

struct package {
	uint32_t job, step;
	uint32_t attempt; /* of the job, from 1 */
	struct slice value;
	uint32_t n_states;
	struct carried *states;
};

/* With none of the job's states; 0 or -ENOMEM. */
int package_init(struct package *package, const struct sfe_deployment *deployment, uint32_t job);
struct package package_move(struct package *from);
void package_drop(struct package *package);

/* Puts a state in, taking over the reference. */
void package_put(struct package *package, uint32_t state, struct slice bytes, uint64_t version);

/* Whether all states of the job are in it. */
bool package_has_all(const struct package *package);

#endif
