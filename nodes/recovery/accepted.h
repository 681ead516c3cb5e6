/* SPDX-License-Identifier: MIT */
/*
 * The calls that this node has accepted, so that a repeated call is recognised: its caller has not
 * received the answer, or no longer waits on the connection for it. A call is identified by job,
 * step and attempt of the job. Where calls are not retried, it is only known while it runs.
 */
#ifndef SFE_NODES_ACCEPTED_H
#define SFE_NODES_ACCEPTED_H

#include <sys/queue.h>

#include "nodes/base/package.h"
#include "nodes/recovery/join.h"

#define ACCEPTED_CHAINS 256u

struct invocation;

struct accepted_call {
	uint32_t job, step, attempt;
	struct invocation *running; /* NULL: it has ended, or waits for other predecessors */
	struct join *join;          /* the calls that came; NULL once all have */
	/* The result, to answer a repeated call with. */
	struct package result; /* empty: there is none yet, or it has expired */
	uint64_t until_ns;     /* of the join, then of the result */
	struct accepted_call *next;
	TAILQ_ENTRY(accepted_call) by_age; /* of those with a join, then of those with a result */
};

struct accepted_calls {
	struct accepted_call *chains[ACCEPTED_CHAINS];
	/* Those whose time ends first are first. */
	TAILQ_HEAD(accepted_by_age, accepted_call) with_join, with_result;
};

void accepted_init(struct accepted_calls *all);

/* The call of the step with the latest attempt; NULL: none was accepted. */
struct accepted_call *accepted_find(struct accepted_calls *all, uint32_t job, uint32_t step);
/* A new one; NULL if out of memory. */
struct accepted_call *accepted_add(
	struct accepted_calls *all, uint32_t job, uint32_t step, uint32_t attempt);
void accepted_remove(struct accepted_calls *all, struct accepted_call *call);
/*
 * The call waits for so many others. Its job has ended by until_ns, in success or failure; if the
 * others have not come by then, they never will. 0 or -ENOMEM.
 */
int accepted_wait(struct accepted_calls *all, struct accepted_call *call, uint32_t n_parts,
	uint64_t until_ns);
/* All have come: frees the join. */
void accepted_joined(struct accepted_calls *all, struct accepted_call *call);
/* Removes calls that wait for others, of jobs that have ended before now. */
void accepted_expire(struct accepted_calls *all, uint64_t now_ns);
/* Keeps the result and takes it over; frees results that were kept until before now. */
void accepted_keep_result(struct accepted_calls *all, struct accepted_call *call,
	struct package *result, uint64_t until_ns, uint64_t now_ns);
void accepted_clear(struct accepted_calls *all);

#endif
