/* SPDX-License-Identifier: MIT */
/*
 * An invocation: one run of a step on this node, or of a function that another one calls
 * (dynamic_run.h), which has no states. The node lets it in (admission.h), it fetches the
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

struct invocation_dynamic { /* what an invocation that is no step has besides */
	uint32_t function;
	uint64_t path, stream; /* nodes/base/call_key.h */
	/* In place of the next step: it has ended, with code 0, or failed. Then it is freed. */
	void (*ended)(struct invocation *inv, int code, const char *reason);
};

struct invocation {
	struct worker *worker;
	struct package package;
	uint32_t from;         /* the node that called */
	struct caller *caller; /* NULL: none waits, or none any more */
	bool local;            /* begun without a caller: if callees answer, then from this node */
	struct accepted_call *accepted;  /* NULL for a local call */
	struct shared_wait *shared_wait; /* of its own node's state; NULL: none */
	struct shared_uses *shared;      /* NULL: its step uses no states that outlive jobs */
	void (*shared_fetched)(struct invocation *inv); /* then they are here */
	void (*shared_given)(struct invocation *inv);   /* then their homes have the changes */
	struct {
		uint32_t n; /* requests that are not answered yet */
		int code;   /* 0, or why one of them failed: the first */
		char reason[160];
	} fetching;
	bool fetches;              /* it has been let in, and has looked for what came ahead */
	struct prefetch *prefetch; /* whose requests it waits for; NULL: none */
	void (*drop_prefetch)(struct invocation *inv);
	struct {
		uint32_t n; /* claims of states that came ahead, not answered yet */
		void (*then)(struct invocation *inv); /* waits for them; NULL: nothing does */
	} claims;
	uint32_t copied; /* how many copies of its states were sent or skipped */
	struct sfe_ctl_invocation record;
	struct admission_entry admission;
	struct timer cold_start; /* until its instance has started */
	struct ps_entry compute;
	bool computed;               /* the modelled time is over */
	struct program_run *program; /* NULL: the function is no program */
	void (*drop_program)(struct invocation *inv);
	struct code_run *code; /* C code that runs or waits; NULL: none */
	void (*drop_code)(struct invocation *inv);
	uint32_t calls_made; /* by its code, in all runs: a call of each run is another one */
	struct invocation_dynamic *dynamic; /* NULL: it is a step */
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
/* The same for a call at run time; the package has the argument only. NULL: out of memory. */
struct invocation *invocation_begin_dynamic(struct worker *w, struct package *package,
	uint32_t from, uint64_t request_ns, struct caller *caller,
	struct invocation_dynamic *dynamic);
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

/* The function that it runs. */
static inline uint32_t invocation_function(const struct invocation *inv)
{
	return inv->dynamic ? inv->dynamic->function : invocation_step(inv)->function;
}

/* How many states it uses: the first so many deps of its step. */
static inline uint32_t invocation_n_deps(const struct invocation *inv)
{
	return inv->dynamic ? 0 : invocation_step(inv)->n_deps;
}

#endif
