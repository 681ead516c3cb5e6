/* SPDX-License-Identifier: MIT */
/* The worker processes of an experiment: one a node, each in its node's namespace. */
#ifndef SFE_RUN_WORKERS_H
#define SFE_RUN_WORKERS_H

#include <sys/types.h>

#include "emu/run/experiment.h"

struct sfe_worker {
	pid_t pid;
	int control; /* our end of the SOCK_SEQPACKET pair */
};

struct sfe_workers {
	uint32_t n; /* one for each node of the topology, by its index */
	struct sfe_worker *worker;
};

/* Forks the workers and waits until all listen. deployment must stay as it is while they run. */
int sfe_workers_start(const struct sfe_net *net, const struct sfe_deployment *deployment,
	struct sfe_workers *workers, struct sfe_error *err);
/* Kills those that are still there and reaps all. */
void sfe_workers_end(struct sfe_workers *workers);

/* Reads one message; 0 at the end of the stream, else its size. A worker's error message becomes
 * err. */
int sfe_workers_receive(const struct sfe_workers *workers, const struct sfe_deployment *deployment,
	uint32_t node, void *message, size_t size, struct sfe_error *err);

#endif
