/* SPDX-License-Identifier: MIT */
/*
 * The interface between a function and the worker that runs it: a plugin with one entry point.
 *
 * The compute time of a function is modelled (operations / node speed); `invoke` only transforms
 * bytes. Its result must depend on its inputs alone (not on time, node or strategy), because every
 * strategy has to leave the same bytes.
 */
#ifndef SFEMU_FUNCTION_H
#define SFEMU_FUNCTION_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SFE_FUNCTION_ABI 1u

struct sfe_invocation_state { /* a state that the function reads and writes in place; its size is
				 fixed */
	uint32_t index;       /* index among the job's states */
	uint64_t bytes;
	void *data;
};

struct sfe_invocation {
	const char *function; /* the name it was called by */
	uint64_t seed;        /* seed of the experiment's payload */
	uint32_t job;         /* job number in the trace */
	uint32_t step;        /* position in the chain, from 0 */
	const void *arg;
	uint64_t arg_bytes;
	void *out; /* the function fills all of it */
	uint64_t out_bytes;
	uint32_t n_states; /* states that the step depends on, ascending by index */
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
