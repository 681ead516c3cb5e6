/* SPDX-License-Identifier: MIT */
#include "nodes/jobs/peers.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "nodes/base/clock.h"
#include "nodes/http/message_digest.h"
#include "nodes/http/send_window.h"
#include "nodes/jobs/peer_table.h"
#include "nodes/recovery/retry.h"
#include "nodes/worker/records.h"

#define WARM_UP_DEADLINE_NS 60000000000ull

struct peer_connection {
	struct connection http; /* first: connection.c allocates and frees the whole */
	struct worker *worker;
	struct peer *peer;
	bool idle;
	struct exchange *exchange; /* NULL: none */
	TAILQ_ENTRY(peer_connection) idle_list;
};

struct peers {
	struct peer_table nodes;
	TAILQ_HEAD(, exchange) waiting; /* for a retry */
	void (*lost)(struct worker *w, uint32_t node);
};

static inline struct peer_connection *peer_connection(struct connection *c)
{
	return (struct peer_connection *)c;
}

/* ---- answers */

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
	timers_cancel(&e->worker->timers, &e->timer);
	package_drop(&e->package);
	slice_drop(&e->body);
	outgoing_free(e->retry);
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
	struct peer_connection *p = peer_connection(c);
	struct worker *w = p->worker;
	struct peer *peer = p->peer;
	struct exchange *e = p->exchange;

	p->exchange = NULL;
	peer->lost = false; /* or it is up again */
	timers_cancel(&w->timers, &e->timer);
	e->head = &c->head;
	e->head_ns = c->head_ns;
	e->done_ns = done_ns;
	e->waits_known = c->waits_known;
	e->waits = c->waits;
	e->asked_waits = c->all_waits.asked;
	e->body = slice_move(&c->body);
	if (c->sending || !c->head.keep_alive) {
		connection_close(c, -ECANCELED);
	} else { /* before done, which may send the next request */
		p->idle = true;
		TAILQ_INSERT_HEAD(&peer->idle, p, idle_list);
	}
	/* e->head stays valid during done: c gets no other message and is not freed in there. */
	if (e->head->status == 503) /* the request did not agree with its digest */
		attempt_failed(e, -EILSEQ);
	else
		answered(e);
}

static void on_written(struct connection *c)
{
	(void)c; /* the answer is still to come */
}

/* ---- attempts */

static void attempt(void *exchange);

void peers_record_attempt(const struct exchange *e, int code, bool last)
{
	records_attempt(e->worker, &(struct sfe_ctl_attempt){.job = e->at.job,
					   .step = e->at.step,
					   .to = e->to,
					   .kind = e->kind,
					   .number = e->number,
					   .last = last,
					   .code = code,
					   .begin_ns = e->begin_ns,
					   .end_ns = now_ns()});
}

static void attempt_failed(struct exchange *e, int code)
{
	struct worker *w = e->worker;
	bool last = !e->retry || !retry_may_help(code);

	e->connection = NULL;
	timers_cancel(&w->timers, &e->timer);
	slice_drop(&e->body);
	if (!e->own_retries && !e->warms)
		peers_record_attempt(e, code, last);
	if (last || e->own_retries) {
		e->done(e, code);
		exchange_free(e);
		return;
	}
	TAILQ_INSERT_TAIL(&w->peers->waiting, e, list);
	timers_set(&w->timers, &e->timer,
		now_ns() + retry_backoff_ns(&w->deployment->retry, e->number), attempt, e);
	e->number++;
}

static void on_deadline(void *exchange)
{
	struct exchange *e = exchange;

	connection_close(&e->connection->http, -ETIME); /* see on_closed */
}

/*
 * Whether a connection ended as it should. A worker that stops resets its connections (see
 * runtime/worker.c). When a worker is killed, the kernel ends its connections with a FIN unless
 * they have unread bytes, and an idle one has none. So a reset of an idle connection is no loss,
 * and neither is an end that this side has caused.
 */
static bool ended_well(const struct peer_connection *p, int code)
{
	return (p->idle && code == -ECONNRESET) || code == -ECANCELED || code == -ETIME ||
	       code == -EILSEQ;
}

static void on_closed(struct connection *c, int code)
{
	struct peer_connection *p = peer_connection(c);
	struct worker *w = p->worker;
	struct peer *peer = p->peer;
	struct exchange *e = p->exchange;
	bool well = ended_well(p, code);

	p->exchange = NULL;
	if (p->idle)
		TAILQ_REMOVE(&peer->idle, p, idle_list);
	p->idle = false;
	if (e && (w->over || w->down))
		exchange_free(e);
	else if (e) /* before the loss is reported: it has the best reason for its failure */
		attempt_failed(e, !code ? -ECONNRESET : code == -ETIME ? -ETIMEDOUT : code);
	if (well || peer->lost || w->over || w->down)
		return;
	peer->lost = true;
	w->peers->lost(w, peer->node);
}

static const struct connection_handler handler = {
	.size = sizeof(struct peer_connection),
	.head = on_head,
	.message = on_message,
	.written = on_written,
	.malformed = on_malformed,
	.closed = on_closed,
};

/* A socket that connects from the node's own address; -1 with *failure if connect fails at once. */
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
	/* connect chooses the port: it may reuse one that is connected to another node. */
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

static struct peer_connection *connection_to(struct worker *w, uint32_t to)
{
	struct peer *peer = peer_table_get(&w->peers->nodes, to);
	struct peer_connection *p = peer ? TAILQ_FIRST(&peer->idle) : NULL;
	uint16_t port = 0;
	int failure;

	if (!peer)
		return NULL;
	if (p) {
		TAILQ_REMOVE(&peer->idle, p, idle_list);
		p->idle = false;
		return p;
	}
	int fd = begin_connect(w, to, &port, &failure);
	p = peer_connection(connection_new(&w->connections, &handler, fd, false, port));
	if (!p)
		return NULL;
	p->worker = w;
	p->peer = peer;
	w->counters.connections_opened++;
	if (failure)
		connection_fail_later(&p->http, failure);
	return p;
}

static void attempt(void *exchange)
{
	struct exchange *e = exchange;
	struct worker *w = e->worker;
	const struct sfe_retry_policy *policy = &w->deployment->retry;
	/* Nothing depends on a replica, or on what comes ahead: it is not retried. */
	bool may_follow = e->number <= policy->retries && e->kind != SFE_TRANSFER_REPLICA &&
			  e->kind != SFE_TRANSFER_PREFETCH && e->kind != SFE_TRANSFER_PUSH &&
			  !e->own_retries && !e->warms;
	uint64_t deadline_ns = e->warms ? WARM_UP_DEADLINE_NS : policy->deadline_ns;
	bool first = !e->begin_ns;
	struct outgoing *message = e->retry;
	struct peer_connection *p = connection_to(w, e->to);

	if (!first)
		TAILQ_REMOVE(&w->peers->waiting, e, list);
	e->retry = p && may_follow ? outgoing_copy(message) : NULL;
	if (!p || (may_follow && !e->retry) ||
		(w->connections.digests && message_digest_add(message))) {
		outgoing_free(message);
		exchange_free(e);
		worker_fatal(w, -ENOMEM, "a request");
		return;
	}
	e->connection = p;
	e->port = p->http.port;
	e->begin_ns = now_ns();
	e->request_bytes = (uint32_t)outgoing_bytes(message);
	p->exchange = e;
	p->http.receive = RECEIVE_HEAD;
	if (deadline_ns)
		timers_set(&w->timers, &e->timer, e->begin_ns + deadline_ns, on_deadline, e);
	connection_send(&p->http, message);
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
	e->number = e->number ? e->number : 1;
	e->retry = message;
	attempt(e);
}

/* ---- all of them */

int peers_open(struct worker *w, void (*lost)(struct worker *w, uint32_t node))
{
	struct peers *peers = calloc(1, sizeof(*peers));

	if (!peers)
		return -ENOMEM;
	TAILQ_INIT(&peers->waiting);
	peers->lost = lost;
	w->peers = peers;
	return 0;
}

void peers_reset(struct worker *w)
{
	for (struct exchange *e; (e = TAILQ_FIRST(&w->peers->waiting));) {
		TAILQ_REMOVE(&w->peers->waiting, e, list);
		exchange_free(e);
	}
	for (uint32_t i = 0; i < w->peers->nodes.n_slots; i++)
		if (w->peers->nodes.slot[i])
			w->peers->nodes.slot[i]->lost = false;
}

void peers_close(struct worker *w)
{
	if (!w->peers)
		return;
	peers_reset(w);
	peer_table_clear(&w->peers->nodes);
	free(w->peers);
	w->peers = NULL;
}

bool peers_is_lost(const struct worker *w, uint32_t node)
{
	const struct peer *peer = peer_table_find(&w->peers->nodes, node);

	return peer && peer->lost;
}

void peers_record_answer(const struct exchange *e, enum sfe_transfer_kind kind)
{
	bool is_fetched = kind == SFE_TRANSFER_FETCH || kind == SFE_TRANSFER_DYNAMIC_GET ||
			  kind == SFE_TRANSFER_PREFETCH || kind == SFE_TRANSFER_CLAIM;

	records_transfer(e->worker, &(struct sfe_ctl_transfer){.kind = kind,
					    .job = e->at.job,
					    .step = e->at.step,
					    .from = e->to,
					    .head_bytes = e->head->bytes,
					    .request_bytes = is_fetched ? e->request_bytes : 0,
					    .connected_by = e->worker->node,
					    .port = e->port,
					    .asked_ns = is_fetched ? e->asked_ns : 0,
					    .payload_bytes = e->body.size,
					    .head_ns = e->head_ns,
					    .done_ns = e->done_ns,
					    .waits_known = e->waits_known,
					    .waits = e->waits,
					    .asked_waits = e->asked_waits,
					    .path = e->path});
}

uint32_t peers_window(const struct exchange *e)
{
	return send_window_segments(e->connection->http.fd);
}

void peers_record_bad_answer(const struct exchange *e)
{
	peers_record_attempt(e, -EBADMSG, true);
}
