/* SPDX-License-Identifier: MIT */
#include "nodes/server/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <http_parser.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "nodes/http/wire.h"
#include "nodes/jobs/actions.h"
#include "nodes/jobs/client.h"
#include "nodes/jobs/invocation.h"
#include "nodes/recovery/handoffs.h"
#include "nodes/server/server_states.h"
#include "nodes/worker/records.h"
#include "nodes/worker/strategy.h"

void server_answer(struct connection *c, struct outgoing *message)
{
	if (message)
		connection_send(c, message);
	else
		connection_fail_later(c, -ENOMEM);
}

/* An answer that needs no more of the request; what is left of it cannot be told from the next one.
 */
static int refuse(struct connection *c, unsigned status, const char *why)
{
	char text[256];

	snprintf(text, sizeof(text), "%s\n", why);
	c->ending = true;
	c->receive = RECEIVE_DRAIN;
	server_answer(c, wire_answer(status, text, true));
	return -1;
}

static int find_route(struct connection *c)
{
	static const struct {
		const char *path;
		bool prefix;
		unsigned method;
	} routes[] = {
		[ROUTE_ROOT] = {"/", false, HTTP_GET},
		[ROUTE_INVOKE] = {"/invoke", false, HTTP_POST},
		[ROUTE_RETURN] = {"/return", false, HTTP_POST},
		[ROUTE_STATE] = {"/state/", true, HTTP_GET},
		[ROUTE_STORE] = {"/state/", true, HTTP_PUT},
		[ROUTE_REPLICA] = {"/replica/", true, HTTP_GET},
		[ROUTE_COPY] = {"/replica/", true, HTTP_PUT},
		[ROUTE_STEP] = {"/step/", true, HTTP_GET},
	};
	const char *path = c->head.path;
	bool there = false;

	for (unsigned i = 0; i < sizeof(routes) / sizeof(*routes); i++) {
		if (routes[i].prefix ? strncmp(path, routes[i].path, strlen(routes[i].path))
				     : strcmp(path, routes[i].path))
			continue;
		there = true;
		if (c->head.method != routes[i].method)
			continue;
		c->route = i;
		return 0;
	}
	if (there)
		return refuse(c, 405, "not with this method");
	return refuse(c, 404,
		"there is /, /invoke, /return, /state/<job>/<state>, /replica/<job>/<state> and "
		"/step/<job>/<step>");
}

/* The job that a path names, and the number behind it; false if there is no such job. */
bool server_find_job(const struct connection *c, unsigned *job, unsigned *number)
{
	const char *path = c->head.path + 1;
	int end = 0;

	path += strcspn(path, "/"); /* find_route has seen what it is */
	return sscanf(path, "/%9u/%9u%n", job, number, &end) == 2 && !path[end] &&
	       *job < c->worker->deployment->n_jobs;
}

/* What the head says, but for the room that the body takes. */
static int judge_head(struct connection *c)
{
	char why[128];

	if (c->head.chunked)
		return refuse(c, 411, "a body needs its Content-Length");
	if (c->head.body_bytes > HEAD_MAX_BODY_BYTES)
		return refuse(c, 413, "the body is too large");
	if (find_route(c))
		return -1;
	if (c->route == ROUTE_STORE || c->route == ROUTE_COPY) {
		const char *objection = server_check_state(c);
		return objection ? refuse(c, 400, objection) : 0;
	}
	if (c->route != ROUTE_INVOKE && c->route != ROUTE_RETURN)
		return c->head.body_bytes ? refuse(c, 400, "a GET with a body") : 0;
	if (wire_check(c->worker, &c->head, c->route == ROUTE_INVOKE ? WIRE_CALL : WIRE_RETURN, why,
		    sizeof(why)))
		return refuse(c, 400, why);
	if (c->route == ROUTE_INVOKE && c->head.fields & HEAD_STATUS)
		return refuse(c, 400, "a call that failed");
	return 0;
}

static int on_head(struct connection *c)
{
	struct host *h = c->worker->host;

	if (judge_head(c))
		return -1;
	if (c->head.body_bytes > h->bodies_limit - h->bodies_coming)
		return refuse(c, 503, "more bodies than jobs can have on their way");
	c->coming_bytes = c->head.body_bytes;
	h->bodies_coming += c->coming_bytes;
	return 0;
}

/* The body is here, or will not come. */
static void body_is_over(struct connection *c)
{
	c->worker->host->bodies_coming -= c->coming_bytes;
	c->coming_bytes = 0;
}

static void on_malformed(struct connection *c, int code)
{
	if (code == -EILSEQ) /* who sent it sends it again */
		refuse(c, 503, "not what was sent");
	else
		refuse(c, code == -EMSGSIZE ? 431 : 400,
			code == -EMSGSIZE ? "the head is too long" : "not a request");
}

/* ---- whole requests */

void server_record(struct connection *c, enum sfe_transfer_kind kind, uint64_t done_ns)
{
	records_transfer(c->worker, &(struct sfe_ctl_transfer){.kind = kind,
					    .job = c->head.job,
					    .step = c->head.step,
					    .from = c->head.from,
					    .head_bytes = c->head.bytes,
					    .connected_by = c->head.from,
					    .port = c->port,
					    .payload_bytes = c->body.size,
					    .head_ns = c->head_ns,
					    .done_ns = done_ns});
}

static void serve_root(struct connection *c)
{
	const struct worker *w = c->worker;
	size_t running = 0;
	struct client_job *j;
	char text[512];

	TAILQ_FOREACH (j, &w->running, next)
		running++;
	snprintf(text, sizeof(text),
		"sfemu worker %s (node %" PRIu32 "), strategy %s\n"
		"jobs of this client: %zu running, %" PRIu64 " done, %" PRIu64 " failed\n"
		"invocations: %zu computing, %" PRIu64 " done\n"
		"states held: %zu, copies: %zu\n"
		"connections: %" PRIu64 " made, %" PRIu64 " taken\n"
		"body buffers: %" PRIu64 " bytes\n",
		w->deployment->nodes[w->node].name, w->node, w->deployment->strategy->name, running,
		w->jobs_done, w->jobs_failed, w->ps.n, w->invocations_done, w->store.n,
		w->replicas.n, w->connections_made, w->connections_taken,
		w->host->buffers.made_bytes);
	server_answer(c, wire_answer(200, text, !c->head.keep_alive));
}

/* Whether a step was taken over here. */
static void serve_step(struct connection *c)
{
	struct worker *w = c->worker;
	unsigned job, step;

	if (server_find_job(c, &job, &step) && step_has_come(w, job, step))
		server_answer(c, wire_answer(200, "it has come\n", !c->head.keep_alive));
	else
		server_answer(c, wire_answer(404, "it has not come\n", !c->head.keep_alive));
}

/*
 * A call that was taken over before, as far as this node knows: it is answered as then, if it was
 * answered, or when it will be. false: it is to be run.
 */
static bool serve_again(struct connection *c)
{
	struct worker *w = c->worker;
	const struct http_head *head = &c->head;
	struct taken *t = taken_find(&w->taken, head->job, head->step);

	if (!t || head->attempt > t->attempt)
		return false;
	if (!w->strategy->answers) {
		server_answer(c, wire_answer(202, "", !head->keep_alive));
	} else if (head->attempt < t->attempt) {
		server_answer(
			c, wire_answer(409, "a later attempt has begun\n", !head->keep_alive));
	} else if (t->running) {
		struct connection *old = t->running->reply;
		t->running->reply = c;
		c->invocation = t->running;
		if (old) {
			old->invocation = NULL;
			connection_close(old, -ECANCELED);
		}
	} else if (t->answer.states) {
		server_answer(c, wire_result(w, &t->answer));
	} else {
		server_answer(c,
			wire_answer(409, "its answer is not kept any more\n", !head->keep_alive));
	}
	slice_drop(&c->body);
	return true;
}

static void serve_invoke(struct connection *c, uint64_t done_ns)
{
	struct worker *w = c->worker;
	const struct http_head *head = &c->head;
	bool may_come_again = w->deployment->retry.retries;
	struct package package;

	/* Of a call that nobody repeats there is one: each of them would keep its states here. */
	if (!may_come_again && taken_find(&w->taken, head->job, head->step)) {
		slice_drop(&c->body);
		server_answer(c, wire_answer(409, "this step runs already\n", !head->keep_alive));
		return;
	}
	server_record(c, SFE_TRANSFER_CALL, done_ns);
	if (may_come_again && serve_again(c))
		return;
	struct taken *taken = taken_add(&w->taken, head->job, head->step, head->attempt);
	bool begun = taken && !wire_unpack(w, head, &c->body, &package) &&
		     !invocation_begin(w, &package, head->from, c->head_ns,
			     w->strategy->answers ? c : NULL, taken);
	slice_drop(&c->body);
	if (!begun) {
		if (taken)
			taken_forget(&w->taken, taken);
		server_answer(c, wire_answer(500, "out of memory\n", !head->keep_alive));
	} else if (!w->strategy->answers) {
		server_answer(c, wire_answer(202, "", !head->keep_alive));
	}
}

static void serve_return(struct connection *c, uint64_t done_ns)
{
	struct worker *w = c->worker;
	const struct http_head *head = &c->head;
	struct package package;

	if (!client_runs(w, head->job)) {
		server_answer(c, wire_answer(409, "this job does not run\n", !head->keep_alive));
	} else if (head->fields & HEAD_STATUS) {
		const struct job_place at = {head->job, head->step, head->attempt};
		client_failed(w, &at, head->error ? head->error : -EPROTO, head->reason);
		server_answer(c, wire_answer(200, "", !head->keep_alive));
	} else if (head->step + 1 != worker_job(w, head->job)->n_steps || w->strategy->answers) {
		server_answer(c, wire_answer(409, "no return is due\n", !head->keep_alive));
	} else if (wire_unpack(w, head, &c->body, &package)) {
		server_answer(c, wire_answer(500, "out of memory\n", !head->keep_alive));
	} else {
		server_record(c, SFE_TRANSFER_RETURN, done_ns);
		server_answer(c, wire_answer(200, "", !head->keep_alive));
		client_returned(w, &package, done_ns);
	}
	slice_drop(&c->body);
}

static void on_message(struct connection *c, uint64_t done_ns)
{
	body_is_over(c);
	c->ending = !c->head.keep_alive;
	switch (c->route) {
	case ROUTE_ROOT:
		slice_drop(&c->body);
		serve_root(c);
		break;
	case ROUTE_STATE:
		slice_drop(&c->body);
		server_give_state(c);
		break;
	case ROUTE_REPLICA:
		slice_drop(&c->body);
		server_give_copy(c);
		break;
	case ROUTE_STEP:
		slice_drop(&c->body);
		serve_step(c);
		break;
	case ROUTE_STORE:
	case ROUTE_COPY:
		server_take_state(c, done_ns);
		slice_drop(&c->body);
		break;
	case ROUTE_INVOKE:
		serve_invoke(c, done_ns);
		break;
	case ROUTE_RETURN:
		serve_return(c, done_ns);
		break;
	}
}

static void on_written(struct connection *c)
{
	server_handed_over(c);
	if (!c->ending)
		connection_next(c);
}

static void listen_again(struct worker *w);

static void on_closed(struct connection *c, int code)
{
	(void)code;
	body_is_over(c);
	if (c->handing_over)
		c->handing_over->leaving = NULL;
	c->handing_over = NULL;
	if (c->invocation)
		c->invocation->reply = NULL;
	c->invocation = NULL;
	listen_again(c->worker);
}

static const struct connection_handler handler = {
	.head = on_head,
	.message = on_message,
	.written = on_written,
	.malformed = on_malformed,
	.closed = on_closed,
};

/* ---- listening */

static void listen_again(struct worker *w)
{
	if (!w->accepting && !w->over && w->listen_fd >= 0)
		w->accepting = !watch_start(&w->listen_watch);
}

static void on_connection(evutil_socket_t fd, short what, void *worker)
{
	struct worker *w = worker;
	struct sockaddr_in peer;
	socklen_t length = sizeof(peer);
	int accepted = accept4(fd, (struct sockaddr *)&peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
	(void)what;

	if (accepted >= 0 && connection_new(w, &handler, accepted, true, ntohs(peer.sin_port))) {
		w->connections_taken++;
	} else if (accepted >= 0 || errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
		   errno == ENOBUFS) {
		/* To ask again at once would spin: wait until a connection ends. */
		watch_stop(&w->listen_watch);
		w->accepting = false;
	}
}

int server_open(struct worker *w, struct sfe_error *err)
{
	const struct sfe_endpoint *node = &w->deployment->nodes[w->node];
	struct sockaddr_in here = {.sin_family = AF_INET,
		.sin_addr.s_addr = node->address,
		.sin_port = htons(SFE_PORT)};
	const int on = 1;
	int fd = worker_enter(w) ? -1
				 : socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	w->listen_fd = fd;
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
		bind(fd, (struct sockaddr *)&here, sizeof(here)) || listen(fd, SOMAXCONN)) {
		int code = -errno;
		char address[INET_ADDRSTRLEN];
		inet_ntop(AF_INET, &node->address, address, sizeof(address));
		return sfe_fail(err, code, node->name, "see what else listens there: ss -ltnp",
			"cannot listen on %s:%d: %s", address, SFE_PORT, strerror(-code));
	}
	watch_init(&w->listen_watch, w->loop, fd, EV_READ, on_connection, w);
	if (watch_start(&w->listen_watch))
		return sfe_fail(err, -ENOMEM, node->name, NULL, "out of memory");
	w->accepting = true;
	return 0;
}

void server_close(struct worker *w)
{
	if (w->listen_fd < 0)
		return;
	if (w->accepting)
		watch_stop(&w->listen_watch);
	w->accepting = false;
	/* On a ring the kernel may hold it for a moment longer: it shall not listen that long. */
	shutdown(w->listen_fd, SHUT_RDWR);
	close(w->listen_fd);
	w->listen_fd = -1;
}
