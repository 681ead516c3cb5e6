/* SPDX-License-Identifier: MIT */
/* The part of the server that is about states: gives them to steps, and takes those to be kept. */
#ifndef SFE_NODES_SERVER_STATES_H
#define SFE_NODES_SERVER_STATES_H

#include "nodes/http/connection.h"

enum server_route {
	ROUTE_ROOT,
	ROUTE_INVOKE,
	ROUTE_RETURN,
	ROUTE_STATE,   /* GET /state/<job>/<state> */
	ROUTE_STORE,   /* PUT */
	ROUTE_REPLICA, /* GET /replica/<job>/<state> */
	ROUTE_COPY,    /* PUT */
	ROUTE_STEP,
};

/* Of server.c, for both: */
void server_answer(struct connection *c, struct outgoing *message);
/* The job that a path names, and the number behind it; false if there is no such job. */
bool server_find_job(const struct connection *c, unsigned *job, unsigned *number);
void server_record(struct connection *c, enum sfe_transfer_kind kind, uint64_t done_ns);

/* Whether a state that comes can be kept here: NULL, or why not. */
const char *server_check_state(const struct connection *c);
void server_give_state(struct connection *c);
void server_give_copy(struct connection *c);
void server_take_state(struct connection *c, uint64_t done_ns);
/* The answer is written, all of it: a state that it handed over is the other's. */
void server_handed_over(struct connection *c);

#endif
