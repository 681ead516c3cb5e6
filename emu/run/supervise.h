/* SPDX-License-Identifier: MIT */
/*
 * The orchestrator: starts a lab on a substrate, shows how far it is, serves `exec` and `down`, and
 * makes sure that nothing stays behind.
 */
#ifndef SFE_RUN_SUPERVISE_H
#define SFE_RUN_SUPERVISE_H

#include "emu/run/supervisor.h"

/*
 * Runs the experiment to its end. 0; -EINTR if a signal ended it; else why it failed, as the lab
 * said it. The manifest in the results folder tells the same.
 */
int sfe_supervise(const struct sfe_experiment *e, const struct sfe_substrate_choice *choice,
	const struct sfe_supervise_options *options, int results_fd, struct sfe_error *err);

#endif
