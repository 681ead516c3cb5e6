/* SPDX-License-Identifier: MIT */
/*
 * A worker: everything that it knows, and what any part of it may do to the whole. The parts above
 * (jobs/, server/, runtime/) share it; nothing is global.
 */
#ifndef SFE_NODES_WORKER_STATE_H
#define SFE_NODES_WORKER_STATE_H

#include "nodes/base/package.h"
#include "nodes/events/timers.h"
#include "nodes/functions/stack.h"
#include "nodes/http/connection.h"
#include "nodes/http/wire.h"
#include "nodes/recovery/accepted.h"
#include "nodes/recovery/handoffs.h"
#include "nodes/recovery/retained.h"
#include "nodes/worker/admission.h"
#include "nodes/worker/processor_sharing.h"
#include "nodes/worker/state_cache.h"
#include "nodes/worker/store.h"
#include "sfemu/error.h"

struct client;
struct dynamic_runs;
struct functions;
struct invocation;
struct peers;
struct records;
struct shared_store;
struct warm_up;

/* What the workers of a process share. */
struct host {
	struct loop *loop;
	struct buffer_pool buffers;
	struct functions *functions; /* plugins; NULL: there are none */
	struct stack_pool stacks;    /* on which they run */
	bool sends_early;            /* records, not only at the end: see records.c */
	/* Functions that are programs: private to jobs/invocation_program.c. */
	unsigned programs_running, programs_at_once;
	TAILQ_HEAD(, program_run) programs_waiting;
	uint8_t *scratch; /* see connection.h */
	/* Bodies of requests: bytes that were announced and are not received yet. */
	uint64_t announced_bytes, announced_limit;
	/* Moves the process to a node's network namespace; NULL: all of them are in it already. */
	int (*enter)(void *context, uint32_t node, struct sfe_error *err);
	void *enter_context;
	uint32_t inside;            /* the node whose namespace the process is in */
	STAILQ_HEAD(, worker) over; /* workers that have ended and are not yet freed */
};

struct worker_counters {
	uint64_t jobs_done, jobs_failed, invocations, connections_opened, connections_accepted;
};

struct worker {
	const struct sfe_deployment *deployment;
	uint32_t node;
	int control_fd;
	struct wire wire;

	struct host *host;
	struct loop *loop; /* the host's */
	struct watch control_watch;
	struct watch later_watch; /* fired for what must not be done deep in a call */
	struct timers timers;

	/* States of jobs, and what recovery from faults needs. */
	struct store store;
	struct store created;  /* which were created here, without content: options.prefetch */
	struct store replicas; /* copies of states that other nodes hold */
	struct shared_store *shared; /* states that outlive jobs; NULL: there are none */
	struct state_cache cache;    /* copies of states, for later steps here */
	struct retained retained;
	struct accepted_calls accepted;
	struct handoffs handoffs;
	/* States that came ahead of calls, by age: private to jobs/prefetch.c. */
	TAILQ_HEAD(, prefetch) prefetches;
	uint32_t n_prefetches, prefetches_begun;
	bool prefetches_displaced; /* there were too many, and some were dropped */

	/* HTTP: all connections, and the server's socket. */
	struct connections connections;
	int listen_fd;
	struct watch listen_watch;
	bool accepting;

	/* Invocations: those whose states are to be fetched, all of them, and those that compute.
	 */
	STAILQ_HEAD(, invocation) begun;
	TAILQ_HEAD(, invocation) invocations;
	struct admission admission;
	struct ps ps;
	struct deadline compute_deadline;
	/* Calls at run time: private to jobs/dynamic_call.c. */
	TAILQ_HEAD(, dynamic_call) dynamic_calls;
	unsigned dynamic_asked;
	/* Who waits for a state that outlives jobs: private to jobs/shared_wait.c. */
	TAILQ_HEAD(, shared_wait) shared_waits;
	unsigned programs_ended; /* and not yet taken: private to jobs/invocation_program.c */

	/* Private to the modules of these names. */
	struct records *records;
	struct peers *peers;
	struct client *client;
	struct dynamic_runs *dynamic_runs; /* NULL: there was none yet */
	struct warm_up *warm_up;           /* NULL: it is over */

	struct worker_counters counters;
	bool down;        /* crashed, and not restarted */
	uint32_t crashes; /* how often it crashed */
	bool over;        /* the worker is to end */
	STAILQ_ENTRY(worker) over_list;
	struct sfe_error *error;
	int code; /* why it ends, unless upon STOP */
};

static inline const struct sfe_job *worker_job(const struct worker *w, uint32_t job)
{
	return w->deployment->jobs[job].job;
}

/* The rules that the job's states follow. */
static inline const struct sfe_strategy_info *worker_rules(const struct worker *w, uint32_t job)
{
	return deployment_rules(w->deployment, job);
}

/* Call it before making a socket: moves the process to the node's network namespace. 0 or a
 * negative errno, which is also in errno. */
int worker_enter(const struct worker *w);

/* Ends the loop: the worker is over. */
void worker_end(struct worker *w);

/* The worker cannot go on: it ends, and tells the orchestrator. Callers return and touch nothing
 * more. */
void worker_fatal(struct worker *w, int code, const char *what);

/* The callback of later_watch runs before the next wait. */
void worker_later(struct worker *w);

#endif
