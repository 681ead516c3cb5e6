/* SPDX-License-Identifier: MIT */
/*
 * Hand-offs: the calls of this node that other nodes have accepted. Such a node now goes on with
 * the job by itself. If it crashes, nobody else may notice: the job's client waits for a return on
 * no connection. So the node that handed the job off watches for the loss.
 */
#ifndef SFE_NODES_HANDOFFS_H
#define SFE_NODES_HANDOFFS_H

#include <stddef.h>

#include "nodes/base/package.h"

struct handoff {
	struct job_place at; /* the step that was called */
	uint32_t to;
	uint32_t repeated;        /* how often the call was repeated */
	struct package package;   /* to repeat it; may be empty */
	uint64_t repeat_until_ns; /* the package is kept until then */
	uint64_t job_over_ns;     /* the job has ended by then, in success or failure */
};

struct handoffs {             /* all zero: none */
	struct handoff *list; /* in the order of time */
	size_t n, room;
	size_t n_expired; /* so many, from the first on, have no package any more */
};

/* Adds one, and takes over its package on success; frees packages that were kept until before now.
 * 0 or -ENOMEM. */
int handoffs_add(struct handoffs *all, struct handoff *handoff, uint64_t now_ns);
/*
 * Removes those to the node, whose jobs may still run, into *lost: an array of *n, to be freed,
 * with packages to be dropped. Also removes those of jobs that are over. 0 or -ENOMEM.
 */
int handoffs_take(
	struct handoffs *all, uint32_t node, uint64_t now_ns, struct handoff **lost, size_t *n);
void handoffs_clear(struct handoffs *all);

#endif
