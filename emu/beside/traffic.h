/* SPDX-License-Identifier: MIT */
/* The traffic of a replay, in a process of its own (traffic_process.h). */
#ifndef SFE_BESIDE_TRAFFIC_H
#define SFE_BESIDE_TRAFFIC_H

#include <sys/types.h>

#include "emu/measure/replay_record.h"

struct sfe_traffic_run {
	pid_t pid;   /* 0: there is no traffic */
	int control; /* readable if the process has ended; -1: no traffic */
	uint32_t n_flows;
};

/* Starts the process if the experiment has flows, and waits until its sockets are there.
 * sfe_traffic_end is needed in any case. */
int sfe_traffic_start(const struct sfe_experiment *e, const struct sfe_net *net,
	struct sfe_traffic_run *out, struct sfe_error *err);
/* Lets the flows begin: their time 0 is start_ns of CLOCK_MONOTONIC. */
int sfe_traffic_go(struct sfe_traffic_run *t, uint64_t start_ns, struct sfe_error *err);
/* No more packets are sent; those on their way arrive and count. */
int sfe_traffic_stop(struct sfe_traffic_run *t, struct sfe_error *err);
/* The counts by flow, the caller's; NULL: no traffic. */
int sfe_traffic_count(
	struct sfe_traffic_run *t, struct sfe_flow_count **out, struct sfe_error *err);
void sfe_traffic_end(struct sfe_traffic_run *t);

#endif
