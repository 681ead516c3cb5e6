/* SPDX-License-Identifier: MIT */
/* The part of the server that is about jobs: calls, returns, and questions about steps. */
#ifndef SFE_NODES_SERVER_CALLS_H
#define SFE_NODES_SERVER_CALLS_H

#include "nodes/server/server_connection.h"

void server_take_call(struct server_connection *c, uint64_t done_ns);
void server_take_return(struct server_connection *c, uint64_t done_ns);

/* The checked word that states of a step which will be called here are final. */
void server_take_prefetch(struct server_connection *c);

/* A checked head of a push has come; all of it; the connection has ended, maybe before. */
void server_push_begins(struct server_connection *c);
void server_take_push(struct server_connection *c, uint64_t done_ns);
void server_push_closed(struct server_connection *c);

/* Whether the job has reached a step on this node. */
void server_tell_step(struct server_connection *c);

/* The connection has ended: nobody waits there for a result any more. */
void server_calls_closed(struct server_connection *c);

#endif
