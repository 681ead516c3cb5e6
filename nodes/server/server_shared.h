/* SPDX-License-Identifier: MIT */
/* What a node answers about states that outlive jobs, and whose home it is. */
#ifndef SFE_NODES_SERVER_SHARED_H
#define SFE_NODES_SERVER_SHARED_H

#include "nodes/server/server_connection.h"

/* Why a request cannot be of a worker of this experiment; NULL: it can be. */
const char *server_check_shared(const struct server_connection *c);
void server_give_shared(struct server_connection *c);
void server_take_change(struct server_connection *c, uint64_t done_ns);
/* Of copies of such states, on a replica. */
void server_give_copied(struct server_connection *c);
void server_take_copied(struct server_connection *c, uint64_t done_ns);
/* The connection is over: it waits for nothing any more. */
void server_shared_closed(struct server_connection *c);

#endif
