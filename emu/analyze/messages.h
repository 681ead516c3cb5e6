/* SPDX-License-Identifier: MIT */
/*
 * From a stream of bytes to the messages of the workers' protocol: HTTP/1.1 heads with sfemu's
 * headers, and how long each part of a body (the argument, each state) took to come. What is not
 * ours is passed over.
 */
#ifndef SFE_ANALYZE_MESSAGES_H
#define SFE_ANALYZE_MESSAGES_H

#include "nodes/http/http_head.h"

enum sfe_message_kind {
	SFE_MESSAGE_CALL,   /* POST /invoke: argument and states to a step */
	SFE_MESSAGE_RETURN, /* the job's result, or a step's to its client */
	SFE_MESSAGE_FETCH,  /* GET /state, /replica: asks for a state */
	SFE_MESSAGE_STATE,  /* the answer; or PUT: brings one to where it is kept */
	SFE_MESSAGE_OTHER,  /* accepted, refused, health: no payload of a job */
};
#define SFE_MESSAGE_KINDS 5
const char *sfe_message_kind_name(enum sfe_message_kind kind);

#define SFE_STATE_UNKNOWN (HEAD_ARG - 1)

struct sfe_message_part {
	uint32_t state; /* HEAD_ARG: the argument or return value */
	uint64_t bytes, begin_ns, end_ns;
};

struct sfe_message {
	enum sfe_message_kind kind;
	bool ours; /* it says job, step and strategy, or answers one that does */
	uint32_t job, step, from;
	char strategy[32], function[64];
	int32_t error;
	uint64_t begin; /* offset in the stream */
	uint64_t head_bytes, body_bytes;
	uint64_t begin_ns, head_ns, body_ns,
		end_ns;         /* first byte, head whole, first byte of the body, last byte */
	uint64_t missing_bytes; /* of the body, not in the capture */
	uint32_t n_parts;
	struct sfe_message_part *parts;
};

/* What the reader tells. The message lives until the next call. */
struct sfe_message_sink {
	void (*head)(void *arg, const struct sfe_message *m); /* its head is whole */
	void (*whole)(void *arg, const struct sfe_message *m);
	void *arg;
};

struct sfe_message_reader {
	struct sfe_message_sink sink;
	struct sfe_message_reader
		*back; /* of the other direction: an answer belongs to its last request */
	enum {
		SFE_READ_START,
		SFE_READ_HEAD,
		SFE_READ_BODY,
		SFE_READ_LOST,
		SFE_READ_NOT_HTTP
	} mode;
	uint64_t offset;
	uint8_t *head;
	size_t head_length, head_room;
	uint64_t left; /* of the body */
	uint32_t part;
	uint64_t part_left;
	struct http_head parsed;
	struct sfe_message message;
	uint32_t parts_room;
	bool any;            /* a message has been read */
	uint64_t lost_bytes; /* that no message could be found for */
};

/* These two are what a struct sfe_tcp_sink calls; arg is the reader. */
void sfe_messages_take(
	void *reader, const uint8_t *data, uint64_t n, bool missing, uint64_t time_ns);
uint64_t sfe_messages_skips(void *reader);
void sfe_messages_free(struct sfe_message_reader *r);

#endif
