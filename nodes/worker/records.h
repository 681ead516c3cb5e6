/* SPDX-License-Identifier: MIT */
/* What a worker remembers for the orchestrator, and the control socket. */
#ifndef SFE_NODES_RECORDS_H
#define SFE_NODES_RECORDS_H

#include "nodes/worker/worker_state.h"

struct exchange;

void records_invocation(const struct invocation *inv);
/* An attempt that failed. */
void records_attempt(const struct exchange *e, int code, bool last);
void records_transfer(struct worker *w, const struct sfe_ctl_transfer *transfer);
/* Sends all of it, then the states that this node holds (condition HELD, or LOST as it crashes),
 * and forgets the records. */
void records_send(struct worker *w, enum sfe_state_condition condition);
void records_clear(struct records *records);

/* One message; waits while the socket is full. Ends the loop if nobody is there. */
void control_send(struct worker *w, const void *message, size_t size);

#endif
