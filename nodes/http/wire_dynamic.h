/* SPDX-License-Identifier: MIT */
/* Messages about calls at run time (wire_dynamic_call in wire.h), checked against the deployment.
 */
#ifndef SFE_NODES_WIRE_DYNAMIC_H
#define SFE_NODES_WIRE_DYNAMIC_H

#include "nodes/http/http_head.h"
#include "nodes/http/wire.h"

/* Of a call or a cast: whether the head agrees with the deployment, and which call it is. 0, or
 * -EBADMSG with a reason in `why`. */
int wire_check_dynamic(const struct wire *w, const struct http_head *head, struct call_key *key,
	char *why, size_t room);
/* Of an answer: whether it is about this call. */
bool wire_answers_dynamic(
	const struct wire *w, const struct http_head *head, const struct call_key *key);

/* The function of that name, if calls at run time may name it: the scenario defines it. UINT32_MAX:
 * there is none. */
uint32_t wire_dynamic_function(const struct sfe_deployment *d, const char *name);

#endif
