/* SPDX-License-Identifier: MIT */
/*
 * Memory for bodies: counted buffers from a pool of power-of-two classes, and slices of them.
 *
 * Buffers go back to the pool, never to the system: in the guest a fresh page costs 83 µs, so a
 * body of 1 MB in fresh memory would cost 20 ms. Slices share a buffer, so that what arrived in one
 * body (an argument and states) goes on its way without being copied.
 */
#ifndef SFE_NODES_BUFFER_H
#define SFE_NODES_BUFFER_H

#include <stdint.h>

#define BUFFER_CLASSES 64

struct buffer {
	struct buffer_pool *pool;
	struct buffer *next_free;
	uint32_t class, references;
	uint8_t bytes[] __attribute__((aligned(16)));
};

struct buffer_pool {
	struct buffer *free[BUFFER_CLASSES];
	uint64_t made_bytes; /* what was ever asked of the system */
};

struct slice { /* holds a reference; all zero: nothing */
	struct buffer *buffer;
	uint8_t *data;
	uint64_t size;
};

/* All buffers must have come back. */
void buffer_pool_clear(struct buffer_pool *pool);

/* A new slice of `size` bytes of any content (0 is fine); 0 or -ENOMEM. */
int slice_new(struct buffer_pool *pool, uint64_t size, struct slice *out);
/* Another reference to a part of what `whole` holds. */
struct slice slice_part(const struct slice *whole, uint64_t offset, uint64_t size);
/* Hands the reference over. */
struct slice slice_move(struct slice *from);
void slice_drop(struct slice *slice);

#endif
