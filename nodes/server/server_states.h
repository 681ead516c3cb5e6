/* SPDX-License-Identifier: MIT */
/* The part of the server that is about states: gives them to steps, and stores those that are to be
 * kept here. */
#ifndef SFE_NODES_SERVER_STATES_H
#define SFE_NODES_SERVER_STATES_H

#include "nodes/server/server_connection.h"

/* Whether the state that a request announces can be kept here: NULL, or why not. */
const char *server_check_state(const struct server_connection *c);
void server_give_state(struct server_connection *c);
/* The job that the path of a request for several states names; UINT32_MAX: it names none. */
uint32_t server_job_of_states(const struct server_connection *c);
/* Gives all states that a checked request names, or none; ahead of the call: copies of them; those
 * of a claim without their bytes. */
void server_give_states(struct server_connection *c);
void server_give_copy(struct server_connection *c);
void server_take_state(struct server_connection *c, uint64_t done_ns);

/* All of the answer is written: states that it gave away are the other node's. */
void server_states_written(struct server_connection *c);
/* The connection has ended: states that were being given away stay here. */
void server_states_closed(struct server_connection *c);

#endif
