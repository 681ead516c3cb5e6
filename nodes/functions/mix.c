/* SPDX-License-Identifier: MIT */
/*
 * The sample function. Its output and its changed states are a keystream whose key is the digest of
 * its whole input. A wrong, lost, stale or swapped argument or state changes every later byte of
 * the job, so that one digest at the end shows whether a strategy has changed an answer.
 */
#include "nodes/functions/mix.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "nodes/base/payload.h"
#include "sfemu/workload.h"

/* The key: a digest of the name and of fixed-width words, whose boundaries are unambiguous. */
static uint64_t key_of(const struct sfe_invocation *in, uint64_t *words, size_t n)
{
	size_t at = 0;

	words[at++] = in->seed;
	words[at++] = in->job;
	words[at++] = in->step;
	words[at++] = in->out_bytes;
	words[at++] = in->arg_bytes;
	words[at++] = XXH3_64bits(in->arg, in->arg_bytes);
	for (uint32_t i = 0; i < in->n_states; i++) {
		words[at++] = in->states[i].index;
		words[at++] = in->states[i].bytes;
		/* What a step writes whole it has not seen. */
		words[at++] = in->states[i].access == SFE_WRITE
				      ? 0
				      : XXH3_64bits(in->states[i].data, in->states[i].bytes);
	}
	return XXH3_64bits_withSeed(
		words, n * sizeof(*words), XXH3_64bits(in->function, strlen(in->function)));
}

static int invoke(struct sfe_invocation *in)
{
	size_t n = 6 + 3 * (size_t)in->n_states;
	uint64_t *words = calloc(n, sizeof(*words));

	if (!words)
		return -ENOMEM;
	uint64_t key = key_of(in, words, n);
	free(words);
	payload_fill(key, 0, in->out, in->out_bytes);
	for (uint32_t i = 0; i < in->n_states; i++)
		if (in->states[i].access != SFE_READ)
			payload_fill(key, 1 + (uint64_t)in->states[i].index, in->states[i].data,
				in->states[i].bytes);
	return 0;
}

const struct sfe_function_plugin function_mix = {SFE_FUNCTION_ABI, "mix", invoke};
