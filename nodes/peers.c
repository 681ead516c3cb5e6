/* SPDX-License-Identifier: MIT */
#include "nodes/peers.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "nodes/actions.h"

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

static void on_message(struct connection *c, uint64_t done_ns)
{
	struct worker *w = c->worker;
	struct exchange *e = c->exchange;

	c->exchange = NULL;
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
	e->done(e, (int)e->head->status);
	slice_drop(&e->body);
	free(e);
}

static void on_written(struct connection *c)
{
	(void)c; /* the answer comes when it comes */
}

/*
 * A node is gone: the jobs that it has taken over from here are, too. Nobody else may know of it:
 * their clients wait for a return, on no connection.
 */
static void lost(struct worker *w, uint32_t peer)
{
	size_t n = w->n_forwards, kept = 0;

	if (w->peers[peer].lost || w->over)
		return;
	w->peers[peer].lost = true;
	for (size_t i = 0; i < n; i++) {
		struct forward f = w->forwards[i];
		if (f.to == peer)
			job_failed(w, f.job, f.step, -EHOSTDOWN, "node %s has gone away",
				w->deployment->nodes[peer].name);
		else
			w->forwards[kept++] = f;
	}
	w->n_forwards = kept;
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
	 * they are idle. A reset of an idle connection is therefore a good end, any other end of a
	 * connection is a loss.
	 */
	bool good_end = (c->idle && code == -ECONNRESET) || code == -ECANCELED;
	c->idle = false;
	if (e && !w->over) /* first, as it knows best what failed */
		e->done(e, code ? code : -ECONNRESET);
	free(e);
	if (!good_end)
		lost(w, c->peer);
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

void peers_send(struct worker *w, const struct exchange *template, struct outgoing *message)
{
	struct exchange *e = message ? malloc(sizeof(*e)) : NULL;
	struct connection *c = e ? connection_to(w, template->to) : NULL;

	if (!c) {
		free(e);
		outgoing_free(message);
		worker_fatal(w, -ENOMEM, "a request");
		return;
	}
	*e = *template;
	e->worker = w;
	e->port = c->port;
	for (uint32_t i = 0; i < message->n; i++)
		e->request_bytes += (uint32_t)message->vector[i].iov_len;
	c->exchange = e;
	c->receive = RECEIVE_HEAD;
	connection_send(c, message);
}

void peers_forwarded(struct worker *w, uint32_t job, uint32_t step, uint32_t to)
{
	if (w->peers[to].lost) { /* its end was seen before its last answer */
		job_failed(w, job, step, -EHOSTDOWN, "node %s has gone away",
			w->deployment->nodes[to].name);
		return;
	}
	if (worker_room((void **)&w->forwards, w->n_forwards, &w->forwards_room,
		    sizeof(*w->forwards))) {
		worker_fatal(w, -ENOMEM, "a forward");
		return;
	}
	w->forwards[w->n_forwards++] = (struct forward){job, step, to};
}

int peers_open(struct worker *w)
{
	w->peers = calloc(w->deployment->n_nodes, sizeof(*w->peers));
	if (!w->peers)
		return -ENOMEM;
	for (uint32_t i = 0; i < w->deployment->n_nodes; i++)
		TAILQ_INIT(&w->peers[i].idle);
	return 0;
}

void peers_close(struct worker *w)
{
	free(w->peers);
	free(w->forwards);
}
