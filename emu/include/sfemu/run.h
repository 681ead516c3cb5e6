/* SPDX-License-Identifier: MIT */
/*
 * An experiment from a program: a topology and tasks from calls, the rest as a scenario has it.
 * scenarios/two_sites.c is an example.
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
 * First of all in main. A guest starts the program that runs an experiment again, as its first
 * process: there this does the guest's work and does not return.
 */
void sfe_begin(int argc, char **argv);

struct sfe_run_options {
	const char
		*name; /* of the experiment: letters, digits, _ . -; begins its results folder's */
	const char *const *sets; /* "key=value", keys as in docs/scenario.md */
	uint32_t n_sets;
	bool quiet; /* no progress on stderr */
};

struct sfe_run_result {
	char *folder; /* the results folder, see docs/results.md */
	uint32_t n;   /* strategies, in the order that they ran */
	struct sfe_summary *strategies;
};

/*
 * Builds the network, replays the tasks (text of a batch_task.csv) under each strategy and takes
 * all down. Blocks; SIGINT, SIGTERM and SIGHUP end it (-EINTR). -EINVAL: the input, before anything
 * was built. *out is the caller's; its folder is there whenever one was made, also after an error.
 */
int sfe_run(const struct sfe_topology *topology, const char *tasks,
	const struct sfe_run_options *options, struct sfe_run_result *out, struct sfe_error *err);
void sfe_run_result_free(struct sfe_run_result *result);

/* What `sfemu run` prints at its end: the comparison, and the closed form beside it. */
void sfe_run_print(const struct sfe_run_result *result, FILE *out);

#ifdef __cplusplus
}
#endif

#endif
