/* SPDX-License-Identifier: MIT */
/*
 * Requests to other nodes. Connections stay open and are used again; one carries a single request
 * at a time, another is opened if all to that node are busy.
 *
 * A request that is not answered is sent again as the deployment's retry policy says. Whoever
 * answers knows it again by job, step and attempt of the job, so that what it asks for is done
 * once.
 */
#ifndef SFE_NODES_PEERS_H
#define SFE_NODES_PEERS_H

#include "nodes/http/connection.h"

struct exchange { /* a request that waits for its answer */
	struct worker *worker;
	uint32_t to;
	enum sfe_transfer_kind kind; /* of the payload that it is about */
	/*
	 * Called once. status: of HTTP, or a negative errno. Of an answer head and body are given,
	 * for the time of the call; head_ns and done_ns are when they had arrived.
	 */
	void (*done)(struct exchange *e, int status);
	const struct http_head *head;
	struct slice body;
	uint64_t head_ns, done_ns;
	uint32_t request_bytes; /* as sent, head and body */
	uint16_t port;          /* of the connection, on this side */
	/* For the caller: */
	struct job_place at;
	uint32_t state; /* or the step that is asked for */
	uint32_t tried; /* other nodes before this one, or calls of a step */
	struct invocation *invocation;
	struct package package; /* dropped with the exchange */
	/* Of peers.c: */
	uint32_t number;               /* of the attempt, from 1 */
	uint64_t begin_ns;             /* of it */
	struct connection *connection; /* that carries it; NULL while it waits to be sent again */
	struct outgoing *again;        /* what is sent then */
	struct timer timer;            /* its deadline, or when it is sent again */
	TAILQ_ENTRY(exchange) list;
};

int peers_open(struct worker *w);    /* 0 or -ENOMEM */
void peers_forget(struct worker *w); /* what waits to be sent again, after a crash or at the end */
void peers_close(struct worker *w);

/*
 * Sends message (taken over; NULL counts as out of memory) to node template->to. The exchange is a
 * copy of template, with its package, that lives until done has returned. done is never called from
 * here.
 */
void peers_send(struct worker *w, const struct exchange *template, struct outgoing *message);

/* The wait before attempt number + 1. */
uint64_t retry_backoff_ns(const struct sfe_retry_policy *policy, uint32_t number);
/* How long after its first attempt a request may still be sent again. */
uint64_t retry_window_ns(const struct sfe_retry_policy *policy);
/* Whether it is the way there that failed, or the node at its end, and not what was asked for. */
bool retry_helps(int code);

#endif
