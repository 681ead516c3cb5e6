/* SPDX-License-Identifier: MIT */
/* All that a worker knows: the parts of nodes/ share it, and nothing is global. */
#ifndef SFE_NODES_WORKER_STATE_H
#define SFE_NODES_WORKER_STATE_H

#include <stdbool.h>
#include <sys/queue.h>
#include <time.h>

#include "nodes/buffer.h"
#include "nodes/control.h"
#include "nodes/loop.h"
#include "nodes/package.h"
#include "nodes/processor_sharing.h"
#include "nodes/store.h"

struct connection;
struct strategy;

/* One read takes so much at most; the rest of a body goes straight to its place. */
#define SCRATCH_BYTES (64u << 10)

struct deadline { /* a timerfd: nanoseconds, where libevent's timers know microseconds only */
	int fd;
	uint64_t at_ns; /* armed for; UINT64_MAX: not armed */
	struct watch watch;
};

struct client_job { /* a job of this client that runs */
	uint32_t job;
	uint64_t start_ns;
	TAILQ_ENTRY(client_job) next;
};

struct start { /* a job that waits for its time */
	uint64_t at_ns;
	uint32_t job;
};

struct invocation {
	struct worker *worker;
	struct package package;
	uint32_t from;            /* the node that called */
	struct connection *reply; /* waits for the result; NULL if none does, or no more */
	bool local;               /* called from this node */
	struct sfe_ctl_invocation record;
	struct ps_entry compute;
	STAILQ_ENTRY(invocation) next;
	TAILQ_ENTRY(invocation) all;
};

struct peer {
	TAILQ_HEAD(, connection) idle; /* last used first */
	bool lost;
};

struct forward { /* a step that another node has taken over: it answers for the job now */
	uint32_t job, step, to;
};

struct records {
	struct sfe_ctl_invocation *invocations;
	size_t n_invocations, invocations_room;
	struct sfe_ctl_transfer *transfers;
	size_t n_transfers, transfers_room;
};

/* What the workers of a process share. */
struct host {
	struct loop *loop;
	struct buffer_pool buffers;
	uint8_t *scratch;
	const struct sfe_worker_place *place;
	uint32_t inside; /* the node whose network namespace the process is in */
};

struct worker {
	const struct sfe_deployment *deployment;
	uint32_t node;
	int control_fd;
	const struct strategy *strategy;

	struct host *host;
	struct loop *loop; /* the host's */
	int listen_fd;
	struct watch listen_watch, control_watch;
	struct watch later_watch; /* fired by hand: what must not be done deep in a call */
	bool accepting;

	struct store store;
	struct records records;

	TAILQ_HEAD(, connection) connections;
	TAILQ_HEAD(, connection) closed; /* to be freed once no caller has them on its stack */
	struct peer *peers;              /* one a node */
	struct forward *forwards;
	size_t n_forwards, forwards_room;

	struct ps ps;
	struct deadline compute_deadline, start_deadline;
	STAILQ_HEAD(, invocation) begun; /* to be looked at in later_event */
	TAILQ_HEAD(, invocation) invocations;

	TAILQ_HEAD(, client_job) running;
	struct start *starts; /* by time, then by arrival of the command */
	size_t n_starts, starts_room;

	uint64_t jobs_done, jobs_failed, invocations_done, connections_made, connections_taken;

	bool over; /* the loop is to end */
	struct sfe_error *error;
	int code; /* why, if it is not STOP */
};

static inline uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static inline const struct sfe_job *worker_job(const struct worker *w, uint32_t job)
{
	return w->deployment->jobs[job].job;
}

/* Before a socket is made: into the node's network namespace. 0 or a negative errno. */
int worker_enter(const struct worker *w);

/* The worker cannot go on: tells the orchestrator and ends the loop. Callers return and touch
 * nothing more. */
void worker_fatal(struct worker *w, int code, const char *what);

/* later_watch's callback runs before the next wait. */
void worker_later(struct worker *w);

/* Room for one more in an array that doubles: 0 or -ENOMEM. */
int worker_room(void **array, size_t n, size_t *room, size_t size);

#endif
