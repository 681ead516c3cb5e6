/* SPDX-License-Identifier: MIT */
/*
 * The process that generates and counts all traffic of a replay.
 *
 * It has two UDP sockets a flow, made in the namespaces of its two nodes and connected to each
 * other. Both have port SFE_TRAFFIC_PORT plus the flow's number. One timer is set to the packet
 * that is due next; what is due together is sent by one system call a flow. A packet's payload is a
 * number and the time when it was sent; the receiving kernel's time stamp says when it arrived. So
 * nobody needs to wake up for it: what arrived is fetched now and then.
 */
#ifndef SFE_BESIDE_TRAFFIC_PROCESS_H
#define SFE_BESIDE_TRAFFIC_PROCESS_H

#include "emu/experiment/experiment.h"

/* Messages on the control socket (SOCK_SEQPACKET). To the process: */
enum sfe_traffic_word {
	SFE_TRAFFIC_GO,    /* send as the flows say from at_ns on */
	SFE_TRAFFIC_STOP,  /* send no more */
	SFE_TRAFFIC_COUNT, /* send the counts, a message a flow, and end */
};

struct sfe_traffic_order {
	enum sfe_traffic_word word;
	uint64_t at_ns; /* CLOCK_MONOTONIC */
};

struct sfe_traffic_ready { /* from it, first */
	int code;          /* 0 or a negative errno, and why */
	char where[128], what[256];
};

_Noreturn void sfe_traffic_process(
	const struct sfe_experiment *e, const struct sfe_net *net, int control);

#endif
