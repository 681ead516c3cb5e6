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
/*
 * Whether a request about states of a job's step, on the path of that job, names states that the
 * step reads, in the versions that it gets. 0, or -EBADMSG with a reason.
 */
int wire_check_asked(
	const struct wire *w, const struct http_head *head, uint32_t job, char *why, size_t room);
/* The same for one that comes from the step's node, as wire_fetch_states does. */
int wire_check_fetch(
	const struct wire *w, const struct http_head *head, uint32_t job, char *why, size_t room);
/* Whether the answer to such a request has just these states, in these versions, and of these
 * lengths. */
bool wire_check_states(const struct wire *w, const struct http_head *head,
	const struct job_place *at, uint32_t n, const uint32_t *states, uint64_t body_bytes);
/* Whether what the step leaves of the state may be sent as its changes: it updates it, by a
 * function of the user's, in a job with declared access. */
bool wire_may_be_partial(const struct wire *w, uint32_t job, uint32_t step, uint32_t state);

#endif
