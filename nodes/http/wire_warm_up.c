/* SPDX-License-Identifier: MIT */
#include "nodes/http/wire_warm_up.h"

#include <arpa/inet.h>
#include <string.h>

/* `head` is taken over. */
static struct outgoing *with_filler(
	struct text *head, uint64_t bytes, uint32_t first, struct buffer_pool *pool)
{
	struct slice filler;

	if (slice_new(pool, bytes, &filler)) {
		text_clear(head);
		return NULL;
	}
	first = htonl(first);
	memset(filler.data, 0, bytes);
	memcpy(filler.data, &first, sizeof(first));
	struct outgoing *message = outgoing_new(head, &filler, 1);
	slice_drop(&filler);
	return message;
}

struct outgoing *wire_warm_up(
	const struct wire *w, uint32_t to, uint64_t bytes, uint32_t back, struct buffer_pool *pool)
{
	struct text t = {0};

	wire_add_request(&t, w, to, "POST " WIRE_WARM_UP);
	wire_add_end(&t, bytes);
	return with_filler(&t, bytes, back, pool);
}

struct outgoing *wire_warmed(uint64_t bytes, uint32_t window, struct buffer_pool *pool)
{
	struct text t = {0};

	wire_add_status(&t, 200);
	wire_add_end(&t, bytes);
	return with_filler(&t, bytes, window, pool);
}

uint32_t wire_warm_up_number(const struct slice *body)
{
	uint32_t number;

	memcpy(&number, body->data, sizeof(number));
	return ntohl(number);
}
