/* SPDX-License-Identifier: MIT */
/*
 * Runs users' commands inside nodes, and records each in the results folder: a row of commands.csv,
 * and a file commands/… with its output.
 *
 * A command is a process group. What still runs of it when it is to end gets signals, each a while
 * after the one before. Commands of --during and --exec get SIGINT, which most tools take as the
 * request for their summary, then SIGTERM (a shell's background processes ignore SIGINT), and at
 * last SIGKILL; programs of the scenario get SIGTERM, and then SIGKILL.
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

enum sfe_command_kind { SFE_COMMAND_DURING, SFE_COMMAND_EXEC, SFE_COMMAND_PROGRAM };

struct sfe_command {
	enum sfe_command_kind kind;
	const char *text; /* "NODE: COMMAND", borrowed */
	unsigned number;  /* from 1 in its kind, in the order they were given */
	char **word;      /* what to execute, ends with NULL; NULL: /bin/sh -c COMMAND */
};

struct sfe_ending; /* a signal, and how long to wait for its effect */

struct sfe_running_command {
	struct sfe_command command;
	pid_t pid;    /* of its process group's leader */
	pid_t reader; /* records its output, and forwards it to the channel */
	int pidfd, reader_pidfd;
	bool ended;
	int status;                      /* as waitpid gives it */
	int ended_by;                    /* the last signal it got before it ended; 0: none */
	int signal;                      /* the last that it got from here; 0: none */
	const struct sfe_ending *ending; /* the next; NULL: it is not to end yet */
	uint64_t ending_ns;              /* when that is due */
	uint64_t begin_ns, end_ns;
	char file[96]; /* of its output, in the results folder */
};

struct sfe_running {
	struct sfe_command_place place;
	struct sfe_running_command *command;
	unsigned n, most;
};

/* Prepares for at most so many commands. sfe_commands_end is needed after success. */
int sfe_commands_begin(const struct sfe_command_place *place, unsigned most,
	struct sfe_running *out, struct sfe_error *err);
/* Starts a command in its node. */
int sfe_commands_start(
	struct sfe_running *running, const struct sfe_command *command, struct sfe_error *err);
/* Notes which commands have ended; their pidfds are readable then. */
void sfe_commands_look(struct sfe_running *running);
/* Begins to end a command, if it runs: sends the first signal. */
void sfe_command_end(struct sfe_running_command *c);
/* Sends what further signals are due. Returns when the next is; UINT64_MAX: none is. */
uint64_t sfe_commands_signal(struct sfe_running *running);
/*
 * Waits for all commands, or ends them, and records them. A command that failed by itself is
 * reported on the channel and is not an error.
 */
int sfe_commands_end(struct sfe_running *running, bool interrupt, struct sfe_error *err);

#endif
