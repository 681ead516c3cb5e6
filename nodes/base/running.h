/* SPDX-License-Identifier: MIT */
/*
 * What code of the user's a process of workers runs at this moment, in memory that the orchestrator
 * shares: it says what ended a worker that can say nothing any more (exit, _exit, SIGKILL). The
 * code could write anything there, so who reads it believes no length.
 */
#ifndef SFE_NODES_RUNNING_H
#define SFE_NODES_RUNNING_H

#include <stdint.h>

#define RUNNING_NAME 128u /* with the final 0; longer names are cut */

struct sfe_running_code {
	_Atomic uint32_t runs; /* 0: none */
	uint32_t job;          /* its number in the workload */
	char function[RUNNING_NAME], step[RUNNING_NAME], node[RUNNING_NAME];
};

#endif
