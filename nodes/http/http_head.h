/* SPDX-License-Identifier: MIT */
/*
 * Heads of HTTP/1.1 messages, and sfemu's own headers in them. http_form.h checks their form, a
 * library finds their parts (http_library.h).
 *
 * Pure: bytes in, a struct out. A malformed head is refused. Whether its content makes sense (does
 * this job exist?) is checked elsewhere: wire_check.h.
 */
#ifndef SFE_NODES_HTTP_HEAD_H
#define SFE_NODES_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nodes/http/head_changes.h"
#include "sfemu/strategy.h"

/* Room for three lists of SFE_MAX_TASKS_PER_JOB states ("s999=1048576, "), or for two of them and
 * what was changed in HEAD_MAX_CHANGED states. */
#define HEAD_MAX_BYTES (64u << 10)
#define HEAD_MAX_BODY_BYTES (1ull << 30)
#define HEAD_MAX_ITEMS 1001u /* a job's states, and its argument */
#define HEAD_ARG UINT32_MAX  /* in place of a state's number: "arg" */

struct head_list { /* "arg=123, s0=4567, s3=200": arg first, then states ascending */
	uint32_t n;
	struct head_item {
		uint32_t state; /* or HEAD_ARG */
		uint64_t value;
	} * items;
};

enum head_field { /* sfemu's headers */
	HEAD_JOB = 1 << 0,
	HEAD_STEP = 1 << 1,
	HEAD_FROM = 1 << 2,
	HEAD_VERSION = 1 << 3,
	HEAD_STATUS = 1 << 4,
	HEAD_STRATEGY = 1 << 5,
	HEAD_FUNCTION = 1 << 6,
	HEAD_REASON = 1 << 7,
	HEAD_PARTS = 1 << 8,
	HEAD_HOLDERS = 1 << 9,
	HEAD_VERSIONS = 1 << 10,
	HEAD_ATTEMPT = 1 << 11,
	HEAD_DIGEST = 1 << 12,
	HEAD_AFTER = 1 << 13,
	HEAD_CHANGES = 1 << 14,
	HEAD_CALL = 1 << 15,
	HEAD_EPOCH = 1 << 16,
	HEAD_OPERATION = 1 << 17,
	HEAD_INSTANCE = 1 << 18,
	HEAD_STREAM = 1 << 19,
	HEAD_EFFECTS = 1 << 20,
};

struct http_head {
	bool request, keep_alive, chunked, expects_continue;
	unsigned method; /* enum http_form_method, of a request */
	unsigned status; /* of a response */
	char path[128];  /* of a request */
	uint32_t bytes;  /* the head's own size */
	uint64_t body_bytes;
	unsigned fields; /* the headers that were there: enum head_field */
	uint32_t job, step, from;
	uint32_t attempt;   /* of the job; 1 without the header */
	uint32_t after;     /* the step that calls; UINT32_MAX without the header */
	uint32_t epoch;     /* of the version of a state that outlives jobs; 0 without the header */
	uint32_t operation; /* on a state by name: put, delete: the number of the change; get: 0 */
	uint32_t instance;  /* of such a state; 0 without the header */
	uint64_t version, effects; /* effects: changes behind the content, 0 without the header */
	uint64_t call;   /* path of a call at run time (nodes/base/call_key.h); 0 without it */
	uint64_t stream; /* likewise: what its random numbers follow from */
	int32_t error;   /* sfemu-status */
	uint64_t digest_head, digest_body;
	size_t digest_at; /* the digest header's offset in the head */
	char strategy[SFE_STRATEGY_BYTES], function[64], reason[160];
	struct head_list parts, holders, versions;
	struct head_changes changes;
};

/*
 * Reads a head from the beginning of data. 1: complete, *used bytes long; 0: more bytes are needed;
 * -EBADMSG: not HTTP, or one of sfemu's headers is malformed; -EMSGSIZE: longer than
 * HEAD_MAX_BYTES; -ENOMEM. head must be all zero, or a result of an earlier call.
 */
int http_head_read(
	struct http_head *head, bool request, const void *data, size_t length, size_t *used);
void http_head_clear(struct http_head *head);

/* Reads a list; -EBADMSG if it is malformed, not in order, or too long. list must be all zero, or a
 * result of an earlier call. */
int head_list_read(struct head_list *list, const char *text, size_t length, bool with_arg);

#endif
