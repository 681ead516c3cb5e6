/* SPDX-License-Identifier: MIT */
/* The crash and the restart of a worker within its process. */
#ifndef SFE_NODES_CRASH_H
#define SFE_NODES_CRASH_H

#include "nodes/worker/worker_state.h"

/*
 * To all other nodes it looks as if the process had been killed: the kernel ends the connections,
 * nobody listens, and all memory is lost. Only the records survive: they are sent to the
 * orchestrator first. No effect on a worker that is down.
 */
void worker_crash(struct worker *w);
/* As if a new worker had been started. No effect on a worker that is up. */
void worker_restart(struct worker *w);

#endif
