/* SPDX-License-Identifier: MIT */
/*
 * What a function is to the worker that runs it: a plugin of one entry point.
 *
 * The compute time of a function is modelled (operations over the node's speed), so `invoke` only
 * does what the function does to its bytes. It must be a function of its inputs and of nothing else
 * (not of time, node or strategy), since every strategy has to leave the same bytes.
 */
#ifndef SFEMU_FUNCTION_H
#define SFEMU_FUNCTION_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SFE_FUNCTION_ABI 1u

struct sfe_invocation_state { /* a state that the function reads and writes, in place; it keeps its
				 size */
	uint32_t index;       /* among the job's states */
	uint64_t bytes;
	void *data;
};

struct sfe_invocation {
	const char *function; /* by this name it was called */
	uint64_t seed;        /* of the experiment's payload */
	uint32_t job;         /* its number in the trace */
	uint32_t step;        /* in the chain, from 0 */
	const void *arg;
	uint64_t arg_bytes;
	void *out; /* to be filled, all of it */
	uint64_t out_bytes;
	uint32_t n_states; /* those that the step depends on, ascending */
	struct sfe_invocation_state *states;
};

struct sfe_function_plugin {
	unsigned abi; /* SFE_FUNCTION_ABI */
	const char *name;
	/* 0 or a negative errno; must not block. */
	int (*invoke)(struct sfe_invocation *invocation);
};

#ifdef __cplusplus
}
#endif

#endif
