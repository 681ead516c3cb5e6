/* SPDX-License-Identifier: MIT */
/* Replays an experiment's jobs under one strategy. */
#ifndef SFE_RUN_REPLAY_H
#define SFE_RUN_REPLAY_H

#include "emu/measure/replay_record.h"

struct sfe_live;
struct sfe_lab_commands;

struct sfe_replay_options {
	bool real_clock;
	struct sfe_live *live;                   /* for requests meanwhile */
	const struct sfe_lab_commands *commands; /* those of --during run from time 0 */
	int results_fd, channel;                 /* for the commands' records; for progress */
	const struct sfe_keep *keep;             /* NULL: bytes of states are not kept */
	bool *recorded;                          /* running_commands.h */
	const uint32_t *followed; /* under `Oracle`: by job, a strategy of the scenario */
};

/*
 * Starts workers, replays all jobs, stops the workers. Failed and timed-out jobs are results. A
 * dead worker and a violated invariant are errors; measurements so far are kept in *out. The caller
 * frees *out in every case.
 */
int sfe_replay_run(const struct sfe_experiment *e, struct sfe_net *net,
	const struct sfe_strategy_info *strategy, const struct sfe_replay_options *options,
	struct sfe_replay *out, struct sfe_error *err);

#endif
