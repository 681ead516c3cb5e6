/* SPDX-License-Identifier: MIT */
#include "nodes/runtime/worker.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "nodes/events/deadline.h"
#include "nodes/events/timers.h"
#include "nodes/http/http_head.h"
#include "nodes/jobs/client.h"
#include "nodes/jobs/invocation.h"
#include "nodes/jobs/peers.h"
#include "nodes/runtime/crash.h"
#include "nodes/server/server.h"
#include "nodes/worker/records.h"
#include "nodes/worker/strategy.h"

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
	watch_fire(&w->later_watch);
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
	loop_break(w->loop);
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
	loop_break(w->loop);
}

static void stop(struct worker *w)
{
	const struct sfe_ctl_header bye = {SFE_CTL_BYE, w->node};

	records_send(w, SFE_STATE_HELD);
	if (!w->code)
		control_send(w, &bye, sizeof(bye));
	end(w);
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
		stop(w);
	} else if ((size_t)n >= sizeof(go.header) && go.header.type == SFE_CTL_CRASH) {
		worker_crash(w);
	} else if ((size_t)n >= sizeof(go.header) && go.header.type == SFE_CTL_RESTART) {
		worker_restart(w);
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
	if (peers_open(w))
		return sfe_fail(err, -ENOMEM, name, NULL, "out of memory");
	watch_init(&w->later_watch, w->loop, -1, 0, on_later, w);
	watch_init(&w->control_watch, w->loop, w->control_fd, EV_READ, on_control, w);
	r = watch_start(&w->control_watch);
	if (!r)
		r = deadline_open(&w->compute_deadline, w->loop, invocations_on_compute, w);
	if (!r)
		r = deadline_open(&w->start_deadline, w->loop, client_on_start, w);
	if (!r)
		r = timers_open(w);
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
	reset_connections(w);
	server_close(w);
	deadline_close(&w->compute_deadline);
	deadline_close(&w->start_deadline);
	timers_close(w);
	watch_stop(&w->control_watch);
	watch_stop(&w->later_watch);
	invocations_clear(w);
	client_clear(w);
	peers_close(w);
	records_clear(&w->records);
	store_clear(&w->store);
	store_clear(&w->replicas);
	keepsakes_clear(&w->keepsakes);
	taken_clear(&w->taken);
	ps_clear(&w->ps);
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

int worker_enter(const struct worker *w)
{
	struct host *h = w->host;
	struct sfe_error err = {0};

	if (!h->place->enter || h->inside == w->node)
		return 0;
	int r = h->place->enter(h->place->context, w->node, &err);
	h->inside = r ? UINT32_MAX : w->node;
	if (r)
		errno = -r; /* for callers that go on to make a socket */
	return r;
}

static void start(struct worker *w, struct host *host, const struct sfe_deployment *deployment,
	const struct sfe_worker_seat *seat, struct sfe_error *err)
{
	const struct sfe_ctl_header ready = {SFE_CTL_READY, seat->node};

	*w = (struct worker){.deployment = deployment,
		.node = seat->node,
		.control_fd = seat->control_fd,
		.host = host,
		.loop = host->loop,
		.listen_fd = -1,
		.compute_deadline.fd = -1,
		.start_deadline.fd = -1,
		.timer_deadline.fd = -1,
		.error = err};
	STAILQ_INIT(&w->begun);
	TAILQ_INIT(&w->invocations);
	TAILQ_INIT(&w->running);
	TAILQ_INIT(&w->connections);
	TAILQ_INIT(&w->closed);
	TAILQ_INIT(&w->timers);
	STAILQ_INIT(&w->keepsakes);
	taken_init(&w->taken);
	w->code = open_all(w, w->error);
	if (w->code)
		w->over = true;
	else
		control_send(w, &ready, sizeof(ready));
}

/* Tells why, if it was not told to stop, and frees all of it. */
static int finish(struct worker *w)
{
	int code = w->code;

	if (code) {
		char text[240];
		tell_error(w, code, sfe_error_text(w->error, text, sizeof(text)));
	}
	close_all(w);
	return code;
}

/* Until all are over; each is taken away when it is. 0, or why the first that failed did. */
static int serve(struct host *host, struct worker *workers, uint32_t n)
{
	uint32_t alive = n;
	int code = 0;

	for (;;) {
		for (uint32_t i = 0; i < n; i++) {
			if (!workers[i].over || !workers[i].host)
				continue;
			int r = finish(&workers[i]);
			code = code ? code : r;
			workers[i].host = NULL;
			alive--;
		}
		if (!alive)
			return code;
		int r = loop_run(host->loop);
		for (uint32_t i = 0; r && i < n; i++) {
			if (workers[i].host)
				worker_fatal(&workers[i], r, "the event loop");
		}
	}
}

/*
 * How many bytes of requests can be on their way here at once: of each job one message, with all
 * its states, in each of its attempts; and as much again that senders have given up without our
 * knowing yet. Memory is taken when a head announces a body: without an end to it, heads alone
 * could take all that there is.
 */
static uint64_t most_coming(const struct sfe_deployment *d)
{
	uint64_t total = 0;

	for (uint32_t i = 0; i < d->n_jobs; i++) {
		const struct sfe_job *job = d->jobs[i].job;
		uint64_t value = 0;
		for (uint32_t s = 0; s < job->n_steps; s++) {
			const struct sfe_step *step = &job->steps[s];
			uint64_t more = step->arg_bytes > step->out_bytes ? step->arg_bytes
									  : step->out_bytes;
			value = more > value ? more : value;
		}
		uint64_t message = job->states_total_bytes + value; /* at most 1001 times 2^40 */
		total += message < HEAD_MAX_BODY_BYTES ? message : HEAD_MAX_BODY_BYTES;
	}
	if (__builtin_mul_overflow(total, 2 * (1 + (uint64_t)d->retry.retries), &total))
		total = UINT64_MAX;
	return total;
}

int sfe_workers_run(const struct sfe_deployment *deployment, const struct sfe_worker_seat *seats,
	uint32_t n, const struct sfe_worker_place *place, struct sfe_error *err)
{
	struct host host = {
		.place = place, .inside = UINT32_MAX, .bodies_limit = most_coming(deployment)};
	struct sfe_error own = {0};
	struct worker *workers = calloc(n, sizeof(*workers));
	int r;

	tune_process();
	host.scratch = malloc(SCRATCH_BYTES);
	if (!workers || !host.scratch || loop_open(&host.loop, place->ring)) {
		r = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for the workers");
	} else {
		for (uint32_t i = 0; i < n; i++)
			start(&workers[i], &host, deployment, &seats[i], err ? err : &own);
		r = serve(&host, workers, n);
	}
	loop_close(host.loop);
	buffer_pool_clear(&host.buffers);
	free(host.scratch);
	free(workers);
	return r;
}

int sfe_worker_run(const struct sfe_deployment *deployment, uint32_t node, int control_fd,
	struct sfe_error *err)
{
	const struct sfe_worker_seat seat = {node, control_fd};
	const struct sfe_worker_place here = {0};

	return sfe_workers_run(deployment, &seat, 1, &here, err);
}
