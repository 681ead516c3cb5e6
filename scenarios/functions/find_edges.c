/* SPDX-License-Identifier: MIT */
/* Finds the edges of a picture (Sobel's operator) and leaves those that the frame before did not
 * have: of what stands still nothing is left. The state "edges" carries the edges over to the next
 * frame; it may be new and empty, then nothing is said to be new. */
#include <sfemu/function.h>

#include "image.h"

#define STRONG 220 /* of at most 2040; tiles and noise stay below */

static uint8_t edge(const struct image *in, uint32_t x, uint32_t y)
{
	const uint8_t *p = &in->pixel[y * in->width + x];
	const int64_t row = in->width;

	if (!x || !y || x + 1 == in->width || y + 1 == in->height)
		return 0;
	int across = p[1 - row] + 2 * p[1] + p[1 + row] - p[-1 - row] - 2 * p[-1] - p[-1 + row];
	int down = p[row - 1] + 2 * p[row] + p[row + 1] - p[-row - 1] - 2 * p[-row] - p[-row + 1];
	return abs(across) + abs(down) > STRONG ? 255 : 0;
}

static int find_edges(struct sfe_call *call)
{
	uint32_t edges = sfe_state_find(call, "edges");
	const uint8_t *at = call->argument;
	uint64_t bytes = call->argument_bytes;
	char head[IMAGE_HEAD];
	struct image in;

	if (edges == call->n_states)
		return sfe_refuse(call, "the step does not use the state edges");
	if (image_read(&at, &bytes, &in))
		return sfe_refuse(call, "the argument is no PGM picture");
	uint64_t pixels = (uint64_t)in.width * in.height;
	int first = !call->states[edges].bytes;
	if (first ? sfe_state_resize(call, edges, pixels) : call->states[edges].bytes != pixels)
		return sfe_refuse(call, "the frame has not the size of the one before");
	uint8_t *before = sfe_state_change(call, edges, 0, pixels);
	uint32_t used = image_head(head, 1, in.width, in.height);
	uint8_t *out = sfe_output(call, used + pixels);
	if (!before || !out)
		return -1;
	memcpy(out, head, used);
	for (uint64_t i = 0; i < pixels; i++) {
		uint8_t now = edge(&in, (uint32_t)(i % in.width), (uint32_t)(i / in.width));
		out[used + i] = first || before[i] ? 0 : now;
		before[i] = now;
	}
	return 0;
}
SFE_FUNCTION(find_edges)
