/* SPDX-License-Identifier: MIT */
/*
 * Runs an experiment from a program: topology and tasks come from calls, the rest from scenario
 * keys. Example: scenarios/two_sites.c.
 */
#ifndef SFEMU_RUN_H
#define SFEMU_RUN_H

#include <stdbool.h>
#include <stdio.h>

#include "sfemu/summary.h"
#include "sfemu/topology.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Call this first in main. A guest starts the same program as its first process; there this
 * function does the guest's work and does not return.
 */
void sfe_begin(int argc, char **argv);

struct sfe_run_options {
	const char *name; /* of the experiment and its results folder: letters, digits, _ . - */
	const char *const *sets; /* "key=value", keys as in docs/scenario.md */
	uint32_t n_sets;
	bool quiet; /* no progress on stderr */
};

struct sfe_run_result {
	char *folder; /* results folder, see docs/results.md */
	uint32_t n;   /* strategies, in the order they ran */
	struct sfe_summary *strategies;
	/* Which functions the closed form does not know, and what it takes for them; NULL: none. */
	char *unpredicted;
};

/*
 * Builds the network, replays the tasks (the text of a batch_task.csv) under each strategy, and
 * takes the network down. Blocks; SIGINT, SIGTERM and SIGHUP end it (-EINTR). -EINVAL: bad input,
 * before anything was built. *out is the caller's; its folder is set once it exists, also after an
 * error.
 */
int sfe_run(const struct sfe_topology *topology, const char *tasks,
	const struct sfe_run_options *options, struct sfe_run_result *out, struct sfe_error *err);
void sfe_run_result_free(struct sfe_run_result *result);

/* Prints what `sfemu run` prints at its end: the comparison, and the closed form beside it. */
void sfe_run_print(const struct sfe_run_result *result, FILE *out);

#ifdef __cplusplus
}
#endif

#endif
