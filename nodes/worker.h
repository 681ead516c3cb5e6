/* SPDX-License-Identifier: MIT */
/*
 * The function runtime of a node: serves invocations and state fetches over HTTP/1.1, runs
 * functions under a modelled compute time, and starts the jobs whose client it is.
 */
#ifndef SFE_NODES_WORKER_H
#define SFE_NODES_WORKER_H

#include "nodes/control.h"

/*
 * Runs the worker of `node` until SFE_CTL_STOP or until control_fd is closed by the other side. The
 * process is in the node's network namespace already. Does not return before it is over; 0 or a
 * negative errno. deployment must outlive the call; control_fd is borrowed.
 */
int sfe_worker_run(const struct sfe_deployment *deployment, uint32_t node, int control_fd,
	struct sfe_error *err);

#endif
