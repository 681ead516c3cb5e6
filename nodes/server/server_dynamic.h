/* SPDX-License-Identifier: MIT */
/* The part of the server that is about functions which other functions call. */
#ifndef SFE_NODES_SERVER_DYNAMIC_H
#define SFE_NODES_SERVER_DYNAMIC_H

#include "nodes/server/server_connection.h"

/* Runs the function, whose end is the answer; or answers a repeated call as the first one. */
void server_take_dynamic(struct server_connection *c, uint64_t done_ns);

#endif
