/* SPDX-License-Identifier: MIT */
/* Filler messages before the jobs begin (warm=on). */
#ifndef SFE_NODES_SERVER_WARM_UP_H
#define SFE_NODES_SERVER_WARM_UP_H

#include "nodes/server/server_connection.h"

/* Why a head is refused; NULL: it is not. */
const char *server_check_warm_up(const struct server_connection *c);
/* Answers with as many bytes as the request asks for. */
void server_warm_up(struct server_connection *c);

#endif
