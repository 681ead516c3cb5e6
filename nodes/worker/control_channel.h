/* SPDX-License-Identifier: MIT */
/* The worker's side of the control socket. Its messages are in nodes/base/control.h. */
#ifndef SFE_NODES_CONTROL_CHANNEL_H
#define SFE_NODES_CONTROL_CHANNEL_H

#include "nodes/worker/worker_state.h"

/* Each waits while the socket is full. If the orchestrator is gone, the worker ends. */
void control_send(struct worker *w, const void *message, size_t size);
void control_send_many(struct worker *w, const void *messages, size_t n, size_t size);
/* Sends as many of the first ones as there is room for, and does not wait; returns how many. */
size_t control_send_some(struct worker *w, const void *messages, size_t n, size_t size);

#endif
