/* SPDX-License-Identifier: MIT */
/*
 * Messages about states that functions use by name: GET, PUT and DELETE /named/<name>. The head
 * says the function and the number of the change (sfemu-operation), and, if it knows one, the
 * version.
 *
 * Answers are 200; 404: it is not there; 409: another version is the newest; 507: the run may
 * create no more names. They have the number and the version of the state, if it has any.
 */
#ifndef SFE_NODES_WIRE_NAMED_H
#define SFE_NODES_WIRE_NAMED_H

#include "nodes/base/named_operation.h"
#include "nodes/http/http_head.h"
#include "nodes/http/wire.h"

#define WIRE_NAMED "/named/"

/* content: of a put, else NULL. NULL: out of memory. */
struct outgoing *wire_named_request(const struct wire *w, uint32_t to,
	const struct named_operation *operation, const struct slice *content);
/* instance UINT32_MAX: the state has no number, and no version. content: of a get, else empty. */
struct outgoing *wire_named_answer(const struct wire *w, const struct named_operation *operation,
	unsigned status, uint32_t instance, const struct slice *content);

/* Of a request: whether the head agrees with the deployment, and what it asks for. 0, or -EBADMSG
 * with a reason in `why`. */
int wire_check_named(const struct wire *w, const struct http_head *head,
	struct named_operation *operation, char *why, size_t room);
/* Of an answer: whether it is one to this operation. */
bool wire_answers_named(const struct wire *w, const struct http_head *head,
	const struct named_operation *operation);

#endif
