/* SPDX-License-Identifier: MIT */
/*
 * The orchestrator: starts a lab on a substrate, shows how far it is, serves `exec` and `down`, and
 * makes sure that nothing stays behind.
 */
#ifndef SFE_RUN_SUPERVISE_H
#define SFE_RUN_SUPERVISE_H

#include "emu/run/lab.h"

struct sfe_supervise_options {
	struct sfe_lab_options lab; /* real_clock is set here */
	bool quiet;
	bool unconfined;        /* of a guest: emu/vm/guest.h */
	uint64_t results_bytes; /* that a guest may write; 0: results_limit.h's default */
	const char *program;    /* path of this program, the guest's init */
	unsigned watchdog_s; /* how long a guest may get nowhere, in wall time; 0: see watchdog.h */
};

struct sfe_substrate_choice {
	enum sfe_substrate substrate; /* native or vm */
	enum sfe_clock clock;         /* real or virtual */
	char kernel[512];             /* the guest's */
	char note[256];               /* why not the first choice; empty if it is */
};

/* What `substrate` and `clock` of the scenario become on this machine; an error says what is
 * missing. */
int sfe_substrate_choose(
	const struct sfe_scenario *s, struct sfe_substrate_choice *out, struct sfe_error *err);

/*
 * Runs the experiment to its end. 0; -EINTR if a signal ended it; else why it failed, as the lab
 * said it. The manifest in the results folder tells the same.
 */
int sfe_supervise(const struct sfe_experiment *e, const struct sfe_substrate_choice *choice,
	const struct sfe_supervise_options *options, int results_fd, struct sfe_error *err);

#endif
