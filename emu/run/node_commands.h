/* SPDX-License-Identifier: MIT */
/* Runs users' commands inside nodes. */
#ifndef SFE_RUN_NODE_COMMANDS_H
#define SFE_RUN_NODE_COMMANDS_H

#include <sys/types.h>

#include "emu/experiment/experiment.h"

/* The commands of a user: lines "NODE: COMMAND". */
struct sfe_lab_commands {
	char **during; /* started before the first strategy, interrupted (SIGINT) after the last */
	char **after;  /* run one after the other, after the jobs */
	unsigned n_during, n_after;
};

struct sfe_running {
	pid_t *pid;
	pid_t *reader; /* forwards a command's output to the channel */
	unsigned n;
};

/* Starts the commands in their nodes; their output goes to the channel, line by line. */
int sfe_commands_start(char *const *commands, unsigned n, const struct sfe_net *net, int channel,
	struct sfe_running *out, struct sfe_error *err);
/* Waits for all commands, after an interrupt if requested. A failed command is reported on the
 * channel and is not an error. */
void sfe_commands_end(
	struct sfe_running *running, bool interrupt, char *const *commands, int channel);

/* Writes the commands to files in the results folder, from which a guest reads them and which
 * document the run. */
int sfe_commands_write(const struct sfe_lab_commands *c, int results_fd, struct sfe_error *err);
int sfe_commands_read(struct sfe_lab_commands *c, int results_fd, struct sfe_error *err);

/* Checks that each command names a node (or junction) of the plan. */
int sfe_commands_check(
	const struct sfe_lab_commands *c, const struct sfe_plan *plan, struct sfe_error *err);

#endif
