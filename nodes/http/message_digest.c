/* SPDX-License-Identifier: MIT */
#include "nodes/http/message_digest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nodes/base/wide_xxh3.h"

#define NAME "sfemu-digest: "
/* The header's line and the empty line that ends the head. */
#define LINE_BYTES (sizeof(NAME) - 1 + 16 + 1 + 16 + 4)

/* Where the headers end: wire_answer sends a text in the same buffer, behind them. */
static size_t head_end(const struct outgoing *o)
{
	const char *end = memmem(o->head, o->head_bytes, "\r\n\r\n", 4);

	return end ? (size_t)(end - o->head) + 2 : o->head_bytes;
}

static int digest_body(const struct outgoing *o, size_t at, uint64_t *digest)
{
	XXH3_state_t *state = XXH3_createState();

	if (!state)
		return -ENOMEM;
	XXH3_64bits_reset(state);
	XXH3_64bits_update(state, o->head + at, o->head_bytes - at);
	for (uint32_t i = 0; i < o->n_slices; i++)
		XXH3_64bits_update(state, o->slices[i].data, o->slices[i].size);
	*digest = XXH3_64bits_digest(state);
	XXH3_freeState(state);
	return 0;
}

int message_digest_add(struct outgoing *o)
{
	size_t at = head_end(o), text = at + 2;
	uint64_t body;
	char *head;

	if (o->has_digest)
		return 0;
	int r = digest_body(o, text, &body);
	if (r)
		return r;
	head = malloc(o->head_bytes + LINE_BYTES);
	if (!head)
		return -ENOMEM;
	memcpy(head, o->head, at);
	snprintf(head + at, LINE_BYTES + 1, NAME "%016" PRIx64 "-%016" PRIx64 "\r\n\r\n",
		XXH3_64bits_withSeed(o->head, at, body), body);
	memcpy(head + at + LINE_BYTES, o->head + text, o->head_bytes - text);
	free(o->head);
	o->head = head;
	o->head_bytes += LINE_BYTES - 2;
	o->vector[0] = (struct iovec){o->head, o->head_bytes};
	o->has_digest = true;
	return 0;
}

bool message_digest_matches_head(const struct http_head *head, const void *data)
{
	return (head->fields & HEAD_DIGEST) && head->digest_at + LINE_BYTES == head->bytes &&
	       XXH3_64bits_withSeed(data, head->digest_at, head->digest_body) == head->digest_head;
}

bool message_digest_matches_body(const struct http_head *head, const struct slice *body)
{
	return XXH3_64bits(body->data, body->size) == head->digest_body;
}
