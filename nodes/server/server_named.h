/* SPDX-License-Identifier: MIT */
/* Requests of functions for states by name, at their home. */
#ifndef SFE_NODES_SERVER_NAMED_H
#define SFE_NODES_SERVER_NAMED_H

#include "nodes/server/server_connection.h"

/* Of a head: 0, or -EBADMSG with a reason in `why`. */
int server_check_named(const struct server_connection *c, char *why, size_t room);
void server_do_named(struct server_connection *c, uint64_t done_ns);

#endif
