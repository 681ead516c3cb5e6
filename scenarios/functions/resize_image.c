/* SPDX-License-Identifier: MIT */
/* Halves a picture: each pixel is the mean of four. */
#include <sfemu/function.h>

#include "image.h"

static int resize_image(struct sfe_call *call)
{
	const uint8_t *at = call->argument;
	uint64_t bytes = call->argument_bytes;
	char head[IMAGE_HEAD];
	struct image in;

	if (image_read(&at, &bytes, &in))
		return sfe_refuse(call, "the argument is no PGM picture");
	uint32_t width = in.width / 2, height = in.height / 2,
		 used = image_head(head, 1, width, height);
	uint8_t *out = sfe_output(call, used + (uint64_t)width * height);
	if (!out)
		return -1;
	memcpy(out, head, used);
	for (uint32_t y = 0; y < height; y++)
		for (uint32_t x = 0; x < width; x++) {
			const uint8_t *p = &in.pixel[2 * y * in.width + 2 * x];
			out[used++] = (uint8_t)((p[0] + p[1] + p[in.width] + p[in.width + 1]) / 4);
		}
	return 0;
}
SFE_FUNCTION(resize_image)
