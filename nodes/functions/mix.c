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

#include "nodes/base/payload.h"
#include "nodes/base/wide_xxh3.h"
#include "nodes/functions/function_call.h"

/* The key: a digest of the name and of fixed-width words, whose boundaries are unambiguous. */
static uint64_t key_of(const struct function_call *c, uint64_t *words)
{
	const struct sfe_call *in = &c->face;
	size_t at = 0;

	words[at++] = c->seed;
	words[at++] = in->job;
	words[at++] = in->step_number;
	words[at++] = c->output_bytes;
	words[at++] = in->argument_bytes;
	words[at++] = XXH3_64bits(in->argument, in->argument_bytes);
	for (uint32_t i = 0; i < in->n_states; i++) {
		words[at++] = c->states[i].index;
		/* What a step writes whole it has not seen. */
		bool seen = in->states[i].access != SFE_STATE_WRITTEN;
		words[at++] = seen ? in->states[i].bytes : c->states[i].nominal_bytes;
		words[at++] = seen ? XXH3_64bits(in->states[i].data, in->states[i].bytes) : 0;
	}
	return XXH3_64bits_withSeed(
		words, at * sizeof(*words), XXH3_64bits(in->function, strlen(in->function)));
}

static int invoke(struct sfe_call *call)
{
	struct function_call *c = (struct function_call *)call;
	uint64_t *words = calloc(6 + 3 * (size_t)call->n_states, sizeof(*words));
	void *out = function_call_output(c, c->output_bytes);

	if (!words || !out) {
		free(words);
		return -ENOMEM;
	}
	uint64_t key = key_of(c, words);
	free(words);
	payload_fill(key, 0, out, c->output_bytes);
	for (uint32_t i = 0; i < call->n_states; i++) {
		const struct sfe_call_state *s = &call->states[i];
		if (s->access == SFE_STATE_READ_ONLY)
			continue;
		if (s->access == SFE_STATE_WRITTEN &&
			sfe_state_resize(call, i, c->states[i].nominal_bytes))
			return -ENOMEM;
		payload_fill(key, 1 + (uint64_t)c->states[i].index,
			sfe_state_change(call, i, 0, s->bytes), s->bytes);
	}
	return 0;
}

const struct sfe_function_plugin function_mix = {SFE_FUNCTION_ABI, invoke};
