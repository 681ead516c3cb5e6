/* SPDX-License-Identifier: MIT */
/*
 * Digests of messages, for networks that damage packets. A real link checks each frame and drops a
 * damaged one. Emulated links have no such check, and of the packets that were damaged on two links
 * one in 32 passes TCP's checksum. So where links are to damage packets, every message has
 *
 *   sfemu-digest: HEAD-BODY
 *
 * as its last header, two XXH3-64 in hexadecimal. BODY is the digest of the body. HEAD is that of
 * the head up to this header, with BODY as its seed.
 */
#ifndef SFE_NODES_MESSAGE_DIGEST_H
#define SFE_NODES_MESSAGE_DIGEST_H

#include "nodes/http/http_head.h"
#include "nodes/http/outgoing.h"

/* Adds the header, unless the message has it: 0 or -ENOMEM. */
int message_digest_add(struct outgoing *message);
/* Whether a head, which was read from the beginning of data, has a digest and agrees with it. */
bool message_digest_matches_head(const struct http_head *head, const void *data);
/* Whether the body agrees with its digest in the head. */
bool message_digest_matches_body(const struct http_head *head, const struct slice *body);

#endif
