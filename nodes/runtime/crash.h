/* SPDX-License-Identifier: MIT */
/* A worker that dies and comes back, within its process. */
#ifndef SFE_NODES_CRASH_H
#define SFE_NODES_CRASH_H

#include "nodes/worker/worker_state.h"

/*
 * To all others it is as if its process had been killed: the kernel ends its connections, nobody
 * listens any more, and what it had in memory is gone. Only what was measured is not lost: the
 * records go to the orchestrator first. One that is down stays so.
 */
void worker_crash(struct worker *w);
/* As if a new one had been started; one that is not down stays as it is. */
void worker_restart(struct worker *w);

#endif
