/* SPDX-License-Identifier: MIT */
/*
 * Reads the messages of the workers' protocol from a stream of bytes: HTTP/1.1 heads with sfemu's
 * headers, and the arrival times of each part of a body (the argument, each state). Anything else
 * in the stream is skipped.
 */
#ifndef SFE_ANALYZE_MESSAGES_H
#define SFE_ANALYZE_MESSAGES_H

#include "nodes/http/http_head.h"

enum sfe_message_kind {
	SFE_MESSAGE_CALL,    /* POST /invoke: argument and states for a step */
	SFE_MESSAGE_RETURN,  /* the result of a job, or of a step for its client */
	SFE_MESSAGE_FETCH,   /* GET /state, /replica: requests a state */
	SFE_MESSAGE_STATE,   /* the answer to it; or PUT: writes a state to where it is kept */
	SFE_MESSAGE_DYNAMIC, /* POST /call, /cast: a function calls another one; and the output.
				/named/…: it uses a state by name; and the answer */
	SFE_MESSAGE_OTHER,   /* accepted, refused, health: without payload of a job */
};
#define SFE_MESSAGE_KINDS 6
const char *sfe_message_kind_name(enum sfe_message_kind kind);

#define SFE_NO_EDGE UINT32_MAX
#define SFE_STATE_UNKNOWN (HEAD_ARG - 1)

struct sfe_message_part {
	uint32_t state; /* HEAD_ARG: the argument or return value */
	uint64_t bytes, begin_ns, end_ns;
};

struct sfe_message {
	enum sfe_message_kind kind;
	bool ours; /* its head has job, step and strategy, or that of its request does */
	uint32_t job, step, from;
	uint32_t after; /* in a graph whose steps call each other: the step that calls; or
			   SFE_NO_EDGE */
	char strategy[SFE_STRATEGY_BYTES], function[64];
	int32_t error;
	uint64_t begin; /* offset in the stream */
	uint64_t head_bytes, body_bytes;
	/* Times of the first byte, the end of the head, the body's first byte and the last byte. */
	uint64_t begin_ns, head_ns, body_ns, end_ns;
	uint64_t missing_bytes; /* of the body, not in the capture */
	uint32_t n_parts;
	struct sfe_message_part *parts;
};

/* The reader's callbacks. The message is valid until the next call of the reader. */
struct sfe_message_sink {
	void (*head)(void *arg, const struct sfe_message *m);  /* its head is complete */
	void (*whole)(void *arg, const struct sfe_message *m); /* all of it is complete */
	void *arg;
};

struct sfe_message_reader {
	struct sfe_message_sink sink;
	/* The reader of the other direction: an answer belongs to its last request. */
	struct sfe_message_reader *back;
	enum {
		SFE_READ_START, /* between messages */
		SFE_READ_HEAD,
		SFE_READ_BODY,
		SFE_READ_LOST, /* looks for the start of a message at the start of each segment */
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
	uint64_t lost_bytes; /* that belong to no message */
};

/* The callbacks for a struct sfe_tcp_sink: how many of the next bytes need no content (skips), and
 * the next bytes (take). reader is a struct sfe_message_reader. */
void sfe_messages_take(
	void *reader, const uint8_t *data, uint64_t n, bool missing, uint64_t time_ns);
uint64_t sfe_messages_skips(void *reader);
void sfe_messages_free(struct sfe_message_reader *r);

#endif
