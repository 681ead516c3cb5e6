/* SPDX-License-Identifier: MIT */
/*
 * Requests to other nodes. Connections stay open and are used again; one carries a single request
 * at a time, another is opened if all to that node are busy.
 */
#ifndef SFE_NODES_PEERS_H
#define SFE_NODES_PEERS_H

#include "nodes/connection.h"

struct exchange { /* a request that waits for its answer */
	struct worker *worker;
	uint32_t to;
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
	uint32_t job, step, state;
	struct invocation *invocation;
};

int peers_open(struct worker *w); /* 0 or -ENOMEM */
void peers_close(struct worker *w);

/*
 * Sends message (taken over; NULL counts as out of memory) to node template->to. The exchange is a
 * copy of template that lives until done has returned. done is never called from here.
 */
void peers_send(struct worker *w, const struct exchange *template, struct outgoing *message);

/* Notes that a node has taken over a step: if the node is lost, so is the job. */
void peers_forwarded(struct worker *w, uint32_t job, uint32_t step, uint32_t to);

#endif
