/* SPDX-License-Identifier: MIT */
/* The life of one worker: it starts, follows the orchestrator's commands, and ends. */
#ifndef SFE_NODES_WORKER_LIFE_H
#define SFE_NODES_WORKER_LIFE_H

#include "nodes/worker/worker_state.h"

/* Opens all parts of the worker and reports READY, unless code says why the process cannot; a
 * failure is in w->code, and w->over is set. *w must stay where it is. */
void worker_start(struct worker *w, struct host *host, const struct sfe_deployment *deployment,
	uint32_t node, int control_fd, int code, struct sfe_error *err);
/* Reports why the worker is over, unless it was told to stop, and frees all of it: w->code. */
int worker_finish(struct worker *w);

#endif
