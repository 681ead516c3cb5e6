/* SPDX-License-Identifier: MIT */
/* Blurs the argument, for scenarios/everything.yaml: each byte becomes the mean of itself and its
 * neighbours, with the weights of the state "model" (numbers as text, the middle one its own). The
 * state "track" gets the largest byte of each 4096. */
#include <sfemu/function.h>
#include <stdlib.h>
#include <string.h>

#define MOST_WEIGHTS 31
#define BLOCK 4096

/* How many there are; 0: the text is no list of weights. */
static int read_weights(const struct sfe_call_state *model, unsigned long weight[MOST_WEIGHTS])
{
	char text[256] = {0}, *at = text, *end;
	int n = 0;

	if (model->bytes >= sizeof(text))
		return 0;
	memcpy(text, model->data, model->bytes);
	for (; n < MOST_WEIGHTS; n++, at = end) {
		weight[n] = strtoul(at, &end, 10);
		if (end == at)
			break;
		if (!weight[n] || weight[n] > 1000)
			return 0;
	}
	return n % 2 ? n : 0;
}

static uint8_t blur(
	const uint8_t *in, uint64_t bytes, uint64_t i, const unsigned long *weight, uint64_t n)
{
	uint64_t sum = 0, of = 0;

	for (uint64_t k = 0; k < n; k++)
		if (i + k >= n / 2 && i + k - n / 2 < bytes) {
			sum += weight[k] * in[i + k - n / 2];
			of += weight[k];
		}
	return (uint8_t)(sum / of);
}

static int blur_bytes(struct sfe_call *call)
{
	uint32_t model = sfe_state_find(call, "model"), track = sfe_state_find(call, "track");
	unsigned long weight[MOST_WEIGHTS];
	uint64_t bytes = call->argument_bytes;

	if (model == call->n_states || track == call->n_states)
		return sfe_refuse(call, "the step does not use the states model and track");
	int n = read_weights(&call->states[model], weight);
	if (!n)
		return sfe_refuse(call, "the model is not an odd number of weights from 1 to 1000");
	uint8_t *out = sfe_output(call, bytes),
		*most = sfe_state_append(call, track, bytes / BLOCK + 1);
	if (!out || !most)
		return -1;
	for (uint64_t i = 0; i < bytes; i++) {
		out[i] = blur(call->argument, bytes, i, weight, (uint64_t)n);
		if (out[i] > most[i / BLOCK])
			most[i / BLOCK] = out[i];
	}
	sfe_compute(call, (uint64_t)n * bytes);
	return 0;
}
SFE_FUNCTION(blur_bytes)
