/* SPDX-License-Identifier: MIT */
#include "nodes/runtime/worker_life.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "nodes/jobs/client.h"
#include "nodes/jobs/dynamic_call.h"
#include "nodes/jobs/dynamic_run.h"
#include "nodes/jobs/invocation_fetch.h"
#include "nodes/jobs/invocation_run.h"
#include "nodes/jobs/job_flow.h"
#include "nodes/jobs/lost_nodes.h"
#include "nodes/jobs/peers.h"
#include "nodes/jobs/prefetch.h"
#include "nodes/jobs/shared_wait.h"
#include "nodes/runtime/crash.h"
#include "nodes/server/server.h"
#include "nodes/shared/shared_store.h"
#include "nodes/warm_up/warm_up.h"
#include "nodes/worker/control_channel.h"
#include "nodes/worker/records.h"

static void on_later(evutil_socket_t fd, short what, void *worker)
{
	struct worker *w = worker;
	(void)fd, (void)what;

	invocations_start_begun(w);
	invocations_end_programs(w);
	connections_free_closed(&w->connections);
}

static void timers_failed(void *worker, int code)
{
	worker_fatal(worker, code, "the timers");
}

/* ---- commands */

static void stop(struct worker *w)
{
	const struct sfe_ctl_header bye = {SFE_CTL_BYE, w->node};

	records_send(w, SFE_STATE_HELD);
	shared_store_tell(w, SFE_STATE_HELD);
	if (!w->code)
		control_send(w, &bye, sizeof(bye));
	worker_end(w);
}

/* Reads one command; false if there is none, or the worker is over. */
static bool take_command(struct worker *w)
{
	union {
		struct sfe_ctl_header header;
		struct sfe_ctl_go go;
		struct sfe_ctl_placed placed;
	} m;
	ssize_t n = recv(w->control_fd, &m, sizeof(m), MSG_DONTWAIT);

	if (n < 0 && errno == EINTR)
		return true;
	if (n < 0 && errno == EAGAIN)
		return false;
	if (n <= 0) { /* the orchestrator is gone */
		worker_end(w);
	} else if ((size_t)n == sizeof(m.go) && m.header.type == SFE_CTL_GO) {
		client_go(w, m.go.job, m.go.at_ns);
	} else if ((size_t)n == sizeof(m.placed) && m.header.type == SFE_CTL_PLACED) {
		dynamic_call_placed(w, &m.placed);
	} else if ((size_t)n >= sizeof(m.header) && m.header.type == SFE_CTL_WARM_UP) {
		warm_up_begin(w);
	} else if ((size_t)n >= sizeof(m.header) && m.header.type == SFE_CTL_STOP) {
		stop(w);
	} else if ((size_t)n >= sizeof(m.header) && m.header.type == SFE_CTL_CRASH) {
		worker_crash(w);
	} else if ((size_t)n >= sizeof(m.header) && m.header.type == SFE_CTL_RESTART) {
		worker_restart(w);
	} else {
		worker_fatal(w, -EPROTO, "an unknown command");
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

/* ---- start and end */

static int open_events(struct worker *w)
{
	watch_init(&w->later_watch, w->loop, -1, 0, on_later, w);
	watch_init(&w->control_watch, w->loop, w->control_fd, EV_READ, on_control, w);
	int r = watch_start(&w->control_watch);
	if (!r)
		r = invocations_open(w);
	if (!r)
		r = client_open(w, &job_flow_of_client);
	if (!r)
		r = timers_open(&w->timers, w->loop, &w->over, timers_failed, w);
	return r;
}

static int open_all(struct worker *w, struct sfe_error *err)
{
	const struct sfe_deployment *d = w->deployment;
	const char *name = d->nodes[w->node].name;

	if (!(d->nodes[w->node].speed_ops > 0))
		return sfe_fail(err, -EINVAL, name, NULL, "a node needs a speed above 0");
	w->wire = (struct wire){d, w->node};
	ps_init(&w->ps, d->nodes[w->node].speed_ops, d->nodes[w->node].limits.cores);
	if (admission_open(&w->admission, &d->nodes[w->node].limits, d->n_functions) ||
		records_open(w) || shared_store_open(w) || peers_open(w, node_lost))
		return sfe_fail(err, -ENOMEM, name, NULL, "out of memory");
	int r = open_events(w);
	if (r)
		return sfe_fail(
			err, r, name, NULL, "cannot set up the event loop: %s", strerror(-r));
	return server_open(w, err);
}

/* Connections are reset, so that peers can tell this end from a crash (see ended_well in peers.c),
 * and no address stays in TIME_WAIT. */
static void close_all(struct worker *w)
{
	w->over = true;
	connections_close_all(&w->connections, true);
	connections_free_closed(&w->connections);
	server_close(w);
	invocations_close(w);
	timers_close(&w->timers);
	watch_stop(&w->control_watch);
	watch_stop(&w->later_watch);
	invocations_clear(w);
	prefetches_clear(w);
	shared_waits_clear(w);
	dynamic_calls_clear(w);
	dynamic_runs_clear(w);
	client_close(w);
	peers_close(w);
	warm_up_close(w);
	records_close(w);
	handoffs_clear(&w->handoffs);
	store_clear(&w->store);
	store_clear(&w->created);
	store_clear(&w->replicas);
	state_cache_clear(&w->cache);
	shared_store_close(w);
	retained_clear(&w->retained);
	accepted_clear(&w->accepted);
	admission_close(&w->admission);
	ps_clear(&w->ps);
}

void worker_start(struct worker *w, struct host *host, const struct sfe_deployment *deployment,
	uint32_t node, int control_fd, int code, struct sfe_error *err)
{
	const struct sfe_ctl_header ready = {SFE_CTL_READY, node};

	*w = (struct worker){.deployment = deployment,
		.node = node,
		.control_fd = control_fd,
		.host = host,
		.loop = host->loop,
		.listen_fd = -1,
		.compute_deadline = DEADLINE_CLOSED,
		.error = err};
	STAILQ_INIT(&w->begun);
	TAILQ_INIT(&w->invocations);
	TAILQ_INIT(&w->dynamic_calls);
	TAILQ_INIT(&w->shared_waits);
	TAILQ_INIT(&w->prefetches);
	STAILQ_INIT(&w->retained);
	accepted_init(&w->accepted);
	timers_init(&w->timers);
	TAILQ_INIT(&w->admission.queue);
	state_cache_init(&w->cache, deployment->nodes[node].limits.memory);
	connections_init(&w->connections);
	w->store.keep = w->replicas.keep = deployment->keep;
	w->connections.loop = host->loop;
	w->connections.buffers = &host->buffers;
	w->connections.scratch = host->scratch;
	w->connections.digests = deployment->damages;
	w->connections.later = &w->later_watch;
	w->code = code ? code : open_all(w, w->error);
	if (w->code)
		worker_end(w);
	else
		control_send(w, &ready, sizeof(ready));
}

int worker_finish(struct worker *w)
{
	struct sfe_ctl_error message = {.header = {SFE_CTL_ERROR, w->node}, .code = w->code};
	char text[sizeof(message.text)];

	if (w->code) {
		snprintf(message.text, sizeof(message.text), "%s",
			sfe_error_text(w->error, text, sizeof(text)));
		control_send(w, &message, sizeof(message));
	}
	close_all(w);
	return w->code;
}
