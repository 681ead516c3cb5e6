/* SPDX-License-Identifier: MIT */
#include "nodes/worker.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "nodes/client.h"
#include "nodes/deadline.h"
#include "nodes/invocation.h"
#include "nodes/peers.h"
#include "nodes/records.h"
#include "nodes/server.h"
#include "nodes/strategies/strategy.h"

int worker_room(void **array, size_t n, size_t *room, size_t size)
{
	if (n < *room)
		return 0;
	size_t more = *room ? 2 * *room : 64;
	void *grown = reallocarray(*array, more, size);
	if (!grown)
		return -ENOMEM;
	*array = grown;
	*room = more;
	return 0;
}

void worker_later(struct worker *w)
{
	event_active(&w->later_event, EV_TIMEOUT, 1);
}

static void tell_error(struct worker *w, int code, const char *text)
{
	struct sfe_ctl_error message = {.header = {SFE_CTL_ERROR, w->node}, .code = code};

	snprintf(message.text, sizeof(message.text), "%s", text);
	control_send(w, &message, sizeof(message));
}

void worker_fatal(struct worker *w, int code, const char *what)
{
	if (w->over)
		return;
	w->over = true;
	w->code = sfe_fail(w->error, code, w->deployment->nodes[w->node].name, NULL, "%s: %s", what,
		strerror(-code));
	event_base_loopbreak(w->base);
}

static void on_later(evutil_socket_t fd, short what, void *worker)
{
	struct worker *w = worker;
	(void)fd, (void)what;

	invocations_look_at_begun(w);
	connection_bury(w);
}

static void end(struct worker *w)
{
	w->over = true;
	event_base_loopbreak(w->base);
}

/* One command; false if none is there any more. */
static bool take_command(struct worker *w)
{
	struct sfe_ctl_go go;
	ssize_t n = recv(w->control_fd, &go, sizeof(go), MSG_DONTWAIT);

	if (n < 0 && errno == EINTR)
		return true;
	if (n < 0 && errno == EAGAIN)
		return false;
	if (n <= 0) { /* the orchestrator is gone: so are we */
		end(w);
	} else if ((size_t)n == sizeof(go) && go.header.type == SFE_CTL_GO) {
		client_go(w, go.job, go.at_ns);
	} else if ((size_t)n >= sizeof(go.header) && go.header.type == SFE_CTL_STOP) {
		records_send(w);
		end(w);
	} else {
		worker_fatal(w, -EPROTO, "a command that no one knows");
	}
	return !w->over;
}

static void on_control(evutil_socket_t fd, short what, void *worker)
{
	struct worker *w = worker;
	(void)fd, (void)what;

	while (take_command(w))
		;
	if (!w->over)
		client_start_due(w);
}

/*
 * No cached time and no precise timer of libevent: each loop would then read the clock, and set a
 * timerfd, which are system calls in the guest. All waiting for a time here is done with timerfds
 * of our own (deadline.h).
 */
static struct event_base *new_base(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	if (config && !event_config_set_flag(
			      config, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_NO_CACHE_TIME))
		base = event_base_new_with_config(config);
	if (config)
		event_config_free(config);
	return base;
}

static int open_all(struct worker *w, struct sfe_error *err)
{
	const char *name = w->deployment->nodes[w->node].name;
	int r;

	w->strategy = strategy_find(w->deployment->strategy);
	if (!w->strategy)
		return sfe_fail(err, -ENOSYS, name, NULL, "no worker can do the strategy %s yet",
			w->deployment->strategy->name);
	if (!(w->deployment->nodes[w->node].speed_ops > 0))
		return sfe_fail(err, -EINVAL, name, NULL, "a node needs a speed above 0");
	ps_init(&w->ps, w->deployment->nodes[w->node].speed_ops);
	w->base = new_base();
	w->scratch = malloc(SCRATCH_BYTES);
	if (!w->base || !w->scratch || peers_open(w))
		return sfe_fail(err, -ENOMEM, name, NULL, "out of memory");
	event_assign(&w->later_event, w->base, -1, 0, on_later, w);
	event_assign(
		&w->control_event, w->base, w->control_fd, EV_READ | EV_PERSIST, on_control, w);
	r = event_add(&w->control_event, NULL) ? -ENOMEM : 0;
	if (!r)
		r = deadline_open(&w->compute_deadline, w->base, invocations_on_compute, w);
	if (!r)
		r = deadline_open(&w->start_deadline, w->base, client_on_start, w);
	if (r)
		return sfe_fail(
			err, r, name, NULL, "cannot set up the event loop: %s", strerror(-r));
	return server_open(w, err);
}

/*
 * A worker that ends well resets its connections, so that its peers can tell it from one that was
 * killed (see peers.c) and no address stays in TIME_WAIT.
 */
static void reset_connections(struct worker *w)
{
	const struct linger reset = {.l_onoff = 1, .l_linger = 0};
	struct connection *c;

	while ((c = TAILQ_FIRST(&w->connections))) {
		if (c->fd >= 0)
			setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		connection_close(c, -ECANCELED);
	}
	connection_bury(w);
}

static void close_all(struct worker *w)
{
	w->over = true;
	if (w->base) {
		reset_connections(w);
		server_close(w);
		deadline_close(&w->compute_deadline);
		deadline_close(&w->start_deadline);
		event_del(&w->control_event);
		event_del(&w->later_event);
	}
	invocations_clear(w);
	client_clear(w);
	peers_close(w);
	records_clear(&w->records);
	store_clear(&w->store);
	ps_clear(&w->ps);
	buffer_pool_clear(&w->buffers);
	free(w->scratch);
	if (w->base)
		event_base_free(w->base);
}

/* Settings of the process. They are for speed and exactness: where one is refused, the worker still
 * works. */
static void tune_process(void)
{
	struct rlimit files;

	/* Memory that was touched once stays: a page fault costs 83 µs in the guest. */
	mallopt(M_MMAP_THRESHOLD, 32 << 20);
	mallopt(M_TRIM_THRESHOLD, INT32_MAX);
	prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
	if (!getrlimit(RLIMIT_NOFILE, &files)) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

int sfe_worker_run(const struct sfe_deployment *deployment, uint32_t node, int control_fd,
	struct sfe_error *err)
{
	const struct sfe_ctl_header ready = {SFE_CTL_READY, node};
	struct sfe_error own = {0};
	struct worker w = {.deployment = deployment,
		.node = node,
		.control_fd = control_fd,
		.listen_fd = -1,
		.compute_deadline.fd = -1,
		.start_deadline.fd = -1,
		.error = err ? err : &own};

	STAILQ_INIT(&w.begun);
	TAILQ_INIT(&w.invocations);
	TAILQ_INIT(&w.running);
	TAILQ_INIT(&w.connections);
	TAILQ_INIT(&w.closed);
	tune_process();
	w.code = open_all(&w, w.error);
	if (!w.code) {
		control_send(&w, &ready, sizeof(ready));
		if (!w.over && event_base_dispatch(w.base) < 0 && !w.code)
			worker_fatal(&w, -EIO, "the event loop");
	}
	if (w.code) {
		char text[240];
		tell_error(&w, w.code, sfe_error_text(w.error, text, sizeof(text)));
	}
	int code = w.code;
	close_all(&w);
	return code;
}
