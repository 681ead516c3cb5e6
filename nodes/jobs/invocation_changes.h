/* SPDX-License-Identifier: MIT */
/*
 * What the function of an invocation changes of the states that its step updates: who has the
 * version before gets no more. Where steps call each other with the states, that is the client,
 * with the version that it created; else it is who has the version that the step got. Of a state
 * that outlives jobs that is its home.
 */
#ifndef SFE_NODES_INVOCATION_CHANGES_H
#define SFE_NODES_INVOCATION_CHANGES_H

#include "nodes/jobs/invocation.h"

/* What was changed of the step's i-th state (invocation_states.h) before the function runs. */
struct changes invocation_changes_before(const struct invocation *inv, uint32_t i);
/* And after it has run; NULL: it may have changed all of it. 0 or -ENOMEM. */
int invocation_changed(struct invocation *inv, uint32_t i, const struct changes *changes);

#endif
