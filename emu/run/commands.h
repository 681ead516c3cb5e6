/* SPDX-License-Identifier: MIT */
/* Users' commands inside nodes. */
#ifndef SFE_RUN_COMMANDS_H
#define SFE_RUN_COMMANDS_H

#include <sys/types.h>

#include "emu/run/lab.h"

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

#endif
