/* SPDX-License-Identifier: MIT */
/* A camera's frame, for scenarios/frames.yaml: a bright ball crosses a hall and bounces off its
 * walls. Below the ceiling hang lamps, as bright as the ball; the floor has tiles; each pixel has
 * noise. A job is a film of its own. The frame's number is at the end of the step's name. */
#include <sfemu/function.h>

#include "image.h"

#define WIDTH 320
#define HEIGHT 240
#define RADIUS 20
#define CEILING 60 /* rows above which no ball comes */

/* Where a ball is that flies from 0 to span and back. */
static int bounce(int at, int span)
{
	at %= 2 * span;
	return at < span ? at : 2 * span - at;
}

static int frame_number(const char *step)
{
	const char *digits = step + strcspn(step, "0123456789");

	return *digits ? atoi(digits) % 10000 : 0;
}

static int hall(int x, int y)
{
	if (y > 12 && y < 28 && x % 80 > 30 && x % 80 < 50)
		return 230;
	return 40 + y / 6 + (x / 20 + y / 20) % 2 * 8;
}

static int film_ball(struct sfe_call *call)
{
	int n = frame_number(call->step), job = (int)(call->job % 1000);
	int left = RADIUS + bounce(53 * job + n * (24 + job % 4 * 3), WIDTH - 2 * RADIUS);
	int top = CEILING + RADIUS + bounce(29 * job + 17 * n, HEIGHT - CEILING - 2 * RADIUS);
	char head[IMAGE_HEAD];
	uint32_t used = image_head(head, 1, WIDTH, HEIGHT);
	uint8_t *out = sfe_output(call, used + WIDTH * HEIGHT);

	if (!out)
		return -1;
	memcpy(out, head, used);
	for (int y = 0; y < HEIGHT; y++)
		for (int x = 0; x < WIDTH; x++) {
			int dx = x - left, dy = y - top;
			int grey = dx * dx + dy * dy <= RADIUS * RADIUS ? 230 : hall(x, y);
			out[used++] = (uint8_t)(grey + (int)(sfe_random(call, "noise") % 9) - 4);
		}
	return 0;
}
SFE_FUNCTION(film_ball)
