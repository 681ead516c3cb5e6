/* SPDX-License-Identifier: MIT */
/*
 * One TCP connection that carries HTTP/1.1 messages, one after the other, on the event loop.
 *
 * Why not libevent's bufferevent and evhttp: evbuffer_read asks FIONREAD and then reads 4096 bytes
 * at most, so that a body of 1 MB costs 500 system calls of 21 µs each in the guest. Here a body is
 * received straight into its buffer with as few calls as the kernel allows, and leaves by sendmsg
 * from where it lies.
 */
#ifndef SFE_NODES_CONNECTION_H
#define SFE_NODES_CONNECTION_H

#include <sys/uio.h>

#include "nodes/base/text.h"
#include "nodes/http/http_head.h"
#include "nodes/worker/worker_state.h"

struct outgoing { /* a message being written: its head, and the slices that are its body */
	char *head;
	size_t head_bytes;
	bool sealed; /* has its digest (see seal.h) */
	struct slice *slices;
	uint32_t n_slices;
	struct iovec *vector;
	uint32_t n, at;
};

struct connection_handler {
	/* The head is here. 0: go on and receive the body; else it is answered already, the body is
	 * not wanted. */
	int (*head)(struct connection *c);
	/* The whole message is here, in c->head and c->body. */
	void (*message)(struct connection *c, uint64_t done_ns);
	/* c->sending was handed to the kernel, all of it. */
	void (*written)(struct connection *c);
	/* What came is no message: -EBADMSG, -EMSGSIZE; or not the one that was sent: -EILSEQ. */
	void (*malformed)(struct connection *c, int code);
	/* It is over: 0 if the other side closed it, else a negative errno. Frees what hangs on it.
	 */
	void (*closed)(struct connection *c, int code);
};

struct connection {
	struct worker *worker;
	const struct connection_handler *handler;
	int fd;
	uint16_t port; /* of the side that connected */
	bool server, established, reading, ending, dead;
	int failure; /* found where nobody could be told */
	struct watch readable, writable;
	struct transfer coming, going; /* with a ring: the rest of the body, of what is sent */
	enum { RECEIVE_HEAD, RECEIVE_BODY, RECEIVE_HOLD, RECEIVE_DRAIN } receive;
	uint8_t *ahead; /* what came before its turn: part of a head, or the next request */
	size_t n_ahead;
	uint64_t drained;
	struct http_head head;
	uint64_t head_ns;
	struct slice body;
	uint64_t got; /* of the body */
	struct outgoing *sending;

	/* A server's: */
	unsigned route;
	uint64_t coming_bytes;         /* of a body that is not here yet, counted for the host */
	struct invocation *invocation; /* that will answer */
	struct stored *handing_over;
	/* A client's: */
	uint32_t peer;
	bool idle;
	struct exchange *exchange;

	TAILQ_ENTRY(connection) list, idle_list;
};

/* Takes over the head's text and copies references of the slices; NULL if out of memory (the text
 * is freed then too). */
struct outgoing *outgoing_new(struct text *head, const struct slice *slices, uint32_t n);
/* The same message, not yet written at all; NULL if out of memory. */
struct outgoing *outgoing_copy(const struct outgoing *outgoing);
void outgoing_free(struct outgoing *outgoing);

/* fd -1 with a failure: a connection that fails as soon as the loop runs. Takes over fd. port: of
 * the side that connected. NULL: out of memory. */
struct connection *connection_new(struct worker *w, const struct connection_handler *handler,
	int fd, bool server, uint16_t port);
/* Sends; takes over the message, which gets its digest if this network damages packets. Errors come
 * later, through closed(). */
void connection_send(struct connection *c, struct outgoing *message);
/* Tells of a failure from the loop, not from here. */
void connection_fail_later(struct connection *c, int code);
/* Ready for the next message. */
void connection_next(struct connection *c);
/* Ends it gently after an answer that leaves part of a request unread: else a reset would eat the
 * answer. */
void connection_finish(struct connection *c);
/* Ends it and calls closed(). The memory stays until worker_later. */
void connection_close(struct connection *c, int code);
void connection_bury(struct worker *w); /* frees those that were closed */

#endif
