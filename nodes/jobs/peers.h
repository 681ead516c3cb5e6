/* SPDX-License-Identifier: MIT */
/*
 * Requests to other nodes. Connections stay open and are reused. A connection carries a single
 * request at a time; another one is opened if all to that node are busy.
 *
 * A request that fails is retried as the deployment's retry policy says. The other node recognises
 * the retry by job, step and attempt of the job, so that the request takes effect once.
 */
#ifndef SFE_NODES_PEERS_H
#define SFE_NODES_PEERS_H

#include "nodes/base/control.h"
#include "nodes/worker/worker_state.h"

struct peer_connection;

struct exchange { /* a request and its answer */
	struct worker *worker;
	uint32_t to;
	enum sfe_transfer_kind kind; /* of the payload that it is about */
	/*
	 * Called once. status: of HTTP, or a negative errno. head, body, head_ns and done_ns are
	 * those of the answer, and valid during the call.
	 */
	void (*done)(struct exchange *e, int status);
	const struct http_head *head;
	struct slice body;
	uint64_t head_ns, done_ns;
	bool waits_known; /* of the answer, as in struct sfe_ctl_transfer */
	struct sfe_ctl_waits waits, asked_waits;
	uint32_t request_bytes; /* as sent, head and body */
	uint16_t port;          /* of the connection, on this side */
	/* For the caller: */
	struct job_place at;
	uint32_t state;    /* or the step that is asked about */
	uint64_t asked_ns; /* of one that was sent beside others: when it was sent first; else 0 */
	uint32_t tried;    /* how many nodes were asked before this one, or how often a step was
			      called before */
	bool partial;      /* only the changes of the state were sent */
	struct invocation *invocation;
	struct dynamic_call *dynamic;
	struct dynamic_state *named;
	struct shared_wait *shared;
	uint64_t path;    /* of a call at run time, else 0 */
	bool warms;       /* before the jobs begin: it is of none, and not retried */
	bool own_retries; /* the caller repeats it itself, as attempt `number` + 1, and records
			     attempts that failed */
	struct package package; /* dropped with the exchange */
	uint32_t number;        /* of the attempt, from 1; 0 counts as 1 */
	/* Private to peers.c: */
	uint64_t begin_ns;                  /* of the attempt */
	struct peer_connection *connection; /* NULL while it waits for a retry */
	struct outgoing *retry; /* the message of the next attempt; NULL: none follows */
	struct timer timer;     /* its deadline, or the time of its retry */
	TAILQ_ENTRY(exchange) list;
};

/* lost(w, node) is called when a node has ended a connection without being asked to: it has
 * crashed. 0 or -ENOMEM. */
int peers_open(struct worker *w, void (*lost)(struct worker *w, uint32_t node));
/* After a crash: forgets the requests that wait for a retry, and which nodes were lost. */
void peers_reset(struct worker *w);
void peers_close(struct worker *w);

/* Whether the node was lost, and has not answered since. */
bool peers_is_lost(const struct worker *w, uint32_t node);

/*
 * Sends message (taken over; NULL counts as out of memory) to node template->to. The exchange is a
 * copy of template, with its package, that lives until done has returned. done is never called
 * within this call.
 */
void peers_send(struct worker *w, const struct exchange *template, struct outgoing *message);

/* Within done: records the payload of the answer. What was sent for it counts as its request if it
 * was fetched; that of a call is a payload of its own. */
void peers_record_answer(const struct exchange *e, enum sfe_transfer_kind kind);
/* Within done, of a request with own_retries that failed. last: the caller does not repeat it. */
void peers_record_attempt(const struct exchange *e, int code, bool last);
/* Within done of an answer: the congestion window of this side of the connection, in segments. */
uint32_t peers_window(const struct exchange *e);
/* Within done: records that the answer was none to this request, as an attempt that failed. */
void peers_record_bad_answer(const struct exchange *e);

#endif
