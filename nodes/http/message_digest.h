/* SPDX-License-Identifier: MIT */
/*
 * Digests of messages, for networks that damage them. Where each frame has a check of its own, a
 * frame that was damaged is dropped; emulated links have none, and of packets that were damaged on
 * two links one in 32 passes TCP's checksum. So where links are to damage packets every message
 * says
 *
 *   sfemu-digest: HEAD-BODY
 *
 * in its last header, two XXH3-64 in hexadecimal: of the body, and of the head before this header
 * with the body's digest as its seed.
 */
#ifndef SFE_NODES_SEAL_H
#define SFE_NODES_SEAL_H

#include "nodes/http/connection.h"

/* Adds the header to a message that has none: 0 or -ENOMEM. */
int seal_put(struct outgoing *message);
/* Whether a head that was read from the beginning of data is as it was sent. */
bool seal_holds_head(const struct http_head *head, const void *data);
bool seal_holds_body(const struct http_head *head, const struct slice *body);

#endif
