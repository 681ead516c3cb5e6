/* SPDX-License-Identifier: MIT */
#include "nodes/jobs/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/workload/job_graph.h"
#include "nodes/base/array.h"
#include "nodes/base/clock.h"
#include "nodes/base/control.h"
#include "nodes/base/wide_xxh3.h"
#include "nodes/http/http_head.h"
#include "nodes/jobs/job_states.h"
#include "nodes/recovery/retry.h"
#include "nodes/worker/control_channel.h"
#include "nodes/worker/kept_bytes.h"

struct client_job { /* a job that runs */
	struct worker *worker;
	uint32_t job;
	uint32_t attempt; /* from 1 */
	bool waiting;     /* for the time of its next attempt */
	uint64_t start_ns, attempt_ns;
	struct job_progress progress;
	struct timer job_timeout;
	struct timer attempt_timer; /* the attempt's deadline, or the start of the next attempt */
	TAILQ_ENTRY(client_job) next;
};

struct start { /* a job that is to start */
	uint64_t at_ns;
	uint32_t job;
};

struct client {
	const struct client_hooks *hooks;
	TAILQ_HEAD(, client_job) running;
	struct start *starts; /* by time, then in the order of the commands */
	size_t n_starts, starts_room;
	struct deadline start_deadline;
};

static struct client_job *find(const struct worker *w, uint32_t job)
{
	struct client_job *c;

	TAILQ_FOREACH (c, &w->client->running, next) {
		if (c->job == job)
			return c;
	}
	return NULL;
}

bool client_runs(const struct worker *w, uint32_t job)
{
	return find(w, job);
}

size_t client_running(const struct worker *w)
{
	const struct client_job *c;
	size_t n = 0;

	TAILQ_FOREACH (c, &w->client->running, next)
		n++;
	return n;
}

/* ---- the end of a job */

static void forget(struct worker *w, struct client_job *c)
{
	timers_cancel(&w->timers, &c->job_timeout);
	timers_cancel(&w->timers, &c->attempt_timer);
	TAILQ_REMOVE(&w->client->running, c, next);
	progress_clear(&c->progress);
	free(c);
}

/* Reports the end of a job, and forgets the job if it runs (else c is NULL). attempt: the attempt
 * of the job that ended it. value: its return value; NULL: it failed. */
static void report(struct worker *w, uint32_t job, struct client_job *c, uint32_t attempt, int code,
	uint64_t end_ns, const struct slice *value, const char *reason)
{
	struct sfe_ctl_job message = {.header = {SFE_CTL_JOB, w->node},
		.job = job,
		.status = code,
		.attempts = c ? c->attempt - c->waiting : 0,
		.attempt = attempt,
		.start_ns = c ? c->start_ns : end_ns,
		.end_ns = end_ns,
		.attempt_ns = c && attempt == c->attempt && !c->waiting ? c->attempt_ns : 0,
		.return_digest = value ? XXH3_64bits(value->data, value->size) : 0,
		.return_bytes = value ? value->size : 0,
		.return_kept_at = value ? kept_bytes_add(w->deployment->keep, value) : 0};

	snprintf(message.reason, sizeof(message.reason), "%s", reason);
	/* Nobody asks a client that sends the states for them any more. */
	if (c && code && worker_rules(w, job)->carries)
		job_finish_states(w, job);
	if (c)
		forget(w, c);
	if (code)
		w->counters.jobs_failed++;
	else
		w->counters.jobs_done++;
	control_send(w, &message, sizeof(message));
}

static void start_attempt(void *client_job);

void client_failed(struct worker *w, const struct job_place *at, int code, const char *reason)
{
	const struct sfe_retry_policy *policy = &w->deployment->retry;
	struct client_job *c = find(w, at->job);

	/* The job has ended already, or a later attempt runs. */
	if (!c || at->attempt < c->attempt)
		return;
	if (worker_rules(w, at->job)->restarts && c->attempt <= policy->retries &&
		retry_may_help(code)) {
		uint64_t wait = retry_backoff_ns(policy, c->attempt++);
		c->waiting = true;
		timers_set(&w->timers, &c->attempt_timer, now_ns() + wait, start_attempt, c);
		return;
	}
	report(w, at->job, c, at->attempt, code, now_ns(), NULL, reason);
}

static void on_job_timeout(void *client_job)
{
	struct client_job *c = client_job;
	struct worker *w = c->worker;
	char reason[160];

	snprintf(reason, sizeof(reason), "not done %g s after its start, which is job_timeout",
		(double)w->deployment->job_timeout_ns / 1e9);
	report(w, c->job, c, c->attempt, -ETIME, now_ns(), NULL, reason);
}

/* The chain has not returned. Only the client waits for it. */
static void on_attempt_timeout(void *client_job)
{
	const struct client_job *c = client_job;
	const struct job_place at = {.job = c->job, .attempt = c->attempt};

	client_failed(
		c->worker, &at, -ETIMEDOUT, "its chain has not returned within its deadlines");
}

void client_done(
	struct worker *w, const struct job_place *at, const struct slice *value, uint64_t end_ns)
{
	struct client_job *c = find(w, at->job);

	job_finish_states(w, at->job);
	report(w, at->job, c, at->attempt, 0, end_ns, value, "");
}

void client_returned(struct worker *w, struct package *package, uint64_t end_ns)
{
	struct client_job *c = find(w, package->job);

	/* The result of an earlier attempt is as good: each attempt started with the same bytes. */
	if (c && c->progress.result)
		w->client->hooks->result(w, &c->progress, package, end_ns);
	else
		package_drop(package);
}

/* ---- the start of a job */

/* All states of the job, unless the strategy creates them later. */
static int make_package(struct worker *w, uint32_t job, struct package *package)
{
	int r = package_init(package, w->deployment, job);

	for (uint32_t i = 0; !r && !worker_rules(w, job)->created_on_use && i < package->n_states;
		i++) {
		struct slice bytes;
		r = job_initial_state(w, job, i, &bytes);
		if (!r)
			package_put(package, i, bytes, 0);
	}
	if (r)
		package_drop(package);
	return r;
}

/* What a step gets from those before it; the first one: what the client has. */
static uint64_t bytes_from_before(const struct sfe_job *j, uint32_t step)
{
	uint64_t bytes = 0;

	if (!sfe_steps_before(j, step))
		return j->steps[0].arg_bytes;
	for (uint32_t i = 0; i < sfe_steps_before(j, step); i++)
		bytes += j->steps[sfe_step_before(j, step, i)].out_bytes;
	return bytes;
}

/* Why the job cannot be run; NULL if it can. */
static const char *objection(const struct worker *w, uint32_t job)
{
	const struct sfe_deployment *d = w->deployment;

	if (job >= d->n_jobs)
		return "no such job";
	const struct sfe_job *j = d->jobs[job].job;
	if (d->jobs[job].client != w->node)
		return "not a job of this client";
	if (!j->n_steps)
		return "a job without steps";
	for (uint32_t s = 0; s < j->n_steps; s++) {
		if (bytes_from_before(j, s) != j->steps[s].arg_bytes)
			return "the output of a step is not the argument of the next";
		if (j->steps[s].arg_bytes > HEAD_MAX_BODY_BYTES)
			return "an argument larger than a body may be";
	}
	if (j->states_total_bytes > HEAD_MAX_BODY_BYTES)
		return "states larger than a body may be";
	return client_runs(w, job) ? "it runs already" : NULL;
}

/* Makes the argument and the states; what is sent from then on is up to the strategy. */
static void start_attempt(void *client_job)
{
	struct client_job *c = client_job;
	struct worker *w = c->worker;
	const struct sfe_deployment *d = w->deployment;
	struct package package;

	progress_clear(&c->progress);
	job_forget_states(w, c->job); /* of an earlier attempt, or run */
	if (progress_init(
		    &c->progress, worker_job(w, c->job), worker_rules(w, c->job)->client_invokes) ||
		job_argument(w, c->job, &c->progress.argument) ||
		make_package(w, c->job, &package)) {
		worker_fatal(w, -ENOMEM, "a job");
		return;
	}
	c->waiting = false;
	c->attempt_ns = now_ns(); /* without the time to generate the bytes */
	if (c->attempt == 1) {
		c->start_ns = c->attempt_ns;
		if (d->job_timeout_ns)
			timers_set(&w->timers, &c->job_timeout, c->start_ns + d->job_timeout_ns,
				on_job_timeout, c);
	}
	package.attempt = c->attempt;
	if (worker_rules(w, c->job)->restarts && d->retry.deadline_ns)
		timers_set(&w->timers, &c->attempt_timer,
			now_ns() + d->retry.deadline_ns * worker_job(w, c->job)->n_steps,
			on_attempt_timeout, c);
	w->client->hooks->start(w, &c->progress, &package);
}

static void start_job(struct worker *w, uint32_t job)
{
	const char *why = objection(w, job);
	struct client_job *c;

	if (why || w->down) {
		report(w, job, NULL, 0, why ? -EINVAL : -EHOSTDOWN, now_ns(), NULL,
			why ? why : "its client is down");
		return;
	}
	c = calloc(1, sizeof(*c));
	if (!c) {
		worker_fatal(w, -ENOMEM, "a job");
		return;
	}
	*c = (struct client_job){.worker = w, .job = job, .attempt = 1};
	TAILQ_INSERT_TAIL(&w->client->running, c, next);
	start_attempt(c);
}

void client_start_due(struct worker *w)
{
	struct client *client = w->client;
	uint64_t now = client->n_starts ? now_ns() : 0;
	size_t n = 0;

	while (n < client->n_starts && client->starts[n].at_ns <= now && !w->over)
		start_job(w, client->starts[n++].job);
	client->n_starts -= n;
	if (n)
		memmove(client->starts, client->starts + n,
			client->n_starts * sizeof(*client->starts));
	int r = deadline_set(
		&client->start_deadline, client->n_starts ? client->starts[0].at_ns : UINT64_MAX);
	if (r)
		worker_fatal(w, r, "the timer of the jobs");
}

static void on_start(evutil_socket_t fd, short what, void *worker)
{
	struct worker *w = worker;
	(void)fd, (void)what;

	deadline_passed(&w->client->start_deadline);
	client_start_due(w);
}

void client_go(struct worker *w, uint32_t job, uint64_t at_ns)
{
	struct client *client = w->client;
	size_t at = client->n_starts;

	if (array_reserve((void **)&client->starts, client->n_starts, &client->starts_room,
		    sizeof(*client->starts))) {
		worker_fatal(w, -ENOMEM, "a start");
		return;
	}
	/* Behind those of the same time: they start in the order of the commands. */
	for (; at && client->starts[at - 1].at_ns > at_ns; at--)
		client->starts[at] = client->starts[at - 1];
	client->starts[at] = (struct start){at_ns, job};
	client->n_starts++;
}

/* ---- the whole */

int client_open(struct worker *w, const struct client_hooks *hooks)
{
	struct client *client = calloc(1, sizeof(*client));

	if (!client)
		return -ENOMEM;
	client->hooks = hooks;
	TAILQ_INIT(&client->running);
	client->start_deadline = DEADLINE_CLOSED;
	w->client = client;
	return deadline_open(&client->start_deadline, w->loop, on_start, w);
}

void client_crash(struct worker *w)
{
	for (struct client_job *c; (c = TAILQ_FIRST(&w->client->running));)
		report(w, c->job, c, c->attempt, -EHOSTDOWN, now_ns(), NULL,
			"its client has crashed");
}

void client_close(struct worker *w)
{
	if (!w->client)
		return;
	deadline_close(&w->client->start_deadline);
	for (struct client_job *c; (c = TAILQ_FIRST(&w->client->running));)
		forget(w, c);
	free(w->client->starts);
	free(w->client);
	w->client = NULL;
}
