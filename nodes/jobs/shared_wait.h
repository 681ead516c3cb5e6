/* SPDX-License-Identifier: MIT */
/*
 * Reads and changes of a state that outlives jobs, at its home, where the strategy has copies:
 * the home sends each new version to the replicas before it answers, one after the other, once. The
 * first that asks after a crash waits until all replicas have said what they have, or have not
 * answered within a deadline (without invocation.deadline: until TCP gives up); the newest copy is
 * the state then. While there is none, those that did not answer are asked again, as often as
 * requests are repeated. Others that ask meanwhile wait too. Without copies nobody waits.
 */
#ifndef SFE_NODES_SHARED_WAIT_H
#define SFE_NODES_SHARED_WAIT_H

#include "nodes/shared/shared_store.h"

struct shared_order {
	struct shared_access access;
	bool change; /* else it reads */
	/* Of a change: the version that the step had read, and what it has made of it. */
	struct shared_version read;
	struct slice content;   /* taken over */
	bool partial;           /* what was changed is known */
	bool ranges;            /* and the content is only the bytes of these ranges */
	struct changes changes; /* of the version that was read */
	/* Called once: home: the state, of a read; result: of a change. code: 0, or what
	 * shared_store_change returns. */
	void (*done)(void *context, int code, const struct shared_home *home,
		const struct shared_result *result);
	void *context;
};

/* Returns NULL if it has called done, else who waits. */
struct shared_wait *shared_wait_begin(struct worker *w, struct shared_order *order);
/* Nobody is to be told any more. */
void shared_wait_forget(struct shared_wait *wait);
/* Drops all, without a word. */
void shared_waits_clear(struct worker *w);

#endif
