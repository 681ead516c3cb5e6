/* SPDX-License-Identifier: MIT */
/* One strategy of a run in a guest of its own, and the process that looks after it. */
#ifndef SFE_GUESTS_STRATEGY_RUN_H
#define SFE_GUESTS_STRATEGY_RUN_H

#include "emu/run/supervise.h"

struct sfe_strategy_run {
	const char *name;
	int part;   /* the guest's results folder; -1: not started */
	int report; /* lines from the process; -1: not started */
	struct lines lines;
	uint32_t done, all; /* jobs */
	bool ended;         /* it has said how the run ended */
	int code;
	char error[1100];
	struct sfe_run_figures figures;
};

/* What the process inherits and must not keep: others look for the run by these. */
struct sfe_strategy_shared {
	const struct sfe_experiment *e;
	const struct sfe_substrate_choice *choice;
	const struct sfe_supervise_options *options;
	int control, door, signals;
};

/* Starts the process, on a core if cpu is not negative; it ends with the caller. number: from 1. */
int sfe_strategy_start(struct sfe_strategy_run *run, const struct sfe_strategy_shared *shared,
	uint32_t number, int cpu, pid_t *pid, struct sfe_error *err);

/* Something that the process says: "stage" or "note". */
typedef void sfe_strategy_said(
	void *arg, const struct sfe_strategy_run *run, const char *word, const char *text);
/* Reads what there is without waiting. Returns whether the number of jobs that are done changed. */
bool sfe_strategy_read(struct sfe_strategy_run *run, sfe_strategy_said *said, void *arg);
/* How the run has ended, after its process ended with that status: 0 or a negative errno, with the
 * reason in run->error. */
int sfe_strategy_ended(struct sfe_strategy_run *run, int status);

#endif
