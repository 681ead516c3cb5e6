/* SPDX-License-Identifier: MIT */
/*
 * Runs workers. The worker of a node serves invocations and states over HTTP/1.1, runs functions
 * under a modelled compute time, and starts the jobs whose client the node is.
 */
#ifndef SFE_NODES_WORKER_H
#define SFE_NODES_WORKER_H

#include <stdbool.h>

#include "nodes/base/deployment.h"
#include "sfemu/error.h"

/*
 * Runs the worker of `node` until SFE_CTL_STOP, or until the other side closes control_fd. The
 * process must be in the node's network namespace. Returns when the worker has ended: 0 or a
 * negative errno. deployment must outlive the call; control_fd is borrowed.
 */
int sfe_worker_run(const struct sfe_deployment *deployment, uint32_t node, int control_fd,
	struct sfe_error *err);

/* The surroundings of workers that share a process. */
struct sfe_worker_place {
	/* Moves the process to the node's network namespace, in which sockets are then made. NULL:
	 * all nodes are in the process's namespace. */
	int (*enter)(void *context, uint32_t node, struct sfe_error *err);
	void *context;
	bool ring;         /* wait with io_uring if this kernel has it (see loop.h) */
	bool clock_stands; /* while a process computes: records are sent early, which takes no time,
			    * and with a ring the clock is read once a turn (clock.h) */
};

struct sfe_worker_seat {
	uint32_t node;
	int control_fd;
};

/*
 * Runs the workers of n nodes in this process until all have ended, each as sfe_worker_run does.
 * Where system calls and processes are expensive, this is cheaper than a process each. A function
 * that crashes takes all of them with it. 0, or why the first of them failed.
 */
int sfe_workers_run(const struct sfe_deployment *deployment, const struct sfe_worker_seat *seats,
	uint32_t n, const struct sfe_worker_place *place, struct sfe_error *err);

#endif
