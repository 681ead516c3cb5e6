/* SPDX-License-Identifier: MIT */
/*
 * The states that outlive jobs, in the life of an invocation: what its step reads comes from the
 * home before it runs, and what it changed goes there before the job goes on. If the home refuses a
 * change because another one was first, the step fetches again and runs again.
 */
#ifndef SFE_NODES_INVOCATION_SHARED_H
#define SFE_NODES_INVOCATION_SHARED_H

#include "nodes/jobs/invocation.h"

/* For an invocation that uses such states: fetches them one after the other, then calls then(). It
 * may do so within this call. */
void invocation_shared_fetch(struct invocation *inv, void (*then)(struct invocation *inv));
/* Gives what has changed, then calls then(). After a conflict fetches and runs again first. */
void invocation_shared_give(struct invocation *inv, void (*then)(struct invocation *inv));

/* What these states take of the node's memory. */
uint64_t invocation_shared_bytes(const struct invocation *inv);

#endif
