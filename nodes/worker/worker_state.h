/* SPDX-License-Identifier: MIT */
/* All that a worker knows: the parts of nodes/ share it, and nothing is global. */
#ifndef SFE_NODES_WORKER_STATE_H
#define SFE_NODES_WORKER_STATE_H

#include <stdbool.h>
#include <sys/queue.h>
#include <time.h>

#include "nodes/base/buffer.h"
#include "nodes/base/control.h"
#include "nodes/base/package.h"
#include "nodes/events/loop.h"
#include "nodes/recovery/accepted.h"
#include "nodes/recovery/retained.h"
#include "nodes/worker/processor_sharing.h"
#include "nodes/worker/store.h"

struct connection;
struct worker;
struct strategy;

/* One read takes so much at most; the rest of a body goes straight to its place. */
#define SCRATCH_BYTES (64u << 10)

struct deadline { /* a timerfd: nanoseconds, where libevent's timers know microseconds only */
	int fd;
	uint64_t at_ns; /* armed for; UINT64_MAX: not armed */
	struct watch watch;
};

struct job_place { /* where a job is: whom a message is about */
	uint32_t job, step;
	uint32_t attempt; /* of the job, from 1 */
};

struct timer { /* one of many on a descriptor (see timers.h); all zero: not set */
	bool set;
	uint64_t at_ns;
	void (*call)(struct worker *w, void *arg);
	void *arg;
	TAILQ_ENTRY(timer) next;
};

struct client_job { /* a job of this client that runs */
	uint32_t job;
	uint32_t attempt; /* from 1 */
	bool waiting;     /* for its time to begin */
	uint64_t start_ns;
	struct timer give_up; /* when the job has taken too long */
	struct timer again;   /* when this attempt has, or when the next one begins */
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
	struct taken *taken;      /* where it is known that this node has taken the step over */
	uint32_t copied;          /* how many copies of its states were dealt with */
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
	struct job_place at;
	uint32_t to;
	uint32_t again;         /* how often it was called again since */
	struct package package; /* to call it again; may be empty */
	uint64_t until_ns;      /* as long as that is kept */
	uint64_t over_ns;       /* by then the job has ended, one way or the other */
};

struct records {
	struct sfe_ctl_invocation *invocations;
	size_t n_invocations, invocations_room;
	struct sfe_ctl_transfer *transfers;
	size_t n_transfers, transfers_room;
	struct sfe_ctl_attempt *attempts;
	size_t n_attempts, attempts_room;
};

/* What the workers of a process share. */
struct host {
	struct loop *loop;
	struct buffer_pool buffers;
	uint64_t bodies_coming, bodies_limit; /* bytes of requests: announced and not here yet */
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
	struct store replicas;      /* copies of states that others hold */
	struct keepsakes keepsakes; /* states as they were given to steps that may ask again */
	struct taken_steps taken;
	struct records records;

	TAILQ_HEAD(, connection) connections;
	TAILQ_HEAD(, connection) closed; /* to be freed once no caller has them on its stack */
	struct peer *peers;              /* one a node */
	struct forward *forwards;
	size_t n_forwards, forwards_room;
	size_t forwards_expired;        /* so many, from the first on, have no package any more */
	TAILQ_HEAD(, exchange) waiting; /* to be sent again */

	struct ps ps;
	struct deadline compute_deadline, start_deadline, timer_deadline;
	TAILQ_HEAD(timer_list, timer) timers; /* by time */
	STAILQ_HEAD(, invocation) begun;      /* to be looked at in later_event */
	TAILQ_HEAD(, invocation) invocations;

	TAILQ_HEAD(, client_job) running;
	struct start *starts; /* by time, then by arrival of the command */
	size_t n_starts, starts_room;

	uint64_t jobs_done, jobs_failed, invocations_done, connections_made, connections_taken;

	bool down;        /* crashed, and not restarted */
	uint32_t crashes; /* how often it did */
	bool over;        /* the loop is to end */
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
