/* SPDX-License-Identifier: MIT */
/*
 * The interface of a function plugin, which a worker runs.
 *
 * The compute time of a function is modelled (operations over the node's speed). `invoke` only
 * computes its bytes. They must depend on its inputs and on nothing else (not on time, node or
 * strategy), since every strategy has to leave the same bytes.
 */
#ifndef SFEMU_FUNCTION_H
#define SFEMU_FUNCTION_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SFE_FUNCTION_ABI 1u

struct sfe_invocation_state { /* a state, read and written in place; its size is fixed */
	uint32_t index;       /* among the job's states */
	uint64_t bytes;
	void *data;
	uint32_t access; /* enum sfe_access: what the step may do with it */
};

struct sfe_invocation {
	const char *function; /* the name by which it was called */
	uint64_t seed;        /* of the experiment's payload */
	uint32_t job;         /* its number in the trace */
	uint32_t step;        /* in the chain, from 0 */
	const void *arg;
	uint64_t arg_bytes;
	void *out; /* to be filled completely */
	uint64_t out_bytes;
	uint32_t n_states; /* the states that the step depends on, in ascending order */
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
