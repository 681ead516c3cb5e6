/* SPDX-License-Identifier: MIT */
/* A connection of the server, and what the answers to all requests have in common. */
#ifndef SFE_NODES_SERVER_CONNECTION_H
#define SFE_NODES_SERVER_CONNECTION_H

#include "nodes/base/control.h"
#include "nodes/jobs/invocation.h"

enum server_route {
	ROUTE_ROOT,     /* GET / */
	ROUTE_INVOKE,   /* POST /invoke */
	ROUTE_RETURN,   /* POST /return */
	ROUTE_STATE,    /* GET /state/<job>/<state> */
	ROUTE_STATES,   /* GET /states/<job>: several of them */
	ROUTE_STORE,    /* PUT /state/<job>/<state> */
	ROUTE_REPLICA,  /* GET /replica/<job>/<state> */
	ROUTE_COPY,     /* PUT /replica/<job>/<state> */
	ROUTE_CALL,     /* POST /call: a function that another one calls */
	ROUTE_CAST,     /* POST /cast */
	ROUTE_STEP,     /* GET /step/<job>/<step> */
	ROUTE_AHEAD,    /* GET /ahead/<job>: copies of several states */
	ROUTE_CLAIM,    /* POST /claim/<job>: their ownership */
	ROUTE_PREFETCH, /* POST /prefetch/<job> */
	ROUTE_PUSH,     /* POST /push/<job>: copies of several states */
	ROUTE_SHARED,   /* GET /shared/<instance> */
	ROUTE_CHANGE,   /* PUT /shared/<instance> */
	ROUTE_COPIED,   /* GET /copy/<instance>: of such a state */
	ROUTE_COPYING,  /* PUT /copy/<instance> */
	ROUTE_GET,      /* GET /named/<name> */
	ROUTE_PUT,      /* PUT /named/<name> */
	ROUTE_DELETE,   /* DELETE /named/<name> */
	ROUTE_WARM_UP,  /* POST /warm-up: filler, before the jobs begin */
};

struct server_connection {
	struct connection http; /* first: connection.c allocates and frees the whole */
	struct worker *worker;
	unsigned route;
	uint64_t announced_bytes;  /* of a body that is not received yet: counted in the host */
	struct caller caller;      /* waits for the result of an invocation */
	struct shared_wait *waits; /* for a state that outlives jobs; NULL: it does not */
	/* Answers with states that this node gives away: until the answer is written, they name
	 * this connection in the store (giving_on). All of them are among these. */
	bool gives;
	uint32_t given_job, given_first, given_last;
	uint32_t push; /* of push_begins, until the body has come; else 0 */
};

static inline struct server_connection *server_connection(struct connection *c)
{
	return (struct server_connection *)c;
}

/* Sends an answer; NULL counts as out of memory. */
void server_send(struct server_connection *c, struct outgoing *message);
/* Answers with a status and a text (may be empty). */
void server_answer(struct server_connection *c, unsigned status, const char *text);
/* The job that a path names, and the number behind it; false if there is no such job. */
bool server_find_job(const struct server_connection *c, unsigned *job, unsigned *number);
/* The call runs: this connection waits for its result, in place of the one before. */
void server_wait_for_result(struct server_connection *c, struct invocation *running);
/* Records the request's payload. */
void server_record(struct server_connection *c, enum sfe_transfer_kind kind, uint64_t done_ns);

#endif
