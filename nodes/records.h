/* SPDX-License-Identifier: MIT */
/* What a worker remembers for the orchestrator, and the control socket. */
#ifndef SFE_NODES_RECORDS_H
#define SFE_NODES_RECORDS_H

#include "nodes/worker_state.h"

void records_invocation(const struct invocation *inv);
void records_transfer(struct worker *w, const struct sfe_ctl_transfer *transfer);
/* Sends all of it, then the states that this node holds, then BYE. */
void records_send(struct worker *w);
void records_clear(struct records *records);

/* One message; waits while the socket is full. Ends the loop if nobody is there. */
void control_send(struct worker *w, const void *message, size_t size);

#endif
