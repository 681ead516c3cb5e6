/* SPDX-License-Identifier: MIT */
/* The reports collected so far, shared by collector.c and collector_check.c. */
#ifndef SFE_MEASURE_COLLECTOR_STATE_H
#define SFE_MEASURE_COLLECTOR_STATE_H

#include "emu/measure/replay_record.h"

struct sfe_restart { /* of a crashed worker */
	uint32_t node;
	uint64_t ns; /* CLOCK_MONOTONIC, before the worker was told */
};

struct sfe_collector {
	const struct sfe_deployment *deployment;
	struct sfe_replay *out; /* its jobs are allocated */
	struct sfe_ctl_state *states;
	struct sfe_restart *restarts;
	uint32_t n_states, n_restarts;
	uint32_t room_invocations, room_transfers, room_attempts, room_states, room_restarts,
		room_kept, room_shared, room_created, room_call_runs, room_errors;
};

#endif
