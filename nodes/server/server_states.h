/* SPDX-License-Identifier: MIT */
/* The part of the server that is about states: gives them to steps, and stores those that are to be
 * kept here. */
#ifndef SFE_NODES_SERVER_STATES_H
#define SFE_NODES_SERVER_STATES_H

#include "nodes/server/server_connection.h"

/* Whether the state that a request announces can be kept here: NULL, or why not. */
const char *server_check_state(const struct server_connection *c);
void server_give_state(struct server_connection *c);
void server_give_copy(struct server_connection *c);
void server_take_state(struct server_connection *c, uint64_t done_ns);

/* All of the answer is written: a state that it gave away is the other node's. */
void server_states_written(struct server_connection *c);
/* The connection has ended: a state that was being given away stays here. */
void server_states_closed(struct server_connection *c);

#endif
