/* SPDX-License-Identifier: MIT */
/*
 * The lab: the process that holds the network and runs the experiment, natively the first of a PID
 * namespace, in a guest its init. Everything that it makes dies with it.
 */
#ifndef SFE_RUN_LAB_H
#define SFE_RUN_LAB_H

#include "emu/run/commands.h"
#include "emu/verify/verify.h"

struct sfe_lab_options {
	struct sfe_lab_commands commands;
	bool hold; /* keep the network up after the jobs until killed */
	bool real_clock;
	const char *results_path; /* as the lab sees the folder */
	bool verifies;            /* measure the links instead of running the jobs */
	struct sfe_verify_options verify;
	bool announce_nodes; /* say where each node's namespace is, for `sfemu exec` */
	int requests;        /* where they come from, and answers go (live.h); -1: there are none */
};

/* Runs all; says how it goes on the channel, its last line is "end CODE". Returns that code. */
int sfe_lab_run(const struct sfe_experiment *e, const struct sfe_lab_options *options,
	int results_fd, int channel);

/* In a guest: reads the scenario and the commands from the results folder that is mounted there,
 * and runs them. */
_Noreturn void sfe_lab_guest(bool real_clock, bool hold);

#endif
