/* SPDX-License-Identifier: MIT */
/*
 * Memory for message bodies: reference-counted buffers from a pool of power-of-two classes, and
 * slices of them.
 *
 * A freed buffer returns to the pool, never to the system: in the guest a fresh page costs 83 µs,
 * so a body of 1 MB in fresh memory would cost 20 ms. Slices share a buffer: an argument and states
 * that arrived in one body are sent on without a copy.
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
	uint64_t made_bytes; /* allocated from the system so far */
};

struct slice { /* holds a reference to its buffer; all zero: empty */
	struct buffer *buffer;
	uint8_t *data;
	uint64_t size;
};

/* Frees the pool's memory. All slices must have been dropped. */
void buffer_pool_clear(struct buffer_pool *pool);

/* A new slice of `size` bytes (may be 0), not initialised; 0 or -ENOMEM. */
int slice_new(struct buffer_pool *pool, uint64_t size, struct slice *out);
/* Another reference, to a part of `whole`. */
struct slice slice_part(const struct slice *whole, uint64_t offset, uint64_t size);
/* Moves the reference; *from becomes empty. */
struct slice slice_move(struct slice *from);
void slice_drop(struct slice *slice);

#endif
