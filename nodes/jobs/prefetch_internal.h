/* SPDX-License-Identifier: MIT */
/* What a node has of states that came ahead of the call of a step: shared by prefetch.c, which asks
 * for them, and push.c, where they come unasked. */
#ifndef SFE_NODES_PREFETCH_INTERNAL_H
#define SFE_NODES_PREFETCH_INTERNAL_H

#include "nodes/jobs/prefetch.h"

struct ahead_state {
	/* DUE: its step waits for it, and it comes unasked. */
	enum { AHEAD_NONE, AHEAD_WANTED, AHEAD_ASKED, AHEAD_DUE, AHEAD_HERE } is;
	uint32_t after;   /* the step by which it was told of */
	uint32_t request; /* that asked for it */
	uint64_t version;
	struct slice content;
};

struct prefetch { /* of a step that will be called here */
	struct job_place at;
	uint32_t number; /* of it on this node, not 0: exchanges name it */
	uint64_t until_ns;
	uint32_t n_asked, n_requests; /* not answered yet, all */
	struct invocation *waiting;   /* the step has been called; NULL: not yet */
	void (*then)(struct invocation *inv);
	uint32_t n_coming;      /* pushes whose heads have come, and their bodies not yet */
	bool awaits_push;       /* one of the requests that the step waits for stands for them */
	bool late;              /* the time is over in which a push may begin to come */
	struct timer push_time; /* until then */
	TAILQ_ENTRY(prefetch) list;
	uint32_t n; /* the step's states */
	struct ahead_state state[];
};

struct prefetch *prefetch_find(const struct worker *w, uint32_t job, uint32_t step);
struct prefetch *prefetch_find_number(const struct worker *w, uint32_t number);
/* That of the step in this attempt of the job; NULL: a later one has begun, or the step waits for
 * what comes, or out of memory. */
struct prefetch *prefetch_get(struct worker *w, const struct job_place *at);
/* The same for the step, which has been called, and waits for what comes: then() is called after.
 */
struct prefetch *prefetch_attach(struct invocation *inv, void (*then)(struct invocation *inv));
/* Gives the i-th state to the step that waits, or keeps it until the step is called. */
void prefetch_put(struct prefetch *p, uint32_t i, struct slice content, uint64_t version);
/* Unless something is there, or on its way. */
void prefetch_drop_empty(struct worker *w, struct prefetch *p);

#endif
