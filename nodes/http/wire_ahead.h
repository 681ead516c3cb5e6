/* SPDX-License-Identifier: MIT */
/*
 * Messages about states that go ahead of the call of their step (options.prefetch, push): made, and
 * checked against the deployment. All of them name states of the step in sfemu-versions, in the
 * versions that it gets.
 */
#ifndef SFE_NODES_WIRE_AHEAD_H
#define SFE_NODES_WIRE_AHEAD_H

#include "nodes/http/http_head.h"
#include "nodes/http/wire.h"

/* Which states of the step at->step of a job. */
struct wire_ahead {
	struct job_place at;
	uint32_t after; /* the step before it that has been called */
	uint32_t n;
	const uint32_t *states; /* ascending */
};

/* Each returns NULL if out of memory. */

/* POST /prefetch/<job>: from the node of step `after` to that of the step: these states are final.
 */
#define WIRE_PREFETCH "prefetch"
struct outgoing *wire_prefetch(const struct wire *w, uint32_t to, const struct wire_ahead *which);
/* GET /ahead/<job>: from the step's node to the keeper, which answers with copies (wire_states) and
 * goes on owning the states. */
#define WIRE_AHEAD "ahead"
struct outgoing *wire_fetch_ahead(
	const struct wire *w, uint32_t to, const struct wire_ahead *which);
/* POST /claim/<job>: the step has been called, and changes the states whose copies it has: the
 * keeper gives them away. The answer is 200, without the states. */
#define WIRE_CLAIM "claim"
struct outgoing *wire_claim(const struct wire *w, uint32_t to, const struct wire_ahead *which);

/* POST /push/<job>: copies of these states, from their keeper to the step's node. given: in the
 * same order. `after` does not count. */
#define WIRE_PUSH "push"
struct outgoing *wire_push(const struct wire *w, uint32_t to, const struct wire_ahead *which,
	const struct wire_given *given);

/* Whether such a message is one of a worker of this deployment. 0, or -EBADMSG with a reason. The
 * first, and the last: to this node. */
int wire_check_prefetch(
	const struct wire *w, const struct http_head *head, uint32_t job, char *why, size_t room);
int wire_check_fetch_ahead(
	const struct wire *w, const struct http_head *head, uint32_t job, char *why, size_t room);
int wire_check_push(
	const struct wire *w, const struct http_head *head, uint32_t job, char *why, size_t room);

#endif
