/* SPDX-License-Identifier: MIT */
#include "nodes/http/connection.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "nodes/base/clock.h"
#include "nodes/http/message_digest.h"

/* After an answer that refuses a request, so much of the request's rest is read and dropped. */
#define DRAIN_MAX_BYTES (16ull << 20)

static void on_readable(evutil_socket_t fd, short what, void *arg);
static void on_writable(evutil_socket_t fd, short what, void *arg);

void connections_init(struct connections *all)
{
	*all = (struct connections){0};
	TAILQ_INIT(&all->open);
	TAILQ_INIT(&all->closed);
}

struct connection *connection_new(struct connections *all, const struct connection_handler *handler,
	int fd, bool server, uint16_t port)
{
	struct connection *c = calloc(1, handler->size);
	const int on = 1;

	if (!c) {
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	*c = (struct connection){.all = all,
		.handler = handler,
		.fd = fd,
		.port = port,
		.server = server,
		.established = server,
		.receive = server ? RECEIVE_HEAD : RECEIVE_HOLD};
	watch_init(&c->readable, all->loop, fd, EV_READ, on_readable, c);
	watch_init(&c->writable, all->loop, fd, EV_WRITE, on_writable, c);
	TAILQ_INSERT_TAIL(&all->open, c, list);
	if (fd < 0)
		return c;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	c->reading = true;
	if (watch_start(&c->readable))
		connection_fail_later(c, -ENOMEM);
	return c;
}

/* ---- sending */

/* 1: all is written; 0: the rest waits until the socket has room; or a negative errno. */
static int write_some(struct connection *c)
{
	struct outgoing *o = c->sending;
	struct msghdr message = {.msg_iov = o->vector + o->at, .msg_iovlen = o->n - o->at};
	ssize_t n;

	do
		n = sendmsg(c->fd, &message, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;
	c->established = true;
	return outgoing_advance(o, (size_t)n);
}

static void all_written(struct connection *c)
{
	outgoing_free(c->sending);
	c->sending = NULL;
	if (c->ending)
		connection_finish(c);
	c->handler->written(c);
}

void connection_fail_later(struct connection *c, int code)
{
	if (!c->failure)
		c->failure = code;
	watch_fire(&c->readable);
}

/* On a ring: the kernel has sent the rest, or as much of it as it could. */
static void on_sent(void *arg, int result)
{
	struct connection *c = arg;

	if (result < 0 && result != -EAGAIN && result != -EINTR) {
		connection_close(c, result);
	} else if (result > 0 && outgoing_advance(c->sending, (size_t)result)) {
		all_written(c);
	} else {
		int r = watch_start(&c->writable);
		if (r)
			connection_close(c, r);
	}
}

/* Sends what the socket has no room for now: 0 or a negative errno. */
static int send_rest(struct connection *c)
{
	struct outgoing *o = c->sending;

	if (!c->established || !loop_has_ring(c->all->loop))
		return watch_start(&c->writable);
	watch_stop(&c->writable);
	return transfer_send(
		&c->sending_rest, c->all->loop, c->fd, o->vector + o->at, o->n - o->at, on_sent, c);
}

void connection_send(struct connection *c, struct outgoing *message)
{
	int r = c->all->digests ? message_digest_add(message) : 0;

	c->sending = message;
	if (r)
		connection_fail_later(c, r);
	if (c->failure)
		return;
	if (c->established) /* else on_writable sends it */
		r = write_some(c);
	if (r == 1)
		all_written(c);
	else if (r || (r = send_rest(c)))
		connection_fail_later(c, r);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct connection *c = arg;
	(void)fd, (void)what;

	if (!c->sending || c->failure)
		return;
	int r = write_some(c);
	if (!r)
		r = send_rest(c);
	if (r < 0) {
		connection_close(c, r);
	} else if (r == 1) {
		watch_stop(&c->writable);
		all_written(c);
	}
}

/* ---- receiving */

/* Keeps bytes for later. */
static void hold(struct connection *c, const uint8_t *data, size_t n)
{
	c->early = malloc(n);
	if (!c->early) {
		connection_fail_later(c, -ENOMEM);
		return;
	}
	memcpy(c->early, data, n);
	c->n_early = n;
}

static void message_done(struct connection *c)
{
	uint64_t done_ns = now_ns();
	struct message_waits waits;

	c->waits_known = message_waits_read(c->fd, &waits);
	c->waits = message_waits_since(&c->all_waits.all, &waits.all);
	c->all_waits = waits;
	c->receive = RECEIVE_HOLD;
	if (c->head.fields & HEAD_DIGEST && !message_digest_matches_body(&c->head, &c->body)) {
		c->handler->malformed(c, -EILSEQ);
		return;
	}
	c->handler->message(c, done_ns);
}

/* curl waits for this before it sends a body. It is not the answer, so it is sent directly. */
static void say_continue(struct connection *c)
{
	static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";

	if (send(c->fd, text, sizeof(text) - 1, MSG_NOSIGNAL) != (ssize_t)sizeof(text) - 1)
		connection_fail_later(c, -EPIPE);
}

/* Reads a head from data: its size; 0 if it is not complete, or the connection has failed. */
static size_t read_head(struct connection *c, const uint8_t *data, size_t n)
{
	size_t used = 0;
	int r = http_head_read(&c->head, c->server, data, n, &used);

	/* A person with curl sends no header of sfemu's, and no digest. */
	if (c->all->digests &&
		(r == -EBADMSG || (r > 0 && (!c->server || c->head.fields) &&
					  !message_digest_matches_head(&c->head, data))))
		r = -EILSEQ;
	if (r < 0) {
		c->handler->malformed(c, r);
		return 0;
	}
	if (!r) {
		hold(c, data, n);
		return 0;
	}
	c->head_ns = now_ns();
	c->got = 0;
	if (c->handler->head(c))
		return 0;
	r = slice_new(c->all->buffers, c->head.body_bytes, &c->body);
	if (r) {
		connection_fail_later(c, r);
		return 0;
	}
	c->receive = RECEIVE_BODY;
	if (c->server && c->head.expects_continue && n - used < c->head.body_bytes)
		say_continue(c);
	return used;
}

/* Processes bytes that were read into the scratch buffer. */
static void process(struct connection *c, const uint8_t *data, size_t n)
{
	while (n && !c->dead && !c->failure) {
		if (c->receive == RECEIVE_HEAD) {
			size_t used = read_head(c, data, n);
			if (!used)
				return;
			data += used;
			n -= used;
		} else if (c->receive == RECEIVE_HOLD) {
			if (!c->server) { /* an answer without a request */
				c->handler->malformed(c, -EBADMSG);
				return;
			}
			hold(c, data, n);
			watch_stop(&c->readable);
			c->reading = false;
			return;
		} else if (c->receive == RECEIVE_DRAIN) {
			return;
		}
		if (c->receive == RECEIVE_BODY) {
			uint64_t left = c->body.size - c->got, part = n < left ? n : left;
			memcpy(c->body.data + c->got, data, part);
			c->got += part;
			data += part;
			n -= part;
			if (c->got == c->body.size)
				message_done(c);
		}
	}
}

/* Processes the bytes that were received early, and n new ones. */
static void process_early(struct connection *c, const uint8_t *data, size_t n)
{
	uint8_t *all = c->early;
	size_t n_all = c->n_early;

	c->early = NULL;
	c->n_early = 0;
	if (n) {
		uint8_t *more = realloc(all, n_all + n);
		if (!more) {
			free(all);
			connection_fail_later(c, -ENOMEM);
			return;
		}
		all = more;
		memcpy(all + n_all, data, n);
	}
	process(c, all, n_all + n);
	free(all);
}

static void received(struct connection *c, size_t n)
{
	if (c->receive == RECEIVE_DRAIN) {
		c->drained += n;
		if (c->drained > DRAIN_MAX_BYTES)
			connection_close(c, 0);
	} else if (c->early) {
		process_early(c, c->all->scratch, n);
	} else {
		process(c, c->all->scratch, n);
	}
}

/* On a ring: the rest of the body was received, or as much of it as ever will be. */
static void on_body(void *arg, int result)
{
	struct connection *c = arg;
	int r;

	if (result <= 0 && result != -EAGAIN && result != -EINTR) {
		connection_close(c, result);
		return;
	}
	r = watch_start(&c->readable);
	if (r) {
		connection_close(c, r);
		return;
	}
	if (result > 0 && (c->got += (uint64_t)result) == c->body.size)
		message_done(c);
}

/* On a ring the kernel receives the rest of a body in one request, however many packets it takes.
 */
static void receive_rest(struct connection *c)
{
	uint64_t left = c->body.size - c->got;
	int r;

	if (c->dead || c->failure || c->receive != RECEIVE_BODY || !loop_has_ring(c->all->loop))
		return;
	watch_stop(&c->readable);
	r = transfer_receive(
		&c->receiving_rest, c->all->loop, c->fd, c->body.data + c->got, left, on_body, c);
	if (r)
		connection_fail_later(c, r);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct connection *c = arg;

	if (c->failure) {
		connection_close(c, c->failure);
		return;
	}
	if (what & EV_TIMEOUT) { /* fired by connection_next */
		process_early(c, NULL, 0);
		return;
	}
	do {
		bool body = c->receive == RECEIVE_BODY;
		void *to = body ? c->body.data + c->got : c->all->scratch;
		size_t room = body ? c->body.size - c->got : SCRATCH_BYTES;
		ssize_t n = recv(fd, to, room, 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			connection_close(c, n ? -errno : 0);
			return;
		}
		if (!body) {
			received(c, (size_t)n);
		} else if ((c->got += (uint64_t)n) == c->body.size) {
			message_done(c);
		}
		if ((size_t)n < room) { /* the socket is empty: another recv would only say so */
			receive_rest(c);
			return;
		}
	} while (!c->dead && !c->failure && c->receive == RECEIVE_BODY);
}

void connection_next(struct connection *c)
{
	c->receive = RECEIVE_HEAD;
	if (!c->reading) {
		c->reading = true;
		if (watch_start(&c->readable))
			connection_fail_later(c, -ENOMEM);
	}
	if (c->early)
		watch_fire(&c->readable);
}

/* ---- ending */

void connection_finish(struct connection *c)
{
	shutdown(c->fd, SHUT_WR);
	free(c->early);
	c->early = NULL;
	c->receive = RECEIVE_DRAIN;
	if (!c->reading) {
		c->reading = true;
		if (watch_start(&c->readable))
			connection_fail_later(c, -ENOMEM);
	}
}

static void release_outgoing(void *outgoing)
{
	outgoing_free(outgoing);
}

static void release_buffer(void *buffer)
{
	struct slice whole = {.buffer = buffer};

	slice_drop(&whole);
}

/* The kernel may still use the memory of pending transfers: it is released when they end. */
static void cancel_transfers(struct connection *c)
{
	struct loop *loop = c->all->loop;

	if (c->receiving_rest.slot) {
		transfer_cancel(&c->receiving_rest, loop, release_buffer, c->body.buffer);
		c->body = (struct slice){0};
	}
	if (c->sending_rest.slot) {
		transfer_cancel(&c->sending_rest, loop, release_outgoing, c->sending);
		c->sending = NULL;
	}
}

void connection_close(struct connection *c, int code)
{
	struct connections *all = c->all;

	if (c->dead)
		return;
	c->dead = true;
	watch_stop(&c->readable);
	watch_stop(&c->writable);
	cancel_transfers(c);
	if (c->fd >= 0)
		close(c->fd);
	TAILQ_REMOVE(&all->open, c, list);
	TAILQ_INSERT_TAIL(&all->closed, c, list);
	c->handler->closed(c, code);
	outgoing_free(c->sending);
	c->sending = NULL;
	slice_drop(&c->body);
	free(c->early);
	c->early = NULL;
	watch_fire(all->later);
}

void connections_close_all(struct connections *all, bool reset)
{
	const struct linger linger = {.l_onoff = 1, .l_linger = 0};

	for (struct connection *c; (c = TAILQ_FIRST(&all->open));) {
		if (reset && c->fd >= 0)
			setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
		connection_close(c, -ECANCELED);
	}
}

void connections_free_closed(struct connections *all)
{
	for (struct connection *c; (c = TAILQ_FIRST(&all->closed));) {
		TAILQ_REMOVE(&all->closed, c, list);
		http_head_clear(&c->head);
		free(c);
	}
}
