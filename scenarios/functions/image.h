/* SPDX-License-Identifier: MIT */
/* Grey pictures (PGM) as the functions of scenarios/frames.yaml hand them to each other. */
#ifndef IMAGE_H
#define IMAGE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_PIXELS 4096 /* of a side */
#define IMAGE_HEAD 32    /* bytes of a head at most */

struct image {
	uint32_t width, height;
	const uint8_t *pixel; /* width * height, row by row */
};

/* The first picture of the bytes, and what follows it. 0, or -1: there is none. */
static inline int image_read(const uint8_t **at, uint64_t *bytes, struct image *image)
{
	char head[IMAGE_HEAD + 1] = {0};
	int length = 0;

	memcpy(head, *at, *bytes < IMAGE_HEAD ? *bytes : IMAGE_HEAD);
	/* The one byte after the head is a line break; %n says where it is. */
	if (sscanf(head, "P5 %4u %4u 255%n", &image->width, &image->height, &length) != 2 ||
		!length || !image->width || !image->height || image->width > MOST_PIXELS ||
		image->height > MOST_PIXELS)
		return -1;
	uint64_t pixels = (uint64_t)image->width * image->height, used = (uint64_t)length + 1;
	if (*bytes < used + pixels)
		return -1;
	image->pixel = *at + used;
	*at += used + pixels;
	*bytes -= used + pixels;
	return 0;
}

/* Writes the head of a picture with that many bytes a pixel, 1 (grey) or 3; returns its bytes. */
static inline uint32_t image_head(
	char head[IMAGE_HEAD], unsigned bytes, uint32_t width, uint32_t height)
{
	return (uint32_t)snprintf(
		head, IMAGE_HEAD, "P%u\n%u %u\n255\n", bytes == 1 ? 5u : 6u, width, height);
}

#endif
