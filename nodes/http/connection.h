/* SPDX-License-Identifier: MIT */
/*
 * A TCP connection that carries HTTP/1.1 messages, one after the other, on the event loop.
 *
 * Why not libevent's bufferevent and evhttp: evbuffer_read asks FIONREAD and then reads at most
 * 4096 bytes, so that a body of 1 MB costs 500 system calls of 21 µs each in the guest. Here a body
 * is received straight into its buffer with as few calls as the kernel allows, and sendmsg sends it
 * from where it lies.
 *
 * Server and client embed struct connection as the first member of a struct of their own.
 */
#ifndef SFE_NODES_CONNECTION_H
#define SFE_NODES_CONNECTION_H

#include "nodes/events/loop.h"
#include "nodes/http/http_head.h"
#include "nodes/http/message_waits.h"
#include "nodes/http/outgoing.h"

struct connection;

/* The size of the buffer for heads. The rest of a body is read straight into its own buffer. */
#define SCRATCH_BYTES (64u << 10)

struct connections { /* of one worker, and what they share */
	struct loop *loop;
	struct buffer_pool *buffers; /* for bodies */
	uint8_t *scratch;            /* SCRATCH_BYTES, only used within a call */
	bool digests;                /* messages carry digests (see message_digest.h) */
	/* Fired when a connection was closed; its callback calls connections_free_closed. */
	struct watch *later;
	TAILQ_HEAD(, connection) open;
	TAILQ_HEAD(, connection) closed; /* not freed yet: a caller may have them on its stack */
};

struct connection_handler {
	size_t size; /* of the struct that embeds the connection */
	/* The head was received. 0: receive the body; else the handler has answered already and
	 * does not want the body. */
	int (*head)(struct connection *c);
	/* The whole message was received, into c->head and c->body. */
	void (*message)(struct connection *c, uint64_t done_ns);
	/* The kernel has accepted all of the message that was sent. */
	void (*written)(struct connection *c);
	/* Not an HTTP message: -EBADMSG, -EMSGSIZE; or it does not agree with its digest: -EILSEQ.
	 */
	void (*malformed)(struct connection *c, int code);
	/* The connection has ended: 0 if the other side closed it, else a negative errno. Releases
	 * what refers to it. */
	void (*closed)(struct connection *c, int code);
};

struct connection {
	struct connections *all;
	const struct connection_handler *handler;
	int fd;
	uint16_t port; /* of the side that connected */
	bool server, established, reading, ending, dead;
	int failure; /* to be reported from the loop */
	struct watch readable, writable;
	struct transfer receiving_rest, sending_rest; /* with a ring */
	enum { RECEIVE_HEAD, RECEIVE_BODY, RECEIVE_HOLD, RECEIVE_DRAIN } receive;
	uint8_t *early; /* received early: part of a head, or the next request */
	size_t n_early;
	uint64_t drained;
	struct http_head head;
	uint64_t head_ns;
	bool waits_known;
	struct sfe_ctl_waits waits;     /* of the last message */
	struct message_waits all_waits; /* of all so far */
	struct slice body;
	uint64_t got; /* of the body */
	struct outgoing *sending;
	TAILQ_ENTRY(connection) list;
};

void connections_init(struct connections *all);
/* Closes each with -ECANCELED. reset: with a RST; else as the kernel does for a killed process. */
void connections_close_all(struct connections *all, bool reset);
void connections_free_closed(struct connections *all);

/*
 * A connection on fd, which it takes over. fd -1: the caller has no socket and calls
 * connection_fail_later. port is that of the side that connected. What embeds the connection is all
 * zero. NULL: out of memory.
 */
struct connection *connection_new(struct connections *all, const struct connection_handler *handler,
	int fd, bool server, uint16_t port);
/* Sends a message and takes it over; adds its digest where messages carry them. Errors are reported
 * later, through closed(). */
void connection_send(struct connection *c, struct outgoing *message);
/* Closes it with this code, but from the loop and not within this call. */
void connection_fail_later(struct connection *c, int code);
/* Ready for the next message. */
void connection_next(struct connection *c);
/* Ends it after an answer that leaves part of a request unread. It reads and drops that part: an
 * immediate close would send a RST, which may destroy the answer on the other side. */
void connection_finish(struct connection *c);
/* Ends it and calls closed(). It is freed later, by connections_free_closed. */
void connection_close(struct connection *c, int code);

#endif
