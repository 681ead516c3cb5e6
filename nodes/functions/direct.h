/* SPDX-License-Identifier: MIT */
/* A function called directly: without workers, network and modelled time. What it calls in turn
 * runs at once, in the same process; a cast too. */
#ifndef SFE_NODES_DIRECT_H
#define SFE_NODES_DIRECT_H

#include "nodes/functions/direct_names.h"
#include "nodes/functions/function_call.h"
#include "nodes/functions/program.h"

struct direct_call {
	/* Plugins are loaded from the paths of the specification, so that a debugger finds their
	 * source. */
	const struct sfe_deployed_function *function;
	/* For programs: a template of mkdtemp, which becomes the folder that the first of them
	 * makes. The caller removes it. */
	char *scratch;
	const char *step, *node;
	uint32_t job, step_number;
	uint64_t seed;
	struct buffer_pool *buffers;
	struct slice argument;
	uint32_t n_states;
	struct program_state *states; /* the slices are the caller's, and changed */
	/* Those that C code may call. */
	uint32_t n_functions;
	const struct sfe_deployed_function *functions;
	uint64_t path;              /* of such a call, else 0 */
	struct direct_names *names; /* states that C code may use by name */
};

/* 0 and the caller's output, or a negative errno. operations: those of the scenario's law, and
 * those that the function asked for. */
int direct_call_run(
	struct direct_call *d, struct slice *output, uint64_t *operations, struct sfe_error *err);

#endif
