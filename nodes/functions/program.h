/* SPDX-License-Identifier: MIT */
/*
 * A function that is a program: one process an invocation, in a folder in memory that has the
 * states as files. Nothing here waits: the caller watches the descriptor.
 *
 * Below the scratch folder: functions/NAME/ has the files of the scenario's function, and
 * run-JOB-STEP/ has `states` (the working folder), `tmp`, and the files in, out and err.
 */
#ifndef SFE_NODES_PROGRAM_H
#define SFE_NODES_PROGRAM_H

#include <stdbool.h>
#include <sys/types.h>

#include "nodes/base/changes.h"
#include "nodes/base/deployment.h"
#include "sfemu/function.h"

#define PROGRAM_REASON 160

struct program_state {
	const char *name;
	struct slice *bytes; /* the caller's; replaced by what the program leaves */
	enum sfe_state_access access;
	struct changes changes; /* what it changed of what it updates, beside what is there */
};

struct program_order {
	const char *scratch;
	const struct sfe_deployed_function *function;
	const char *node, *step;
	uint32_t job, step_number;
	uint64_t time_ns, seed;
	struct slice *argument;
	uint32_t n_states;
	struct program_state *states;
};

struct program {
	int ended_fd; /* readable when the process has ended */
	int folder;   /* of this run */
	pid_t pid;
	char path[128];
	bool timed_out;
};

/* Writes the function's files below the scratch folder. */
int program_install(
	const char *scratch, const struct sfe_deployed_function *f, struct sfe_error *err);

/* Starts it. 0, or a negative errno with the reason. */
int program_start(
	struct program *p, const struct program_order *order, char reason[PROGRAM_REASON]);
/* Ends the process, and all that it started. */
void program_kill(struct program *p);
/* After it has ended: takes its output and its states. 0, or a negative errno with the reason. */
int program_take(struct program *p, const struct program_order *order, struct buffer_pool *pool,
	struct slice *output, char reason[PROGRAM_REASON]);
/* Then also: the last bytes that it wrote to standard error, at most size: how many. */
size_t program_stderr(const struct program *p, char *text, size_t size, uint64_t *written_bytes);
/* Removes what is left of it. */
void program_close(struct program *p);

#endif
