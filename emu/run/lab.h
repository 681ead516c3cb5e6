/* SPDX-License-Identifier: MIT */
/*
 * The lab: the process that holds the network and runs the experiment. Natively it is the first
 * process of a PID namespace, in a guest its init. Everything it creates ends with it.
 */
#ifndef SFE_RUN_LAB_H
#define SFE_RUN_LAB_H

#include "emu/beside/node_commands.h"
#include "emu/verify/verify.h"

struct sfe_lab_options {
	struct sfe_lab_commands commands;
	bool hold; /* keep the network after the jobs until killed */
	bool real_clock;
	bool machine_ends;        /* with the lab: it leaves the network to that */
	uint32_t one_strategy;    /* run this one only, numbered from 1; 0: run all */
	const char *results_path; /* the folder's path inside the lab */
	bool verifies;            /* measure the links instead of running jobs */
	struct sfe_verify_options verify;
	bool announce_nodes; /* report each node's namespace, for `sfemu exec` */
	int requests;        /* socket of requests and answers (live_changes.h); -1: none */
};

/* Runs everything and reports on the channel; the last line is "end CODE". Returns that code. */
int sfe_lab_run(const struct sfe_experiment *e, const struct sfe_lab_options *options,
	int results_fd, int channel);

/* In a guest: runs the scenario and the commands from the mounted results folder. */
_Noreturn void sfe_lab_guest(bool real_clock, bool hold);

#endif
