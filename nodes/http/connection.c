/* SPDX-License-Identifier: MIT */
#include "nodes/http/connection.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "nodes/http/message_digest.h"

/* An answer that refuses a request is safe once so much of the unread rest has been thrown away. */
#define DRAIN_MAX_BYTES (16ull << 20)
/* Less than so much is here sooner than a ring is told of it. */
#define RING_MIN_BYTES 4096u

static void on_readable(evutil_socket_t fd, short what, void *arg);
static void on_writable(evutil_socket_t fd, short what, void *arg);

struct connection *connection_new(struct worker *w, const struct connection_handler *handler,
	int fd, bool server, uint16_t port)
{
	struct connection *c = calloc(1, sizeof(*c));
	const int on = 1;

	if (!c) {
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	*c = (struct connection){.worker = w,
		.handler = handler,
		.fd = fd,
		.port = port,
		.server = server,
		.established = server,
		.receive = server ? RECEIVE_HEAD : RECEIVE_HOLD};
	watch_init(&c->readable, w->loop, fd, EV_READ, on_readable, c);
	watch_init(&c->writable, w->loop, fd, EV_WRITE, on_writable, c);
	TAILQ_INSERT_TAIL(&w->connections, c, list);
	if (fd < 0)
		return c;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	c->reading = true;
	if (watch_start(&c->readable))
		connection_fail_later(c, -ENOMEM);
	return c;
}

/* ---- sending */

void outgoing_free(struct outgoing *o)
{
	if (!o)
		return;
	for (uint32_t i = 0; i < o->n_slices; i++)
		slice_drop(&o->slices[i]);
	free(o->slices);
	free(o->vector);
	free(o->head);
	free(o);
}

struct outgoing *outgoing_new(struct text *head, const struct slice *slices, uint32_t n)
{
	struct outgoing *o = calloc(1, sizeof(*o));

	if (o) {
		o->slices = calloc(n + 1, sizeof(*o->slices));
		o->vector = calloc(n + 1, sizeof(*o->vector));
	}
	if (!o || !o->slices || !o->vector || head->failed) {
		outgoing_free(o);
		text_clear(head);
		return NULL;
	}
	o->head = head->bytes;
	o->head_bytes = head->length;
	o->vector[o->n++] = (struct iovec){head->bytes, head->length};
	*head = (struct text){0};
	for (uint32_t i = 0; i < n; i++) {
		struct iovec *last = &o->vector[o->n - 1];
		o->slices[o->n_slices++] = slice_part(&slices[i], 0, slices[i].size);
		if (!slices[i].size)
			continue;
		/* Neighbours in one buffer are one piece. */
		if ((uint8_t *)last->iov_base + last->iov_len == slices[i].data && o->n > 1)
			last->iov_len += slices[i].size;
		else
			o->vector[o->n++] = (struct iovec){slices[i].data, slices[i].size};
	}
	return o;
}

struct outgoing *outgoing_copy(const struct outgoing *o)
{
	struct text head = {0};

	text_add(&head, "%.*s", (int)o->head_bytes, o->head);
	return outgoing_new(&head, o->slices, o->n_slices);
}

/* What the kernel has taken is behind us; true once it is all. */
static bool outgoing_took(struct outgoing *o, size_t n)
{
	while (o->at < o->n && n >= o->vector[o->at].iov_len)
		n -= o->vector[o->at++].iov_len;
	if (o->at == o->n)
		return true;
	o->vector[o->at].iov_base = (uint8_t *)o->vector[o->at].iov_base + n;
	o->vector[o->at].iov_len -= n;
	return false;
}

/* 1: all is written; 0: the rest waits until the socket takes more; or a negative errno. */
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
	return outgoing_took(o, (size_t)n);
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

/* On a ring: the kernel took the rest of it, or as much as it could. */
static void on_sent(void *arg, int result)
{
	struct connection *c = arg;

	if (result < 0 && result != -EAGAIN && result != -EINTR) {
		connection_close(c, result);
	} else if (result > 0 && outgoing_took(c->sending, (size_t)result)) {
		all_written(c);
	} else {
		int r = watch_start(&c->writable);
		if (r)
			connection_close(c, r);
	}
}

/* What the socket has no room for now: 0, or a negative errno. */
static int send_rest(struct connection *c)
{
	struct outgoing *o = c->sending;

	if (!c->established || !loop_has_ring(c->worker->loop))
		return watch_start(&c->writable);
	watch_stop(&c->writable);
	return transfer_send(
		&c->going, c->worker->loop, c->fd, o->vector + o->at, o->n - o->at, on_sent, c);
}

void connection_send(struct connection *c, struct outgoing *message)
{
	int r = c->worker->deployment->damages ? seal_put(message) : 0;

	c->sending = message;
	if (r)
		connection_fail_later(c, r);
	if (c->failure)
		return;
	if (c->established) /* else on_writable says that it is */
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

static void hold(struct connection *c, const uint8_t *data, size_t n)
{
	c->ahead = malloc(n);
	if (!c->ahead) {
		connection_fail_later(c, -ENOMEM);
		return;
	}
	memcpy(c->ahead, data, n);
	c->n_ahead = n;
}

static void message_done(struct connection *c)
{
	uint64_t done_ns = now_ns();

	c->receive = RECEIVE_HOLD;
	if (c->head.fields & HEAD_DIGEST && !seal_holds_body(&c->head, &c->body)) {
		c->handler->malformed(c, -EILSEQ);
		return;
	}
	c->handler->message(c, done_ns);
}

/* curl waits for this before it sends a body; written apart, as it comes before the answer. */
static void say_continue(struct connection *c)
{
	static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";

	if (send(c->fd, text, sizeof(text) - 1, MSG_NOSIGNAL) != (ssize_t)sizeof(text) - 1)
		connection_fail_later(c, -EPIPE);
}

/* Takes a head from data: how many bytes it was; 0 if it is not whole, or all is over. */
static size_t take_head(struct connection *c, const uint8_t *data, size_t n)
{
	size_t used = 0;
	int r = http_head_read(&c->head, c->server, data, n, &used);

	/* People with curl say none of our headers, and have no digest. */
	if (c->worker->deployment->damages &&
		(r == -EBADMSG || (r > 0 && (!c->server || c->head.fields) &&
					  !seal_holds_head(&c->head, data))))
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
	r = slice_new(&c->worker->host->buffers, c->head.body_bytes, &c->body);
	if (r) {
		connection_fail_later(c, r);
		return 0;
	}
	c->receive = RECEIVE_BODY;
	if (c->server && c->head.expects_continue && n - used < c->head.body_bytes)
		say_continue(c);
	return used;
}

/* Takes bytes that were read into a buffer which is not theirs. */
static void take(struct connection *c, const uint8_t *data, size_t n)
{
	while (n && !c->dead && !c->failure) {
		if (c->receive == RECEIVE_HEAD) {
			size_t used = take_head(c, data, n);
			if (!used)
				return;
			data += used;
			n -= used;
		} else if (c->receive == RECEIVE_HOLD) {
			if (!c->server) { /* an answer to nothing */
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

/* The bytes that came before their turn, and n new ones. */
static void take_ahead(struct connection *c, const uint8_t *data, size_t n)
{
	uint8_t *all = c->ahead;
	size_t n_all = c->n_ahead;

	c->ahead = NULL;
	c->n_ahead = 0;
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
	take(c, all, n_all + n);
	free(all);
}

static void received(struct connection *c, size_t n)
{
	if (c->receive == RECEIVE_DRAIN) {
		c->drained += n;
		if (c->drained > DRAIN_MAX_BYTES)
			connection_close(c, 0);
	} else if (c->ahead) {
		take_ahead(c, c->worker->host->scratch, n);
	} else {
		take(c, c->worker->host->scratch, n);
	}
}

/* On a ring: the rest of the body is here, or as much of it as will ever be. */
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

/* A body of more than a few packets: the kernel reads them. */
static void receive_rest(struct connection *c)
{
	uint64_t left = c->body.size - c->got;
	int r;

	if (c->dead || c->failure || c->receive != RECEIVE_BODY || left < RING_MIN_BYTES ||
		!loop_has_ring(c->worker->loop))
		return;
	watch_stop(&c->readable);
	r = transfer_receive(
		&c->coming, c->worker->loop, c->fd, c->body.data + c->got, left, on_body, c);
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
	if (what & EV_TIMEOUT) { /* connection_next had something left */
		take_ahead(c, NULL, 0);
		return;
	}
	do {
		bool body = c->receive == RECEIVE_BODY;
		void *to = body ? c->body.data + c->got : c->worker->host->scratch;
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
		if ((size_t)n < room) { /* the socket is empty: do not ask again to hear so */
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
	if (c->ahead)
		watch_fire(&c->readable);
}

/* ---- ending */

void connection_finish(struct connection *c)
{
	shutdown(c->fd, SHUT_WR);
	free(c->ahead);
	c->ahead = NULL;
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

/* The kernel may still be at it: what it uses is left to it. */
static void withdraw_transfers(struct connection *c)
{
	struct loop *loop = c->worker->loop;

	if (c->coming.slot) {
		transfer_cancel(&c->coming, loop, release_buffer, c->body.buffer);
		c->body = (struct slice){0};
	}
	if (c->going.slot) {
		transfer_cancel(&c->going, loop, release_outgoing, c->sending);
		c->sending = NULL;
	}
}

void connection_close(struct connection *c, int code)
{
	struct worker *w = c->worker;

	if (c->dead)
		return;
	c->dead = true;
	watch_stop(&c->readable);
	watch_stop(&c->writable);
	withdraw_transfers(c);
	if (c->fd >= 0)
		close(c->fd);
	TAILQ_REMOVE(&w->connections, c, list);
	TAILQ_INSERT_TAIL(&w->closed, c, list);
	c->handler->closed(c, code);
	outgoing_free(c->sending);
	c->sending = NULL;
	slice_drop(&c->body);
	free(c->ahead);
	c->ahead = NULL;
	worker_later(w);
}

void connection_bury(struct worker *w)
{
	for (struct connection *c; (c = TAILQ_FIRST(&w->closed));) {
		TAILQ_REMOVE(&w->closed, c, list);
		http_head_clear(&c->head);
		free(c);
	}
}
