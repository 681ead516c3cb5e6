/* SPDX-License-Identifier: MIT */
/*
 * The function runtime of a node: serves invocations and state fetches over HTTP/1.1, runs
 * functions under a modelled compute time, and starts the jobs whose client it is.
 */
#ifndef SFE_NODES_WORKER_H
#define SFE_NODES_WORKER_H

#include <stdbool.h>

#include "nodes/base/control.h"

/*
 * Runs the worker of `node` until SFE_CTL_STOP or until control_fd is closed by the other side. The
 * process is in the node's network namespace already. Does not return before it is over; 0 or a
 * negative errno. deployment must outlive the call; control_fd is borrowed.
 */
int sfe_worker_run(const struct sfe_deployment *deployment, uint32_t node, int control_fd,
	struct sfe_error *err);

/* Where workers that share a process are. */
struct sfe_worker_place {
	/* Puts the process in the node's network namespace: a socket belongs to the one in which it
	 * is made. NULL: it is there. */
	int (*enter)(void *context, uint32_t node, struct sfe_error *err);
	void *context;
	bool ring; /* wait with io_uring if this kernel has it (see loop.h) */
};

struct sfe_worker_seat {
	uint32_t node;
	int control_fd;
};

/*
 * Runs the workers of n nodes in this process until all of them have ended, each as sfe_worker_run
 * does. Where system calls and processes are dear, this is cheaper than a process each; a function
 * that crashes takes all of them along. 0, or why the first of them failed.
 */
int sfe_workers_run(const struct sfe_deployment *deployment, const struct sfe_worker_seat *seats,
	uint32_t n, const struct sfe_worker_place *place, struct sfe_error *err);

#endif
