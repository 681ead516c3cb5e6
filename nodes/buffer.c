/* SPDX-License-Identifier: MIT */
#include "nodes/buffer.h"

#include <errno.h>
#include <stdlib.h>

#define SMALLEST_CLASS 8 /* 256 bytes */

void buffer_pool_clear(struct buffer_pool *pool)
{
	for (unsigned i = 0; i < BUFFER_CLASSES; i++) {
		for (struct buffer *b; (b = pool->free[i]);) {
			pool->free[i] = b->next_free;
			free(b);
		}
	}
}

int slice_new(struct buffer_pool *pool, uint64_t size, struct slice *out)
{
	uint32_t class = SMALLEST_CLASS;

	while (class < 62 && (1ull << class) < size)
		class ++;
	struct buffer *b = pool->free[class];
	if (b) {
		pool->free[class] = b->next_free;
	} else {
		b = malloc(sizeof(*b) + (1ull << class));
		if (!b)
			return -ENOMEM;
		pool->made_bytes += 1ull << class;
		b->pool = pool;
		b->class = class;
	}
	b->next_free = NULL;
	b->references = 1;
	*out = (struct slice){.buffer = b, .data = b->bytes, .size = size};
	return 0;
}

struct slice slice_part(const struct slice *whole, uint64_t offset, uint64_t size)
{
	if (whole->buffer)
		whole->buffer->references++;
	return (struct slice){whole->buffer, whole->data + offset, size};
}

struct slice slice_move(struct slice *from)
{
	struct slice to = *from;

	*from = (struct slice){0};
	return to;
}

void slice_drop(struct slice *slice)
{
	struct buffer *b = slice->buffer;

	*slice = (struct slice){0};
	if (!b || --b->references)
		return;
	b->next_free = b->pool->free[b->class];
	b->pool->free[b->class] = b;
}
