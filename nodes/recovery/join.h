/* SPDX-License-Identifier: MIT */
/*
 * A join: the calls of a step with several predecessors, until all have come. Each brings the
 * output of one of them, and the states that go along that edge.
 */
#ifndef SFE_NODES_JOIN_H
#define SFE_NODES_JOIN_H

#include "nodes/base/package.h"

struct join {
	uint32_t n_parts, n_there;
	struct package part[]; /* in the order of the predecessors; empty: not there */
};

/* For a step with n_parts predecessors; NULL if out of memory. */
struct join *join_new(uint32_t n_parts);
void join_free(struct join *join);

/* Whether the call of the i-th predecessor has come. */
bool join_has(const struct join *join, uint32_t i);
/* Adds it, and takes over the package. */
void join_add(struct join *join, uint32_t i, struct package *package);
/*
 * When all have come: moves them into one package, whose value is their values one after the other.
 * 0 or -ENOMEM, with nothing moved.
 */
int join_merge(struct join *join, struct buffer_pool *pool, struct package *out);

/* The values one after the other; of a single one, another reference. 0 or -ENOMEM. */
int values_join(
	struct buffer_pool *pool, const struct slice *const *value, uint32_t n, struct slice *out);

#endif
