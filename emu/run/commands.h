/* SPDX-License-Identifier: MIT */
/* Users' commands inside nodes. */
#ifndef SFE_RUN_COMMANDS_H
#define SFE_RUN_COMMANDS_H

#include <sys/types.h>

#include "emu/experiment/experiment.h"

/* What a user wants run inside nodes; lines "NODE: COMMAND". */
struct sfe_lab_commands {
	char **during; /* started before the first strategy, interrupted (SIGINT) after the last */
	char **after;  /* one after the other, after the jobs */
	unsigned n_during, n_after;
};

struct sfe_running {
	pid_t *pid;
	pid_t *reader; /* passes what the command prints on to the channel */
	unsigned n;
};

/* Starts the commands in their nodes; their output goes to the channel line by line. */
int sfe_commands_start(char *const *commands, unsigned n, const struct sfe_net *net, int channel,
	struct sfe_running *out, struct sfe_error *err);
/* Waits for all, after an interrupt if so asked. A command that fails is said on the channel, and
 * is no error. */
void sfe_commands_end(
	struct sfe_running *running, bool interrupt, char *const *commands, int channel);

/* The commands travel to a guest as files of the results folder, where they also belong to the
 * record. */
int sfe_commands_write(const struct sfe_lab_commands *c, int results_fd, struct sfe_error *err);
int sfe_commands_read(struct sfe_lab_commands *c, int results_fd, struct sfe_error *err);

/* Checks that each command names a node (or junction) of the plan. */
int sfe_commands_check(
	const struct sfe_lab_commands *c, const struct sfe_plan *plan, struct sfe_error *err);

#endif
