/* SPDX-License-Identifier: MIT */
/* The HTTP server of a node: calls, returns and states of other nodes, and a page for people. */
#ifndef SFE_NODES_SERVER_H
#define SFE_NODES_SERVER_H

#include "nodes/worker/worker_state.h"

/* Listens on SFE_PORT of the node's address: 0 or a negative errno. */
int server_open(struct worker *w, struct sfe_error *err);
void server_close(struct worker *w);

#endif
