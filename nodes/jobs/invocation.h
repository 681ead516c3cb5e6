/* SPDX-License-Identifier: MIT */
/*
 * An invocation: one run of a step on this node. The node lets it in (admission.h), it fetches the
 * states that the step depends on (invocation_fetch.h), runs the function and waits for the
 * modelled compute time (invocation_run.h), and sends changed states to where they are kept
 * (invocation_give.h).
 */
#ifndef SFE_NODES_INVOCATION_H
#define SFE_NODES_INVOCATION_H

#include "nodes/base/control.h"
#include "nodes/shared/shared_use.h"
#include "nodes/worker/worker_state.h"

struct caller { /* a connection on which a caller waits for the result of an invocation */
	struct connection *connection;
	struct invocation *invocation; /* NULL: there is none */
};

struct invocation {
	struct worker *worker;
	struct package package;
	uint32_t from;         /* the node that called */
	struct caller *caller; /* NULL: none waits, or none any more */
	bool local;            /* begun without a caller: if callees answer, then from this node */
	struct accepted_call *accepted; /* NULL for a local call */
	struct shared_uses *shared;     /* NULL: its step uses no states that outlive jobs */
	void (*shared_fetched)(struct invocation *inv); /* then they are here */
	void (*shared_given)(struct invocation *inv);   /* then their homes have the changes */
	uint32_t copied; /* how many copies of its states were sent or skipped */
	struct sfe_ctl_invocation record;
	struct admission_entry admission;
	struct timer cold_start; /* until its instance has started */
	struct ps_entry compute;
	bool computed;               /* the modelled time is over */
	struct program_run *program; /* NULL: the function is no program */
	void (*drop_program)(struct invocation *inv);
	STAILQ_ENTRY(invocation) next;
	TAILQ_ENTRY(invocation) all;
};

/*
 * Takes over the package, whose step is to run. caller: who waits for the result, or NULL. The
 * invocation begins from the loop and not within this call, so that a chain on one node does not
 * deepen the stack. 0 or -ENOMEM.
 */
int invocation_begin(struct worker *w, struct package *package, uint32_t from, uint64_t request_ns,
	struct caller *caller, struct accepted_call *accepted);
void invocation_free(struct invocation *inv);
void invocations_clear(struct worker *w); /* frees all */

/* Reports the failure to the caller, or to the job's client, and frees the invocation. code is
 * negative. */
void invocation_fail(struct invocation *inv, int code, const char *reason);
/* The same because the strategy's rule names no node. */
void invocation_no_keeper(struct invocation *inv, uint32_t state);
/* To the caller: the result, with all states in the package. */
void job_answer(struct worker *w, struct invocation *inv);

static inline const struct sfe_step *invocation_step(const struct invocation *inv)
{
	return &worker_job(inv->worker, inv->package.job)->steps[inv->package.step];
}

#endif
