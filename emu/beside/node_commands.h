/* SPDX-License-Identifier: MIT */
/* The commands of a user, to be run inside nodes: lines "NODE: COMMAND". */
#ifndef SFE_BESIDE_NODE_COMMANDS_H
#define SFE_BESIDE_NODE_COMMANDS_H

#include "emu/experiment/experiment.h"
#include "emu/net/net.h"

#define SFE_NOT_EXECUTABLE 126 /* a shell's exit statuses */
#define SFE_NOT_FOUND 127

struct sfe_lab_commands {
	const char **during; /* run once under each strategy, from its time 0 */
	const char **after;  /* run one after the other, after the jobs */
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

/*
 * In a new process: enters the node as the leader of a process group that dies with its parent,
 * without input, with its output to out, and without other descriptors. If the node cannot be
 * entered, it says so there and exits.
 */
void sfe_command_enter(const struct sfe_net *net, uint32_t host, int out);

#endif
