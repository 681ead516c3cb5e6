/* SPDX-License-Identifier: MIT */
/*
 * Messages of warm=on, before the jobs begin: POST /warm-up with filler, and an answer with filler,
 * so that the windows of both sides of the connection grow. Each begins with a number (32 bits,
 * network byte order): the request with the bytes that the answer is to have, the answer with the
 * congestion window of its sender, in segments.
 */
#ifndef SFE_NODES_WIRE_WARM_UP_H
#define SFE_NODES_WIRE_WARM_UP_H

#include "nodes/http/outgoing.h"
#include "nodes/http/wire_head.h"

#define WIRE_WARM_UP "/warm-up"
#define WIRE_WARM_UP_LEAST 4u /* bytes of filler */

/* NULL: out of memory. */
struct outgoing *wire_warm_up(
	const struct wire *w, uint32_t to, uint64_t bytes, uint32_t back, struct buffer_pool *pool);
struct outgoing *wire_warmed(uint64_t bytes, uint32_t window, struct buffer_pool *pool);
/* The number that such a body begins with. */
uint32_t wire_warm_up_number(const struct slice *body);

#endif
