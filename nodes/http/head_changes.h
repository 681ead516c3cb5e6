/* SPDX-License-Identifier: MIT */
/*
 * The header that says what was changed in states:
 *
 *   sfemu-changes: s0=3/70007/100+50/69000+7, s4=0/20
 *
 * is, of each state, the version that was changed, the state's size now, and the ranges that are
 * other bytes than before, each OFFSET+LENGTH. The state's part of the body has the bytes of these
 * ranges only, one after the other, in the result of a step, the return of a job, and where a state
 * is given to a store or a replica. In a call, which has the state whole, the header says what was
 * changed since the version that the client has.
 */
#ifndef SFE_NODES_HEAD_CHANGES_H
#define SFE_NODES_HEAD_CHANGES_H

#include <stddef.h>

#include "nodes/base/changes.h"
#include "nodes/base/text.h"

#define HEAD_MAX_CHANGED 128u /* states in a header; more of them are sent whole */

struct head_changes { /* states ascending */
	uint32_t n;
	struct head_changed {
		uint32_t state;
		struct changes changes;
	} * items;
};

/* -EBADMSG if it is malformed, not in order, or too long; -ENOMEM. list must be all zero, or a
 * result of an earlier call. */
int head_changes_read(struct head_changes *list, const char *text, size_t length);
/* What is said of the state; NULL: nothing. */
const struct changes *head_changes_find(const struct head_changes *list, uint32_t state);

/* Adds the n-th state (from 0) to the header, which is to be ended by a line end. */
void head_changes_add(struct text *text, uint32_t n, uint32_t state, const struct changes *changes);

#endif
