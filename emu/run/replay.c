/* SPDX-License-Identifier: MIT */
#include "emu/run/replay.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "emu/beside/beside.h"
#include "emu/experiment/channel.h"
#include "emu/experiment/functions.h"
#include "emu/measure/collector.h"
#include "emu/measure/dynamic_calls.h"
#include "emu/measure/machine_monitor.h"
#include "emu/net/order.h"
#include "emu/net/port_count.h"
#include "emu/results/prediction/choice.h"
#include "emu/run/live_changes.h"
#include "emu/run/replay_changes.h"
#include "emu/run/replay_deployment.h"
#include "emu/run/warm_up.h"
#include "emu/run/workers.h"

/* all workers get their jobs before the first job starts */
#define LEAD_NS 50000000ull
/*
 * On the virtual clock a replay starts at a multiple of this, so that kernel timers fall alike
 * whatever ran before: they are multiples of 4 ms (HZ=250) counted from boot, those longer than a
 * quarter of a second of 8 times that, and so on up to 8^4 for TCP's longest. The wait costs no
 * wall time.
 */
#define START_GRID_NS (4000000ull * 8 * 8 * 8 * 8)
/* after the last job, acknowledgements are still in flight */
#define DRAIN_NS 500000000ull
/* time after job_timeout for the client to report that it ended the job */
#define GUARD_NS 5000000000ull
/* at the end, a worker that says nothing for so long may wait for another; and how often that */
#define SILENCE_MS 100
#define MAX_SILENCES 300u
/* poll entry of the schedule's timer; workers have their node's index */
#define SCHEDULE UINT32_MAX
#define REQUESTS (UINT32_MAX - 1)
#define BESIDE (UINT32_MAX - 2)

struct driver {
	const struct sfe_experiment *e;
	const struct sfe_deployment *deployment;
	struct sfe_workers workers;
	struct sfe_net *net;
	struct sfe_replay *out;
	int channel, epoll;
	bool real_clock;
	struct sfe_changes changes;
	struct sfe_live *live;
	const struct sfe_replay_options *options;
	struct sfe_beside beside;
	struct sfe_collector account;
	struct sfe_dynamic_calls dynamic;
	struct sfe_inbox *inbox;
	uint64_t guard_ns; /* when jobs without an end are given up */
	uint32_t done;
	uint32_t next; /* sequential arrivals: the next job */
};

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static uint64_t now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

static void sleep_ns(uint64_t ns)
{
	struct timespec ts = {(time_t)(ns / 1000000000u), (long)(ns % 1000000000u)};

	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, &ts) == EINTR)
		;
}

static const char *node_name(const struct driver *d, uint32_t node)
{
	return d->deployment->nodes[node].name;
}

static int start_job(struct driver *d, uint32_t job, uint64_t at_ns, struct sfe_error *err)
{
	uint32_t client = d->e->jobs[job].client;
	struct sfe_ctl_go message = {.header = {SFE_CTL_GO, client}, .job = job, .at_ns = at_ns};

	if (send(d->workers.worker[client].control, &message, sizeof(message), MSG_NOSIGNAL) < 0)
		return sfe_fail(err, -errno, node_name(d, client), NULL, "its worker is gone: %s",
			strerror(errno));
	return 0;
}

static bool sequential(const struct driver *d)
{
	return d->e->scenario->workload.arrivals == SFE_ARRIVALS_SEQUENTIAL;
}

/* The time after a job's start by which its client must have reported. */
static uint64_t guard_ns(const struct driver *d)
{
	return d->e->scenario->job_timeout_ns + GUARD_NS;
}

static int start_jobs(struct driver *d, struct sfe_error *err)
{
	int r = 0;

	d->out->start_ns = now_ns() + LEAD_NS;
	if (sfe_beside_commands(d->e, d->options->commands) &&
		d->out->start_ns < SFE_COMMANDS_UPTIME_NS)
		d->out->start_ns = SFE_COMMANDS_UPTIME_NS;
	if (!d->real_clock)
		d->out->start_ns =
			(d->out->start_ns + START_GRID_NS - 1) / START_GRID_NS * START_GRID_NS;
	d->out->start_unix_ns = d->out->start_ns + clock_ns(CLOCK_REALTIME) - now_ns();
	if (sequential(d))
		return start_job(d, d->next++, d->out->start_ns, err);
	for (uint32_t j = 0; j < d->e->n_jobs && !r; j++)
		r = start_job(d, j, d->out->start_ns + d->e->arrival_ns[j], err);
	return r;
}

/* A job has ended: starts the next one if they are sequential. */
static int job_ended(struct driver *d, struct sfe_error *err)
{
	d->done++;
	sfe_channel_send(
		d->channel, "jobs", "%s %u %u", d->out->strategy->name, d->done, d->e->n_jobs);
	if (!sequential(d) || d->next >= d->e->n_jobs)
		return 0;
	d->guard_ns = now_ns() + guard_ns(d);
	return start_job(d, d->next++, now_ns(), err);
}

static int worker_died(const struct driver *d, uint32_t node, struct sfe_error *err)
{
	return sfe_workers_died(&d->workers, d->deployment, node, err);
}

static bool job_runs(void *driver, uint32_t job)
{
	const struct driver *d = driver;

	return !d->out->jobs[job].ended &&
	       (sequential(d) ? job < d->next
			      : now_ns() >= d->out->start_ns + d->e->arrival_ns[job]);
}

/* A function calls another one, or such a call has ended. */
static int take_call(
	struct driver *d, uint32_t node, const void *message, size_t size, struct sfe_error *err)
{
	struct sfe_ctl_placed placed;
	int r = sfe_dynamic_calls_take(&d->dynamic, node, message, size, job_runs, d, &placed, err);
	uint64_t latest_ns = now_ns() + CALL_MAX_DELAY_NS;

	/* No worker makes this process wait for longer. */
	if (d->dynamic.due_ns > latest_ns)
		d->dynamic.due_ns = latest_ns;
	if (r <= 0 ||
		send(d->workers.worker[node].control, &placed, sizeof(placed), MSG_NOSIGNAL) >= 0)
		return r < 0 ? r : 0;
	if (errno == EPIPE || errno == ECONNRESET) /* it has ended, which receive() will see */
		return 0;
	return sfe_fail(err, -errno, node_name(d, node), NULL, "its worker takes no answers: %s",
		strerror(errno));
}

/* Handles a worker's next message; where none is left of those that were read, up to `most` are
 * read at once. Returns 1 for BYE. */
static int receive(struct driver *d, uint32_t node, uint32_t most, struct sfe_error *err)
{
	const void *message = NULL;
	int r = sfe_workers_take(&d->workers, d->deployment, node, d->inbox, most, &message, err);

	if (r == 0)
		return worker_died(d, node, err);
	if (r > 0 && ((const struct sfe_ctl_header *)message)->type == SFE_CTL_CALL)
		return take_call(d, node, message, (size_t)r, err);
	if (r > 0)
		r = sfe_collector_add(&d->account, node, message, (size_t)r, err);
	return r == SFE_COLLECTOR_JOB_ENDED ? job_ended(d, err) : r;
}

/* Handles what a worker has said by now, up to a whole inbox. */
static int receive_waiting(struct driver *d, uint32_t node, struct sfe_error *err)
{
	int r;

	do
		r = receive(d, node, SFE_INBOX_MESSAGES, err);
	while (!r && d->inbox->at < d->inbox->n);
	return r;
}

/* Gives up jobs whose client did not end them by job_timeout: it no longer responds. */
static int give_up(struct driver *d, struct sfe_error *err)
{
	uint32_t started = sequential(d) ? d->next : d->e->n_jobs;
	int r = 0;

	for (uint32_t j = 0; j < started && !r; j++) {
		if (d->out->jobs[j].ended)
			continue;
		uint64_t arrival = d->out->start_ns + d->e->arrival_ns[j];
		sfe_collector_give_up(
			&d->account, j, sequential(d) ? d->out->start_ns : arrival, now_ns());
		r = job_ended(d, err);
	}
	return r;
}

static int serve(struct driver *d, uint32_t what, struct sfe_error *err)
{
	return what == SCHEDULE   ? sfe_changes_due(&d->changes, err)
	       : what == REQUESTS ? sfe_live_serve(d->live, err)
	       : what == BESIDE   ? sfe_beside_serve(&d->beside, err)
				  : receive_waiting(d, what, err);
}

/* Runs until every job has ended. */
static int run_to_end(struct driver *d, struct sfe_error *err)
{
	uint64_t last = 0;
	struct epoll_event events[64];
	int r = 0;

	for (uint32_t j = 0; j < d->e->n_jobs; j++)
		if (d->e->arrival_ns[j] > last)
			last = d->e->arrival_ns[j];
	d->guard_ns = d->out->start_ns + last + guard_ns(d);
	while (d->done < d->e->n_jobs && !r) {
		uint64_t now = now_ns();
		uint64_t left_ms = now < d->guard_ns ? (d->guard_ns - now + 999999) / 1000000 : 0;
		int n = left_ms ? epoll_wait(d->epoll, events, 64,
					  left_ms > 1000000000 ? 1000000000 : (int)left_ms)
				: 0;
		if (n < 0 && errno != EINTR)
			return sfe_fail(err, -errno, NULL, NULL, "epoll_wait: %s", strerror(errno));
		if (n == 0 && now_ns() >= d->guard_ns)
			r = give_up(d, err);
		for (int i = 0; i < n && !r; i++)
			r = serve(d, events[i].data.u32, err);
	}
	return r;
}

/*
 * Runs until all casts have ended, and calls of jobs that were given up. A message about a call was
 * sent before the end of its job, so it is there already.
 */
static int run_casts(struct driver *d, struct sfe_error *err)
{
	const uint64_t begin_ns = now_ns();
	struct epoll_event events[64];
	int n = 1, r = 0;

	while (!r && (d->dynamic.open || n > 0)) {
		uint64_t now = now_ns();
		uint64_t last = begin_ns > d->dynamic.due_ns ? begin_ns : d->dynamic.due_ns;
		if (now >= last + guard_ns(d))
			break; /* their rows say that they have not ended */
		uint64_t left_ms = (last + guard_ns(d) - now + 999999) / 1000000;
		n = epoll_wait(d->epoll, events, 64,
			!d->dynamic.open       ? 0
			: left_ms > 1000000000 ? 1000000000
					       : (int)left_ms);
		if (n < 0 && errno != EINTR)
			return sfe_fail(err, -errno, NULL, NULL, "epoll_wait: %s", strerror(errno));
		for (int i = 0; i < n && !r; i++)
			r = serve(d, events[i].data.u32, err);
	}
	return r;
}

/* Reads what all workers that have not ended say now. How many messages, or an error. */
static int receive_all(struct driver *d, struct pollfd *control, bool *ended, struct sfe_error *err)
{
	int n = 0;

	for (uint32_t node = 0; node < d->workers.n; node++)
		control[node] = (struct pollfd){
			ended[node] ? -1 : d->workers.worker[node].control, POLLIN, 0};
	if (poll(control, d->workers.n, 0) <= 0)
		return 0;
	for (uint32_t node = 0; node < d->workers.n; node++) {
		int r = control[node].revents ? receive(d, node, 1, err) : 0;
		if (r < 0)
			return r;
		ended[node] |= r == SFE_COLLECTOR_BYE;
		n += control[node].revents != 0;
	}
	return n;
}

/* The worker that was told to stop. Where it says nothing for a while, another one in the same
 * process may wait until somebody reads what it has said. Otherwise the others are not read, so
 * that records are in the order of nodes. */
static int collect_from(
	struct driver *d, uint32_t node, struct pollfd *control, bool *ended, struct sfe_error *err)
{
	struct pollfd own = {d->workers.worker[node].control, POLLIN, 0};
	int r = 0;

	for (uint32_t silent = 0; !ended[node] && r >= 0;) {
		/* At last receive() says that it does not answer. */
		if (d->inbox->at < d->inbox->n || poll(&own, 1, SILENCE_MS) ||
			silent == MAX_SILENCES) {
			r = receive(d, node, SFE_INBOX_MESSAGES, err);
			ended[node] = r == SFE_COLLECTOR_BYE;
			silent = 0;
		} else {
			r = receive_all(d, control, ended, err);
			silent = r ? 0 : silent + 1;
		}
	}
	d->inbox->at = d->inbox->n = 0; /* after its end there are empty ones */
	return r < 0 ? r : 0;
}

/* Stops one worker after the other and collects its records: workers in one process would wait
 * for each other. */
static int collect(struct driver *d, struct sfe_error *err)
{
	struct pollfd *control = calloc((size_t)d->workers.n + 1, sizeof(*control));
	bool *ended = calloc((size_t)d->workers.n + 1, sizeof(*ended));
	int r = control && ended ? 0 : sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");

	for (uint32_t node = 0; node < d->workers.n && !r; node++) {
		struct sfe_ctl_header stop = {SFE_CTL_STOP, node};
		if (!ended[node] && send(d->workers.worker[node].control, &stop, sizeof(stop),
					    MSG_NOSIGNAL) < 0)
			r = worker_died(d, node, err);
		r = r ? r : collect_from(d, node, control, ended, err);
	}
	free(control);
	free(ended);
	return r;
}

/* fd -1: nothing to wait for. */
static int wait_for(const struct driver *d, int fd, uint32_t what, struct sfe_error *err)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = what};

	return fd >= 0 && epoll_ctl(d->epoll, EPOLL_CTL_ADD, fd, &event)
		       ? sfe_fail(err, -errno, NULL, NULL, "epoll_ctl: %s", strerror(errno))
		       : 0;
}

static int watch_workers(struct driver *d, struct sfe_error *err)
{
	int r = 0;

	d->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (d->epoll < 0)
		return sfe_fail(err, -errno, NULL, NULL, "epoll_create1: %s", strerror(errno));
	for (uint32_t node = 0; node < d->workers.n && !r; node++)
		r = wait_for(d, d->workers.worker[node].control, node, err);
	return r;
}

/* A crash or a restart, which the worker performs. */
static int crash(void *arg, uint32_t node, bool restart, struct sfe_error *err)
{
	struct driver *d = arg;
	struct sfe_ctl_header message = {restart ? SFE_CTL_RESTART : SFE_CTL_CRASH, node};
	uint64_t now = now_ns();

	if (send(d->workers.worker[node].control, &message, sizeof(message), MSG_NOSIGNAL) < 0)
		return worker_died(d, node, err);
	if (restart && sfe_collector_restarted(&d->account, node, now, err))
		return err->code;
	return sfe_dynamic_calls_crash(&d->dynamic, node, restart, now, err);
}

/* Starts the schedule, and manual changes. */
static int start_changes(struct driver *d, struct sfe_net *net, struct sfe_error *err)
{
	int r = sfe_changes_start(&d->changes, d->e, net, d->live->standing, d->out, crash, d, err);

	r = r ? r : sfe_live_replay(d->live, &d->changes, err);
	r = r ? r : wait_for(d, d->changes.timer, SCHEDULE, err);
	return r ? r : wait_for(d, d->live->fd, REQUESTS, err);
}

/* Starts what runs beside the jobs, with them. */
static int begin_beside(struct driver *d, struct sfe_error *err)
{
	const struct sfe_command_place place = {.net = d->net,
		.results_fd = d->options->results_fd,
		.channel = d->channel,
		.strategy = d->out->strategy->name,
		.zero_ns = d->out->start_ns,
		.recorded = d->options->recorded};
	int r = sfe_beside_begin(&d->beside, &place, err);

	return r ? r : wait_for(d, d->beside.epoll, BESIDE, err);
}

/* A replay's counters are those at its end minus those at its start. */
static int count_links(struct sfe_net *net, const struct sfe_link_count *before, uint32_t n_before,
	struct sfe_replay *out, struct sfe_error *err)
{
	int r = sfe_net_count(net, &out->links, &out->n_links, err);

	for (uint32_t i = 0; i < out->n_links && i < n_before && !r; i++) {
		out->links[i].wire_bytes -= before[i].wire_bytes;
		out->links[i].packets -= before[i].packets;
		out->links[i].port_bytes -= before[i].port_bytes;
		out->links[i].port_packets -= before[i].port_packets;
		out->links[i].drops -= before[i].drops;
		out->links[i].losses -= before[i].losses;
	}
	return r;
}

/* Less the count before the jobs. The virtual clock needs no verdict. */
static int count_reordered(
	const struct driver *d, const struct sfe_net *net, double before, struct sfe_error *err)
{
	double after;
	int r = d->real_clock ? sfe_net_reordered(net, &after, err) : 0;

	if (d->real_clock && !r)
		d->out->fidelity.reordered = after - before;
	return r;
}

static int allocate(const struct sfe_experiment *e, struct sfe_replay *out)
{
	out->jobs = calloc(e->n_jobs, sizeof(*out->jobs));
	if (!out->jobs)
		return -ENOMEM;
	out->n_jobs = e->n_jobs;
	for (uint32_t j = 0; j < e->n_jobs; j++) {
		uint32_t n = e->jobs[j].job->n_states;
		out->jobs[j].state_digest = calloc(n + 1, sizeof(*out->jobs[j].state_digest));
		if (!out->jobs[j].state_digest)
			return -ENOMEM;
	}
	return 0;
}

static int measure(struct driver *d, struct sfe_net *net, struct sfe_error *err)
{
	struct sfe_link_count *before = NULL;
	struct sfe_monitor monitor = {0};
	double reordered = NAN;
	uint32_t n_before = 0;
	int r = watch_workers(d, err);

	d->out->fidelity.real_clock = d->real_clock;
	d->out->fidelity.reordered = NAN;
	d->out->begin_unix_ns = clock_ns(CLOCK_REALTIME);
	d->out->counted_apart = sfe_beside_any(d->e, d->options->commands) || d->live->fd >= 0;
	if (!r)
		r = sfe_beside_open(&d->beside, d->e, net, d->options->commands, err);
	if (!r && d->out->counted_apart)
		r = sfe_net_port_start(net, SFE_PORT, err);
	if (!r)
		r = sfe_net_count(net, &before, &n_before, err);
	if (!r && d->real_clock)
		r = sfe_net_reordered(net, &reordered, err);
	if (!r && d->real_clock)
		r = sfe_monitor_start(&monitor, err);
	if (!r && d->deployment->strategy->options.warm == SFE_WARM_ON)
		r = sfe_warm_up(&d->workers, d->deployment, d->out, d->channel, err);
	if (!r)
		r = start_jobs(d, err);
	if (!r)
		r = start_changes(d, net, err);
	if (!r)
		r = begin_beside(d, err);
	if (!r)
		r = run_to_end(d, err);
	if (!r && sfe_functions_may_call(d->e))
		r = run_casts(d, err);
	r = sfe_beside_end(&d->beside, r, err);
	if (d->real_clock)
		sfe_monitor_end(&monitor, &d->out->fidelity);
	if (!r) {
		sleep_ns(DRAIN_NS);
		r = count_links(net, before, n_before, d->out, err);
		r = r ? r : sfe_beside_count(&d->beside, &d->out->flows, err);
		sfe_net_port_end(net);
		r = r ? r : count_reordered(d, net, reordered, err);
		d->out->end_unix_ns = clock_ns(CLOCK_REALTIME);
	}
	if (!r)
		r = collect(d, err);
	if (!r)
		r = sfe_collector_close(&d->account, d->e->routing, err);
	sfe_net_port_end(net);
	sfe_beside_close(&d->beside);
	sfe_live_replay(d->live, NULL, NULL);
	sfe_changes_end(&d->changes);
	if (d->epoll >= 0)
		close(d->epoll);
	free(before);
	return r;
}

int sfe_replay_run(const struct sfe_experiment *e, struct sfe_net *net,
	const struct sfe_strategy_info *strategy, const struct sfe_replay_options *options,
	struct sfe_replay *out, struct sfe_error *err)
{
	struct sfe_replay_deployment deployed = {0};
	struct driver d = {.e = e,
		.deployment = &deployed.deployment,
		.net = net,
		.out = out,
		.channel = options->channel,
		.epoll = -1,
		.real_clock = options->real_clock,
		.live = options->live,
		.options = options,
		.beside = {.traffic.control = -1, .epoll = -1, .timer = -1},
		.account = {.deployment = &deployed.deployment, .out = out},
		.dynamic = {.e = e, .out = out},
		.inbox = calloc(1, sizeof(*d.inbox)),
		.changes.timer = -1};
	int r;

	*out = (struct sfe_replay){.strategy = strategy};
	r = d.inbox ? allocate(e, out) : -ENOMEM;
	r = r ? r : sfe_choose(e, strategy, options->followed, &out->choice);
	r = r ? r : sfe_replay_deploy(e, strategy, out->choice, options->keep, &deployed);
	if (r) {
		free(d.inbox);
		sfe_replay_deployment_free(&deployed);
		return sfe_fail(err, r, NULL, NULL, "out of memory");
	}
	sfe_channel_send(d.channel, "stage", "%s: starting %u workers", strategy->name,
		deployed.deployment.n_nodes);
	/* A virtual clock does not count waiting for the processor. */
	r = sfe_workers_start(net, &deployed.deployment, !options->real_clock, &d.workers, err);
	if (!r) {
		r = measure(&d, net, err);
		sfe_workers_end(&d.workers);
		/* Packets from closed connections must not count in the next replay. */
		sleep_ns(DRAIN_NS);
		sfe_collector_free(&d.account);
		sfe_dynamic_calls_free(&d.dynamic);
	}
	free(d.inbox);
	sfe_replay_deployment_free(&deployed);
	return r;
}
