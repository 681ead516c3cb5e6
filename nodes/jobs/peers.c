/* SPDX-License-Identifier: MIT */
#include "nodes/jobs/peers.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "nodes/events/timers.h"
#include "nodes/http/message_digest.h"
#include "nodes/recovery/handoffs.h"
#include "nodes/worker/records.h"

static void on_malformed(struct connection *c, int code)
{
	connection_fail_later(c, code);
}

static int on_head(struct connection *c)
{
	if (c->head.chunked || c->head.body_bytes > HEAD_MAX_BODY_BYTES) {
		connection_fail_later(c, -EBADMSG);
		return -1;
	}
	return 0;
}

static void exchange_free(struct exchange *e)
{
	timers_cancel(e->worker, &e->timer);
	package_drop(&e->package);
	slice_drop(&e->body);
	outgoing_free(e->again);
	free(e);
}

static void answered(struct exchange *e)
{
	e->done(e, (int)e->head->status);
	exchange_free(e);
}

static void attempt_failed(struct exchange *e, int code);

static void on_message(struct connection *c, uint64_t done_ns)
{
	struct worker *w = c->worker;
	struct exchange *e = c->exchange;

	c->exchange = NULL;
	w->peers[c->peer].lost = false; /* or again there */
	timers_cancel(w, &e->timer);
	e->head = &c->head;
	e->head_ns = c->head_ns;
	e->done_ns = done_ns;
	e->body = slice_move(&c->body);
	if (c->sending || !c->head.keep_alive) {
		connection_close(c, -ECANCELED);
	} else { /* before done, which may want to send the next request */
		c->idle = true;
		TAILQ_INSERT_HEAD(&w->peers[c->peer].idle, c, idle_list);
	}
	/* The head lives on in c until c takes another message or is buried: neither happens in
	 * done. */
	if (e->head->status == 503) /* what had arrived there was not what was sent */
		attempt_failed(e, -EILSEQ);
	else
		answered(e);
}

static void on_written(struct connection *c)
{
	(void)c; /* the answer comes when it comes */
}

/* ---- attempts */

uint64_t retry_backoff_ns(const struct sfe_retry_policy *policy, uint32_t number)
{
	uint64_t wait = policy->backoff_ns;

	while (--number && wait < UINT64_MAX / 4)
		wait *= 2;
	return wait;
}

uint64_t retry_window_ns(const struct sfe_retry_policy *policy)
{
	uint64_t window = policy->deadline_ns;

	for (uint32_t n = 1; n <= policy->retries && window < UINT64_MAX / 4; n++)
		window += retry_backoff_ns(policy, n) + policy->deadline_ns;
	return window;
}

bool retry_helps(int code)
{
	switch (-code) {
	case ETIMEDOUT:
	case EHOSTDOWN:
	case EHOSTUNREACH:
	case ENETUNREACH:
	case ECONNREFUSED:
	case ECONNRESET:
	case EPIPE:
	case EILSEQ: /* damaged on its way */
		return true;
	}
	return false;
}

static void attempt(struct worker *w, void *exchange);

static void attempt_failed(struct exchange *e, int code)
{
	struct worker *w = e->worker;
	const struct sfe_retry_policy *policy = &w->deployment->retry;
	bool last = !e->again || !retry_helps(code);

	e->connection = NULL;
	timers_cancel(w, &e->timer);
	slice_drop(&e->body);
	records_attempt(e, code, last);
	if (last) {
		e->done(e, code);
		exchange_free(e);
		return;
	}
	TAILQ_INSERT_TAIL(&w->waiting, e, list);
	timers_set(w, &e->timer, now_ns() + retry_backoff_ns(policy, e->number), attempt, e);
	e->number++;
}

static void on_deadline(struct worker *w, void *exchange)
{
	struct exchange *e = exchange;
	(void)w;

	connection_close(e->connection, -ETIME); /* see on_closed */
}

static void on_closed(struct connection *c, int code)
{
	struct worker *w = c->worker;
	struct exchange *e = c->exchange;

	c->exchange = NULL;
	if (c->idle)
		TAILQ_REMOVE(&w->peers[c->peer].idle, c, idle_list);
	/*
	 * A worker that ends as it should resets its connections (see worker.c); the kernel ends
	 * those of one that was killed with a FIN if nothing unread lies in them, as is so while
	 * they are idle. A reset of an idle connection is therefore a good end, and so is one that
	 * we made; any other end of a connection is a loss.
	 */
	bool good_end = (c->idle && code == -ECONNRESET) || code == -ECANCELED || code == -ETIME ||
			code == -EILSEQ;
	c->idle = false;
	if (e && (w->over || w->down))
		exchange_free(e);
	else if (e) /* first, as it knows best what failed */
		attempt_failed(e, !code ? -ECONNRESET : code == -ETIME ? -ETIMEDOUT : code);
	if (!good_end)
		forwards_lost(w, c->peer);
}

static const struct connection_handler handler = {
	.head = on_head,
	.message = on_message,
	.written = on_written,
	.malformed = on_malformed,
	.closed = on_closed,
};

/* A socket from our own address that connects; -1 with *failure if it cannot even begin. */
static int begin_connect(const struct worker *w, uint32_t to, uint16_t *port, int *failure)
{
	const struct sfe_deployment *d = w->deployment;
	struct sockaddr_in from = {
		.sin_family = AF_INET, .sin_addr.s_addr = d->nodes[w->node].address};
	struct sockaddr_in there = {.sin_family = AF_INET,
		.sin_addr.s_addr = d->nodes[to].address,
		.sin_port = htons(SFE_PORT)};
	socklen_t length = sizeof(from);
	const int on = 1;
	int fd = worker_enter(w) ? -1
				 : socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	*failure = 0;
	/* The port is chosen by connect, which may take one that is in use towards another node. */
	if (fd >= 0 && !setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on)) &&
		!bind(fd, (struct sockaddr *)&from, sizeof(from)) &&
		(!connect(fd, (struct sockaddr *)&there, sizeof(there)) || errno == EINPROGRESS) &&
		!getsockname(fd, (struct sockaddr *)&from, &length)) {
		*port = ntohs(from.sin_port);
		return fd;
	}
	*failure = -errno;
	if (fd >= 0)
		close(fd);
	return -1;
}

static struct connection *connection_to(struct worker *w, uint32_t to)
{
	struct connection *c = TAILQ_FIRST(&w->peers[to].idle);
	uint16_t port = 0;
	int failure;

	if (c) {
		TAILQ_REMOVE(&w->peers[to].idle, c, idle_list);
		c->idle = false;
		return c;
	}
	int fd = begin_connect(w, to, &port, &failure);
	c = connection_new(w, &handler, fd, false, port);
	if (!c)
		return NULL;
	c->peer = to;
	w->connections_made++;
	if (failure)
		connection_fail_later(c, failure);
	return c;
}

static void attempt(struct worker *w, void *exchange)
{
	struct exchange *e = exchange;
	const struct sfe_retry_policy *policy = &w->deployment->retry;
	/* For a copy less nobody waits. */
	bool may_follow = e->number <= policy->retries && e->kind != SFE_TRANSFER_REPLICA;
	bool first = e->number == 1;
	struct outgoing *message = e->again;
	struct connection *c = connection_to(w, e->to);

	if (!first)
		TAILQ_REMOVE(&w->waiting, e, list);
	e->again = c && may_follow ? outgoing_copy(message) : NULL;
	if (!c || (may_follow && !e->again) || (w->deployment->damages && seal_put(message))) {
		outgoing_free(message);
		exchange_free(e);
		worker_fatal(w, -ENOMEM, "a request");
		return;
	}
	e->connection = c;
	e->port = c->port;
	e->begin_ns = now_ns();
	e->request_bytes = 0;
	for (uint32_t i = 0; i < message->n; i++)
		e->request_bytes += (uint32_t)message->vector[i].iov_len;
	c->exchange = e;
	c->receive = RECEIVE_HEAD;
	if (policy->deadline_ns)
		timers_set(w, &e->timer, e->begin_ns + policy->deadline_ns, on_deadline, e);
	connection_send(c, message);
}

void peers_send(struct worker *w, const struct exchange *template, struct outgoing *message)
{
	struct exchange *e = message ? malloc(sizeof(*e)) : NULL;

	if (!e) {
		struct package package = template->package;
		package_drop(&package);
		outgoing_free(message);
		worker_fatal(w, -ENOMEM, "a request");
		return;
	}
	*e = *template;
	e->worker = w;
	e->number = 1;
	e->again = message;
	attempt(w, e);
}

int peers_open(struct worker *w)
{
	TAILQ_INIT(&w->waiting);
	w->peers = calloc(w->deployment->n_nodes, sizeof(*w->peers));
	if (!w->peers)
		return -ENOMEM;
	for (uint32_t i = 0; i < w->deployment->n_nodes; i++)
		TAILQ_INIT(&w->peers[i].idle);
	return 0;
}

void peers_forget(struct worker *w)
{
	for (struct exchange *e; (e = TAILQ_FIRST(&w->waiting));) {
		TAILQ_REMOVE(&w->waiting, e, list);
		exchange_free(e);
	}
	forwards_clear(w);
	for (uint32_t i = 0; i < w->deployment->n_nodes && w->peers; i++)
		w->peers[i].lost = false;
}

void peers_close(struct worker *w)
{
	peers_forget(w);
	free(w->peers);
	free(w->forwards);
}
