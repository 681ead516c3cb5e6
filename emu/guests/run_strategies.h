/* SPDX-License-Identifier: MIT */
/*
 * Runs an experiment: each strategy in a guest of its own, some at a time, where the clock is
 * virtual; else all in one lab.
 *
 * Theory of operation. Strategies do not depend on each other, and a guest's results depend on its
 * scenario alone. So each guest builds the network anew, runs one strategy and writes into a folder
 * of its own in the results folder; the orchestrator puts these together in the order of the
 * strategies (merge.h). How many run at a time changes nothing in the results. The first strategy
 * that fails ends the run: those after it are stopped or not begun, those before it are finished,
 * so that what is left is the same whichever came first.
 *
 * All strategies share one guest where something may see more than one of them: commands of
 * --during and --exec and the scenario's programs, which write into one results folder.
 */
#ifndef SFE_GUESTS_RUN_STRATEGIES_H
#define SFE_GUESTS_RUN_STRATEGIES_H

#include "emu/run/supervise.h"

struct sfe_side_by_side {
	unsigned at_a_time; /* guests; 0: one for each core */
	uint64_t memory_mb; /* that they may use together; 0: what is available */
};

/* Why all strategies share one lab; NULL: they do not. What is said of guests at a time has no
 * effect then. */
const char *sfe_one_lab_why(const struct sfe_experiment *e,
	const struct sfe_substrate_choice *choice, const struct sfe_lab_options *lab);

/* The memory for guests that this means. */
uint64_t sfe_side_by_side_memory_mb(const struct sfe_side_by_side *side);

/* As sfe_supervise. */
int sfe_run_strategies(const struct sfe_experiment *e, const struct sfe_substrate_choice *choice,
	const struct sfe_supervise_options *options, const struct sfe_side_by_side *side,
	int results_fd, struct sfe_error *err);

#endif
