/* SPDX-License-Identifier: MIT */
/* The commands of a user, to be run inside nodes: lines "NODE: COMMAND". */
#ifndef SFE_RUN_NODE_COMMANDS_H
#define SFE_RUN_NODE_COMMANDS_H

#include "emu/experiment/experiment.h"

struct sfe_lab_commands {
	char **during; /* run once under each strategy, from its time 0 */
	char **after;  /* run one after the other, after the jobs */
	unsigned n_during, n_after;
};

/* Splits "NODE: COMMAND". Returns the command; NULL: no node. */
const char *sfe_command_split(const char *text, char *node, size_t size);

/* Writes the commands to files in the results folder, from which a guest reads them and which
 * document the run. */
int sfe_commands_write(const struct sfe_lab_commands *c, int results_fd, struct sfe_error *err);
int sfe_commands_read(struct sfe_lab_commands *c, int results_fd, struct sfe_error *err);

/* Checks that each command names a node (or junction) of the plan. */
int sfe_commands_check(
	const struct sfe_lab_commands *c, const struct sfe_plan *plan, struct sfe_error *err);

#endif
