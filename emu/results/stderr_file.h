/* SPDX-License-Identifier: MIT */
/*
 * What programs that are functions wrote to standard error: stderr.STRATEGY.txt in a results
 * folder, if they wrote any.
 */
#ifndef SFE_RESULTS_STDERR_FILE_H
#define SFE_RESULTS_STDERR_FILE_H

#include "emu/measure/replay_record.h"

/* By job, step and attempt; r->errors is put in that order. */
int sfe_stderr_write(
	int dir, const struct sfe_experiment *e, struct sfe_replay *r, struct sfe_error *err);

#endif
