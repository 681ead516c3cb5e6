/* SPDX-License-Identifier: MIT */
/* The client of a node: starts its jobs when it is time and tells the orchestrator how they ended.
 */
#ifndef SFE_NODES_CLIENT_H
#define SFE_NODES_CLIENT_H

#include "nodes/worker/worker_state.h"

void client_go(struct worker *w, uint32_t job, uint64_t at_ns);
void client_on_start(evutil_socket_t fd, short what, void *worker); /* start_deadline */
void client_start_due(struct worker *w);

/* A result is here, from the network or from this node; takes over the package. One that nobody
 * waits for is dropped. */
void client_returned(struct worker *w, struct package *package, uint64_t end_ns);
/* A state as it is at first: real bytes, of the seed. 0 or -ENOMEM. */
int client_make_state(struct worker *w, uint32_t job, uint32_t state, struct slice *bytes);
bool client_runs(const struct worker *w, uint32_t job);
void client_done(struct worker *w, struct package *package, uint64_t end_ns, bool with_states);
/* An attempt of a job has failed; of an older one than runs now nothing is said. */
void client_failed(struct worker *w, const struct job_place *at, int code, const char *reason);
/* All its jobs that run fail; those that are to start while the node is down fail then. */
void client_crash(struct worker *w);
void client_clear(struct worker *w);

#endif
