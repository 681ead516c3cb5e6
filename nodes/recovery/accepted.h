/* SPDX-License-Identifier: MIT */
/*
 * The steps that this node has taken over from others, so that a call that comes again is known for
 * what it is: the caller has not heard the answer, or no longer waits for the connection on which
 * it was to come. A step is known by job, step and attempt of the job. Where calls are not repeated
 * it is known while it runs only.
 */
#ifndef SFE_NODES_TAKEN_H
#define SFE_NODES_TAKEN_H

#include <sys/queue.h>

#include "nodes/base/package.h"

#define TAKEN_CHAINS 256u

struct invocation;

struct taken {
	uint32_t job, step, attempt;
	struct invocation *running; /* NULL: it is over */
	/* What it answered, to be said again until until_ns. */
	struct package answer; /* empty: nothing yet, or too long ago */
	uint64_t until_ns;
	struct taken *next;
	TAILQ_ENTRY(taken) by_age;
};

struct taken_steps {
	struct taken *chains[TAKEN_CHAINS];
	TAILQ_HEAD(, taken) answers; /* that are kept, the oldest first */
};

void taken_init(struct taken_steps *all);

/* The latest attempt of the step that came here; NULL: none did. */
struct taken *taken_find(struct taken_steps *all, uint32_t job, uint32_t step);
/* A new one; NULL if out of memory. */
struct taken *taken_add(struct taken_steps *all, uint32_t job, uint32_t step, uint32_t attempt);
void taken_forget(struct taken_steps *all, struct taken *taken);
/* Keeps the answer, taking it over; frees those that nobody can ask for any more. */
void taken_answered(struct taken_steps *all, struct taken *taken, struct package *answer,
	uint64_t until_ns, uint64_t now_ns);
void taken_clear(struct taken_steps *all);

#endif
