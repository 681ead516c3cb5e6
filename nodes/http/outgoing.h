/* SPDX-License-Identifier: MIT */
/* A message to be sent: its head, and the slices that are its body. */
#ifndef SFE_NODES_OUTGOING_H
#define SFE_NODES_OUTGOING_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

#include "nodes/base/buffer.h"
#include "nodes/base/text.h"

struct outgoing {
	char *head;
	size_t head_bytes;
	bool has_digest; /* see message_digest.h */
	struct slice *slices;
	uint32_t n_slices;
	struct iovec *vector; /* all of it; the elements before `at` are sent */
	uint32_t n, at;
};

/* Takes over the head's text and adds references to the slices; NULL if out of memory (the text is
 * freed then too). */
struct outgoing *outgoing_new(struct text *head, const struct slice *slices, uint32_t n);
/* The same message, with nothing of it sent; NULL if out of memory. */
struct outgoing *outgoing_copy(const struct outgoing *outgoing);
void outgoing_free(struct outgoing *outgoing);

/* The size of the whole message, before any of it is sent. */
uint64_t outgoing_bytes(const struct outgoing *outgoing);
/* n more bytes are sent; true if those were the last. */
bool outgoing_advance(struct outgoing *outgoing, size_t n);

#endif
