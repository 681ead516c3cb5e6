/* SPDX-License-Identifier: MIT */
/*
 * Runs users' commands inside nodes, and records each in the results folder: a row of commands.csv,
 * and a file commands/… with its output.
 *
 * A command is a process group. What still runs of it when its strategy ends gets SIGINT, which
 * most tools take as the request for their summary; what then still runs gets SIGTERM (a shell's
 * background processes ignore SIGINT), and at last SIGKILL.
 */
#ifndef SFE_BESIDE_RUNNING_COMMANDS_H
#define SFE_BESIDE_RUNNING_COMMANDS_H

#include <sys/types.h>

#include "emu/net/net.h"

/* Commands begin at this uptime at the earliest: ping and others take an uptime below 1 s for "no
 * time yet". */
#define SFE_COMMANDS_UPTIME_NS 4000000000ull

/* The circumstances under which commands run. */
struct sfe_command_place {
	const struct sfe_net *net;
	int results_fd, channel;
	const char *strategy; /* NULL: after all strategies */
	uint64_t zero_ns;     /* CLOCK_MONOTONIC: time 0 of their records */
	bool *recorded;       /* whether commands.csv exists */
};

struct sfe_running_command {
	const char *text; /* "NODE: COMMAND" */
	unsigned number;  /* from 1, in the order they were given */
	pid_t pid;        /* of its process group's leader */
	pid_t reader;     /* records its output, and forwards it to the channel */
	int pidfd, reader_pidfd;
	bool ended;
	int status;   /* as waitpid gives it */
	int ended_by; /* the last signal it got from here before it ended; 0: none */
	uint64_t begin_ns, end_ns;
	char file[96]; /* of its output, in the results folder */
};

struct sfe_running {
	struct sfe_command_place place;
	struct sfe_running_command *command;
	unsigned n;
};

/* Starts the commands in their nodes. first: the number of the first. After a failure, too,
 * sfe_commands_end is needed. */
int sfe_commands_start(char *const *commands, unsigned n, unsigned first,
	const struct sfe_command_place *place, struct sfe_running *out, struct sfe_error *err);
/* Notes which commands have ended; their pidfds are readable then. */
void sfe_commands_look(struct sfe_running *running);
/*
 * Waits for all commands, or ends them, and records them. A command that failed by itself is
 * reported on the channel and is not an error.
 */
int sfe_commands_end(struct sfe_running *running, bool interrupt, struct sfe_error *err);

#endif
