/* SPDX-License-Identifier: MIT */
/* Marks in a frame what moves: its argument is the frame and its new edges. A line "FRAME X Y WIDTH
 * HEIGHT" of the box around them is appended to the state "track", and is the output; the picture
 * with the box in red and a dot for each earlier line becomes the state "picture" (PPM). */
#include <sfemu/function.h>

#include "image.h"

struct box {
	uint32_t left, top, right, bottom; /* the last ones belong to it */
};

/* 0: nothing moves. */
static int find_box(const struct image *edges, struct box *box)
{
	*box = (struct box){edges->width, edges->height, 0, 0};
	for (uint32_t y = 0; y < edges->height; y++)
		for (uint32_t x = 0; x < edges->width; x++) {
			if (!edges->pixel[y * edges->width + x])
				continue;
			box->left = x < box->left ? x : box->left;
			box->right = x > box->right ? x : box->right;
			box->top = y < box->top ? y : box->top;
			box->bottom = y;
		}
	return box->left <= box->right && box->top <= box->bottom;
}

static void dot(uint8_t *rgb, const struct image *frame, uint32_t x, uint32_t y)
{
	static const uint8_t red[] = {255, 0, 0};

	if (x < frame->width && y < frame->height)
		memcpy(&rgb[3 * ((uint64_t)y * frame->width + x)], red, sizeof(red));
}

static void draw_box(uint8_t *rgb, const struct image *frame, const struct box *box)
{
	for (uint32_t x = box->left; x <= box->right; x++) {
		dot(rgb, frame, x, box->top);
		dot(rgb, frame, x, box->bottom);
	}
	for (uint32_t y = box->top; y <= box->bottom; y++) {
		dot(rgb, frame, box->left, y);
		dot(rgb, frame, box->right, y);
	}
}

/* A dot in the middle of each earlier box. */
static void draw_track(uint8_t *rgb, const struct image *frame, const struct sfe_call_state *track)
{
	const char *line = track->data, *end = line + track->bytes, *next;
	char text[64];
	unsigned n, x, y, width, height;

	for (; line < end && (next = memchr(line, '\n', (size_t)(end - line))); line = next + 1) {
		snprintf(text, sizeof(text), "%.*s", (int)(next - line), line);
		if (sscanf(text, "%u %u %u %u %u", &n, &x, &y, &width, &height) == 5)
			dot(rgb, frame, x + width / 2, y + height / 2);
	}
}

static int add_line(struct sfe_call *call, uint32_t track, const struct box *box)
{
	const char *number = call->step + strcspn(call->step, "0123456789");
	char line[64];
	int bytes = snprintf(line, sizeof(line), "%.9s %u %u %u %u\n", number, box->left, box->top,
		box->right - box->left + 1, box->bottom - box->top + 1);
	void *to = sfe_state_append(call, track, (uint64_t)bytes),
	     *out = to ? sfe_output(call, (uint64_t)bytes) : NULL;

	if (!out)
		return -1;
	memcpy(to, line, (size_t)bytes);
	memcpy(out, line, (size_t)bytes);
	return 0;
}

/* The frame in colour, as the state. NULL: no room. */
static uint8_t *colour(struct sfe_call *call, uint32_t picture, const struct image *frame)
{
	char head[IMAGE_HEAD];
	uint64_t pixels = (uint64_t)frame->width * frame->height;
	uint32_t used = image_head(head, 3, frame->width, frame->height);
	uint8_t *to = sfe_state_append(call, picture, used + 3 * pixels);

	if (!to)
		return NULL;
	memcpy(to, head, used);
	for (uint64_t i = 0; i < pixels; i++)
		memset(to + used + 3 * i, frame->pixel[i], 3);
	return to + used;
}

static int annotate_frame(struct sfe_call *call)
{
	uint32_t track = sfe_state_find(call, "track"), picture = sfe_state_find(call, "picture");
	const uint8_t *at = call->argument;
	uint64_t bytes = call->argument_bytes;
	struct image frame, edges;
	struct box box;

	if (track == call->n_states || picture == call->n_states || call->states[picture].bytes)
		return sfe_refuse(call, "the step does not update track and write picture");
	if (image_read(&at, &bytes, &frame) || image_read(&at, &bytes, &edges))
		return sfe_refuse(call, "the argument is not a frame and its edges");
	uint8_t *rgb = colour(call, picture, &frame);
	if (!rgb)
		return -1;
	draw_track(rgb, &frame, &call->states[track]);
	if (!find_box(&edges, &box))
		return 0;
	draw_box(rgb, &frame, &box);
	return add_line(call, track, &box);
}
SFE_FUNCTION(annotate_frame)
