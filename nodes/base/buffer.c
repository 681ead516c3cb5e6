/* SPDX-License-Identifier: MIT */
#include "nodes/base/buffer.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#define SMALLEST_CLASS 8 /* 256 bytes */
/* From this class on (256 KiB) a buffer is a mapping of its own, populated in one call. Page faults
 * one by one would cost 30 to 80 µs each in a guest. */
#define MAPPED_CLASS 18

static size_t length_of(uint32_t class)
{
	return sizeof(struct buffer) + ((size_t)1 << class);
}

/* Reserves addresses for the whole class, and populates pages for `size` bytes. NULL: out of
 * memory.
 */
static struct buffer *get_memory(uint32_t class, uint64_t size)
{
	const int protection = PROT_READ | PROT_WRITE, flags = MAP_PRIVATE | MAP_ANONYMOUS;

	if (class < MAPPED_CLASS)
		return malloc(length_of(class));
	void *all = mmap(NULL, length_of(class), protection, flags, -1, 0);
	if (all == MAP_FAILED)
		return NULL;
	void *start = mmap(all, sizeof(struct buffer) + size, protection,
		flags | MAP_FIXED | MAP_POPULATE, -1, 0);
	if (start != MAP_FAILED)
		return start;
	munmap(all, length_of(class));
	return NULL;
}

static void give_memory_back(struct buffer *b)
{
	if (b->class < MAPPED_CLASS)
		free(b);
	else
		munmap(b, length_of(b->class));
}

void buffer_pool_clear(struct buffer_pool *pool)
{
	for (unsigned i = 0; i < BUFFER_CLASSES; i++) {
		for (struct buffer *b; (b = pool->free[i]);) {
			pool->free[i] = b->next_free;
			give_memory_back(b);
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
		b = get_memory(class, size);
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
	return (struct slice){whole->buffer, whole->data ? whole->data + offset : NULL, size};
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
