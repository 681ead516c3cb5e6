/* SPDX-License-Identifier: MIT */
/* The jobs of an experiment, run under one strategy. */
#ifndef SFE_RUN_REPLAY_H
#define SFE_RUN_REPLAY_H

#include "emu/measure/record.h"

struct sfe_live;

/*
 * Starts workers, replays all jobs, stops the workers. Jobs that fail or time out are results; a
 * worker that dies is an error, and what no strategy may do (what was measured until then is kept
 * in *out). The caller frees *out in any case. live: who asks meanwhile; channel: for progress.
 */
int sfe_replay_run(const struct sfe_experiment *e, struct sfe_net *net,
	const struct sfe_strategy_info *strategy, bool real_clock, struct sfe_live *live,
	int channel, struct sfe_replay *out, struct sfe_error *err);

#endif
