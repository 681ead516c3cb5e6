/* SPDX-License-Identifier: MIT */
#include "nodes/server/server.h"
#include "nodes/http/http_form.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "nodes/http/http_form.h"
#include "nodes/http/wire_ahead.h"
#include "nodes/http/wire_check.h"
#include "nodes/http/wire_dynamic.h"
#include "nodes/http/wire_named.h"
#include "nodes/http/wire_warm_up.h"
#include "nodes/jobs/client.h"
#include "nodes/server/server_calls.h"
#include "nodes/server/server_dynamic.h"
#include "nodes/server/server_named.h"
#include "nodes/server/server_shared.h"
#include "nodes/server/server_states.h"
#include "nodes/server/server_warm_up.h"

/* ---- heads of requests */

/* Answers without having read all of the request. The connection ends: the request's rest could not
 * be told from a next one. */
static int refuse(struct server_connection *c, unsigned status, const char *why)
{
	char text[256];

	snprintf(text, sizeof(text), "%s\n", why);
	c->http.ending = true;
	c->http.receive = RECEIVE_DRAIN;
	server_send(c, wire_answer(status, text, true));
	return -1;
}

static int find_route(struct server_connection *c)
{
	static const struct {
		const char *path;
		bool prefix;
		unsigned method;
	} routes[] = {
		[ROUTE_ROOT] = {"/", false, HTTP_METHOD_GET},
		[ROUTE_INVOKE] = {"/invoke", false, HTTP_METHOD_POST},
		[ROUTE_RETURN] = {"/return", false, HTTP_METHOD_POST},
		[ROUTE_STATE] = {"/state/", true, HTTP_METHOD_GET},
		[ROUTE_STATES] = {"/" WIRE_STATES "/", true, HTTP_METHOD_GET},
		[ROUTE_STORE] = {"/state/", true, HTTP_METHOD_PUT},
		[ROUTE_REPLICA] = {"/replica/", true, HTTP_METHOD_GET},
		[ROUTE_COPY] = {"/replica/", true, HTTP_METHOD_PUT},
		[ROUTE_CALL] = {"/call", false, HTTP_METHOD_POST},
		[ROUTE_CAST] = {"/cast", false, HTTP_METHOD_POST},
		[ROUTE_STEP] = {"/step/", true, HTTP_METHOD_GET},
		[ROUTE_AHEAD] = {"/" WIRE_AHEAD "/", true, HTTP_METHOD_GET},
		[ROUTE_CLAIM] = {"/" WIRE_CLAIM "/", true, HTTP_METHOD_POST},
		[ROUTE_PREFETCH] = {"/" WIRE_PREFETCH "/", true, HTTP_METHOD_POST},
		[ROUTE_PUSH] = {"/" WIRE_PUSH "/", true, HTTP_METHOD_POST},
		[ROUTE_SHARED] = {"/shared/", true, HTTP_METHOD_GET},
		[ROUTE_CHANGE] = {"/shared/", true, HTTP_METHOD_PUT},
		[ROUTE_GET] = {WIRE_NAMED, true, HTTP_METHOD_GET},
		[ROUTE_PUT] = {WIRE_NAMED, true, HTTP_METHOD_PUT},
		[ROUTE_DELETE] = {WIRE_NAMED, true, HTTP_METHOD_DELETE},
		[ROUTE_COPIED] = {"/copy/", true, HTTP_METHOD_GET},
		[ROUTE_COPYING] = {"/copy/", true, HTTP_METHOD_PUT},
		[ROUTE_WARM_UP] = {WIRE_WARM_UP, false, HTTP_METHOD_POST},
	};
	const char *path = c->http.head.path;
	bool there = false;

	for (unsigned i = 0; i < sizeof(routes) / sizeof(*routes); i++) {
		if (routes[i].prefix ? strncmp(path, routes[i].path, strlen(routes[i].path))
				     : strcmp(path, routes[i].path))
			continue;
		there = true;
		if (c->http.head.method != routes[i].method)
			continue;
		c->route = i;
		return 0;
	}
	if (there)
		return refuse(c, 405, "not with this method");
	return refuse(c, 404,
		"there is /, /invoke, /return, /call, /cast, /state/<job>/<state>, "
		"/states/<job>, /ahead/<job>, /claim/<job>, /prefetch/<job>, /push/<job>, "
		"/replica/<job>/<state>, /step/<job>/<step>, /shared/<number>, /copy/<number> and "
		"/named/<name>");
}

/* Of a request about states of a step. */
static int check_asked(const struct server_connection *c, char *why, size_t room)
{
	const struct wire *w = &c->worker->wire;
	const struct http_head *head = &c->http.head;
	const uint32_t job = server_job_of_states(c);

	switch (c->route) {
	case ROUTE_STATES:
	case ROUTE_CLAIM:
		return wire_check_fetch(w, head, job, why, room);
	case ROUTE_AHEAD:
		return wire_check_fetch_ahead(w, head, job, why, room);
	case ROUTE_PREFETCH:
		return wire_check_prefetch(w, head, job, why, room);
	case ROUTE_PUSH:
		return wire_check_push(w, head, job, why, room);
	}
	return 0;
}

/* Whether the head is as it must be, apart from the memory that the body needs. */
static int check_head(struct server_connection *c)
{
	const struct http_head *head = &c->http.head;
	char why[128];

	if (head->chunked)
		return refuse(c, 411, "a body needs its Content-Length");
	if (head->body_bytes > HEAD_MAX_BODY_BYTES)
		return refuse(c, 413, "the body is too large");
	if (find_route(c))
		return -1;
	if (c->route == ROUTE_STORE || c->route == ROUTE_COPY) {
		const char *objection = server_check_state(c);
		return objection ? refuse(c, 400, objection) : 0;
	}
	if (c->route == ROUTE_WARM_UP) {
		const char *objection = server_check_warm_up(c);
		return objection ? refuse(c, 400, objection) : 0;
	}
	if (c->route == ROUTE_CALL || c->route == ROUTE_CAST) {
		struct call_key key;
		return wire_check_dynamic(&c->worker->wire, head, &key, why, sizeof(why))
			       ? refuse(c, 400, why)
			       : 0;
	}
	if (c->route >= ROUTE_SHARED && c->route <= ROUTE_COPYING) {
		const char *objection = server_check_shared(c);
		return objection ? refuse(c, 400, objection) : 0;
	}
	if (c->route >= ROUTE_GET)
		return server_check_named(c, why, sizeof(why)) ? refuse(c, 400, why) : 0;
	if (check_asked(c, why, sizeof(why)))
		return refuse(c, 400, why);
	if (c->route == ROUTE_PUSH)
		return 0;
	if (c->route != ROUTE_INVOKE && c->route != ROUTE_RETURN)
		return head->body_bytes ? refuse(c, 400, "such a request has no body") : 0;
	if (wire_check(&c->worker->wire, head, c->route == ROUTE_INVOKE ? WIRE_CALL : WIRE_RETURN,
		    why, sizeof(why)))
		return refuse(c, 400, why);
	if (c->route == ROUTE_INVOKE && head->fields & HEAD_STATUS)
		return refuse(c, 400, "a call that failed");
	return 0;
}

static int on_head(struct connection *http)
{
	struct server_connection *c = server_connection(http);
	struct host *h = c->worker->host;

	if (check_head(c))
		return -1;
	if (http->head.body_bytes > h->announced_limit - h->announced_bytes)
		return refuse(c, 503, "more bodies than jobs can have on their way");
	c->announced_bytes = http->head.body_bytes;
	h->announced_bytes += c->announced_bytes;
	if (c->route == ROUTE_PUSH)
		server_push_begins(c);
	return 0;
}

/* The body is received, or will not come. */
static void end_body(struct server_connection *c)
{
	c->worker->host->announced_bytes -= c->announced_bytes;
	c->announced_bytes = 0;
}

static void on_malformed(struct connection *http, int code)
{
	struct server_connection *c = server_connection(http);

	if (code == -EILSEQ) /* its sender will retry */
		refuse(c, 503, "not what was sent");
	else
		refuse(c, code == -EMSGSIZE ? 431 : 400,
			code == -EMSGSIZE ? "the head is too long" : "not a request");
}

/* ---- whole requests */

/* A page for people. */
static void serve_root(struct server_connection *c)
{
	const struct worker *w = c->worker;
	const struct worker_counters *n = &w->counters;
	char text[512];

	snprintf(text, sizeof(text),
		"sfemu worker %s (node %" PRIu32 "), strategy %s\n"
		"jobs of this client: %zu running, %" PRIu64 " done, %" PRIu64 " failed\n"
		"invocations: %zu computing, %" PRIu64 " done\n"
		"states held: %zu, copies: %zu\n"
		"connections: %" PRIu64 " opened, %" PRIu64 " accepted\n"
		"body buffers: %" PRIu64 " bytes\n",
		w->deployment->nodes[w->node].name, w->node, w->deployment->strategy->name,
		client_running(w), n->jobs_done, n->jobs_failed, w->ps.n, n->invocations,
		w->store.n, w->replicas.n, n->connections_opened, n->connections_accepted,
		w->host->buffers.made_bytes);
	server_answer(c, 200, text);
}

static void on_message(struct connection *http, uint64_t done_ns)
{
	struct server_connection *c = server_connection(http);

	end_body(c);
	http->ending = !http->head.keep_alive;
	switch (c->route) {
	case ROUTE_ROOT:
		serve_root(c);
		break;
	case ROUTE_STATE:
		server_give_state(c);
		break;
	case ROUTE_STATES:
	case ROUTE_AHEAD:
	case ROUTE_CLAIM:
		server_give_states(c);
		break;
	case ROUTE_PREFETCH:
		server_take_prefetch(c);
		break;
	case ROUTE_PUSH:
		server_take_push(c, done_ns);
		break;
	case ROUTE_REPLICA:
		server_give_copy(c);
		break;
	case ROUTE_STEP:
		server_tell_step(c);
		break;
	case ROUTE_STORE:
	case ROUTE_COPY:
		server_take_state(c, done_ns);
		break;
	case ROUTE_SHARED:
		server_give_shared(c);
		break;
	case ROUTE_CHANGE:
		server_take_change(c, done_ns);
		break;
	case ROUTE_COPIED:
		server_give_copied(c);
		break;
	case ROUTE_COPYING:
		server_take_copied(c, done_ns);
		break;
	case ROUTE_INVOKE:
		server_take_call(c, done_ns);
		break;
	case ROUTE_RETURN:
		server_take_return(c, done_ns);
		break;
	case ROUTE_CALL:
	case ROUTE_CAST:
		server_take_dynamic(c, done_ns);
		break;
	case ROUTE_WARM_UP:
		server_warm_up(c);
		break;
	case ROUTE_GET:
	case ROUTE_PUT:
	case ROUTE_DELETE:
		server_do_named(c, done_ns);
		break;
	}
	slice_drop(&http->body);
}

static void on_written(struct connection *http)
{
	server_states_written(server_connection(http));
	if (!http->ending)
		connection_next(http);
}

static void listen_again(struct worker *w);

static void on_closed(struct connection *http, int code)
{
	struct server_connection *c = server_connection(http);
	(void)code;

	end_body(c);
	server_states_closed(c);
	server_calls_closed(c);
	server_shared_closed(c);
	server_push_closed(c);
	listen_again(c->worker);
}

static const struct connection_handler handler = {
	.size = sizeof(struct server_connection),
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

static bool add_connection(struct worker *w, int fd, uint16_t port)
{
	struct server_connection *c =
		server_connection(connection_new(&w->connections, &handler, fd, true, port));

	if (!c)
		return false;
	c->worker = w;
	c->caller.connection = &c->http;
	return true;
}

static void on_connection(evutil_socket_t fd, short what, void *worker)
{
	struct worker *w = worker;
	struct sockaddr_in peer;
	socklen_t length = sizeof(peer);
	int accepted = accept4(fd, (struct sockaddr *)&peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
	(void)what;

	if (accepted >= 0 && add_connection(w, accepted, ntohs(peer.sin_port))) {
		w->counters.connections_accepted++;
	} else if (accepted >= 0 || errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
		   errno == ENOBUFS) {
		/* Trying again at once would spin: the next try is when a connection has ended. */
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
	/* A ring's pending request may keep the socket open for a moment after close: without this
	 * it would listen until then. */
	shutdown(w->listen_fd, SHUT_RDWR);
	close(w->listen_fd);
	w->listen_fd = -1;
}
