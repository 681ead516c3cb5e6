/* SPDX-License-Identifier: MIT */
/* Messages of other workers: checked against the deployment, and unpacked. */
#ifndef SFE_NODES_WIRE_CHECK_H
#define SFE_NODES_WIRE_CHECK_H

#include "nodes/http/http_head.h"
#include "nodes/http/wire.h"

/* What a request or an answer with a package claims to be. */
enum wire_kind { WIRE_CALL, WIRE_RETURN };

/*
 * Whether the head agrees with the deployment: job and step exist, and the argument and the states
 * are the expected ones, have the expected sizes and versions, and make up the body. 0, or -EBADMSG
 * with a reason in `why`.
 */
int wire_check(const struct wire *w, const struct http_head *head, enum wire_kind kind, char *why,
	size_t room);
/* A checked head and its body, to a package: 0 or -ENOMEM. */
int wire_unpack(const struct wire *w, const struct http_head *head, enum wire_kind kind,
	const struct slice *body, struct package *out);
/* Whether what the step leaves of the state may be sent as its changes: it updates it, by a
 * function of the user's, in a job with declared access. */
bool wire_may_be_partial(const struct wire *w, uint32_t job, uint32_t step, uint32_t state);

#endif
