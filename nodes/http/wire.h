/* SPDX-License-Identifier: MIT */
/* The messages of the protocol: packages to bytes and back. What they mean stands in server.c and
 * in strategies/. */
#ifndef SFE_NODES_WIRE_H
#define SFE_NODES_WIRE_H

#include "nodes/http/connection.h"

/* Each gives NULL if out of memory. */

/* POST /invoke: step package->step is to run on node `to`. */
struct outgoing *wire_call(const struct worker *w, uint32_t to, const struct package *package);
/* POST /return: the job's result, to its client. */
struct outgoing *wire_return(const struct worker *w, uint32_t to, const struct package *package);
/* POST /return without a body: the job failed at this step; code is negative. */
struct outgoing *wire_failure(const struct worker *w, uint32_t to, const struct job_place *at,
	int code, const char *reason);
/* The answer of a strategy that answers a call with its result. */
struct outgoing *wire_result(const struct worker *w, const struct package *package);
/* The same when the invocation failed. */
struct outgoing *wire_no_result(
	const struct worker *w, const struct job_place *at, int code, const char *reason);

/* What a path names: /state/<job>/<state>, or a copy of one. */
#define WIRE_STATE "state"
#define WIRE_REPLICA "replica"
/* GET, and its answer. */
struct outgoing *wire_fetch(const struct worker *w, const char *what, uint32_t to,
	const struct job_place *at, uint32_t state);
struct outgoing *wire_state(const struct worker *w, uint32_t job, uint32_t step, uint64_t version,
	const struct slice *content);
/* PUT: the other node is to keep it. */
struct outgoing *wire_store(const struct worker *w, const char *what, uint32_t to,
	const struct job_place *at, uint32_t state, const struct slice *content, uint64_t version);
/* GET /step/<job>/<step>: whether that node has taken the step over. */
struct outgoing *wire_ask(
	const struct worker *w, uint32_t to, const struct job_place *at, uint32_t step);
/* An answer with a text (may be empty); last: the connection ends after it. */
struct outgoing *wire_answer(unsigned status, const char *text, bool last);

/* What a request or an answer with a package claims to be. */
enum wire_kind { WIRE_CALL, WIRE_RETURN };

/*
 * Whether the head agrees with the deployment: job and step exist; argument and states are those
 * that must come, of the sizes and versions that they must be, and make up the body. 0, or -EBADMSG
 * with a reason in `why`.
 */
int wire_check(const struct worker *w, const struct http_head *head, enum wire_kind kind, char *why,
	size_t room);
/* A head that was checked, and its body, to a package: 0 or -ENOMEM. */
int wire_unpack(const struct worker *w, const struct http_head *head, const struct slice *body,
	struct package *out);

#endif
