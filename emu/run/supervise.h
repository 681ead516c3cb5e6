/* SPDX-License-Identifier: MIT */
/*
 * The orchestrator: starts a lab on a substrate, shows its progress, serves `exec` and `down`, and
 * ensures that nothing is left behind.
 */
#ifndef SFE_RUN_SUPERVISE_H
#define SFE_RUN_SUPERVISE_H

#include "emu/run/run_record.h"
#include "emu/run/supervisor.h"

/*
 * Runs the experiment to its end. 0; -EINTR after a signal; else the lab's error. The manifest in
 * the results folder has the same outcome.
 */
int sfe_supervise(const struct sfe_experiment *e, const struct sfe_substrate_choice *choice,
	const struct sfe_supervise_options *options, int results_fd, struct sfe_error *err);

/* The same without the manifest. */
int sfe_supervise_lab(const struct sfe_experiment *e, const struct sfe_substrate_choice *choice,
	const struct sfe_supervise_options *options, int results_fd,
	struct sfe_run_figures *figures, struct sfe_error *err);

/* Accepts one request at the control socket, and answers it or passes it on. */
void sfe_supervisor_serve(struct supervisor *s);

#endif
