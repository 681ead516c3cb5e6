/* SPDX-License-Identifier: MIT */
#include "nodes/jobs/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "nodes/base/payload.h"
#include "nodes/events/deadline.h"
#include "nodes/events/timers.h"
#include "nodes/jobs/actions.h"
#include "nodes/jobs/peers.h"
#include "nodes/worker/records.h"
#include "nodes/worker/strategy.h"

static struct client_job *find(const struct worker *w, uint32_t job)
{
	struct client_job *c;

	TAILQ_FOREACH (c, &w->running, next) {
		if (c->job == job)
			return c;
	}
	return NULL;
}

bool client_runs(const struct worker *w, uint32_t job)
{
	return find(w, job);
}

/* ---- the end of a job */

static void forget(struct worker *w, struct client_job *c)
{
	timers_cancel(w, &c->give_up);
	timers_cancel(w, &c->again);
	TAILQ_REMOVE(&w->running, c, next);
	free(c);
}

/* attempt: of the job, that ended it. */
static void tell(struct worker *w, uint32_t job, struct client_job *c, uint32_t attempt, int code,
	uint64_t end_ns, uint64_t digest, const char *reason)
{
	struct sfe_ctl_job message = {.header = {SFE_CTL_JOB, w->node},
		.job = job,
		.status = code,
		.attempts = c ? c->attempt - c->waiting : 0,
		.attempt = attempt,
		.start_ns = c ? c->start_ns : end_ns,
		.end_ns = end_ns,
		.return_digest = digest};

	snprintf(message.reason, sizeof(message.reason), "%s", reason);
	if (c)
		forget(w, c);
	if (code)
		w->jobs_failed++;
	else
		w->jobs_done++;
	control_send(w, &message, sizeof(message));
}

static void begin(struct worker *w, void *client_job);

void client_failed(struct worker *w, const struct job_place *at, int code, const char *reason)
{
	const struct sfe_retry_policy *policy = &w->deployment->retry;
	struct client_job *c = find(w, at->job);

	/* It has ended, one way or the other; or this attempt is not waited for any more. */
	if (!c || at->attempt < c->attempt)
		return;
	if (w->strategy->restarts && c->attempt <= policy->retries && retry_helps(code)) {
		uint64_t wait = retry_backoff_ns(policy, c->attempt++);
		c->waiting = true;
		timers_set(w, &c->again, now_ns() + wait, begin, c);
		return;
	}
	tell(w, at->job, c, at->attempt, code, now_ns(), 0, reason);
}

static void give_up(struct worker *w, void *client_job)
{
	struct client_job *c = client_job;
	char reason[160];

	snprintf(reason, sizeof(reason), "not done %g s after its start, which is job_timeout",
		(double)w->deployment->job_timeout_ns / 1e9);
	tell(w, c->job, c, c->attempt, -ETIME, now_ns(), 0, reason);
}

/* The chain does not come back: on the way, nobody else waits for it. */
static void overdue(struct worker *w, void *client_job)
{
	const struct client_job *c = client_job;
	const struct job_place at = {.job = c->job, .attempt = c->attempt};

	client_failed(w, &at, -ETIMEDOUT, "its chain has not returned within its deadlines");
}

void client_done(struct worker *w, struct package *package, uint64_t end_ns, bool with_states)
{
	struct client_job *c = find(w, package->job);
	uint64_t digest = XXH3_64bits(package->value.data, package->value.size);

	if (!c)
		return;
	if (with_states && !package_has_all(package)) {
		tell(w, package->job, c, package->attempt, -EPROTO, end_ns, 0,
			"a state did not come with the return");
		return;
	}
	/* In place of what an earlier run of the job has left. */
	if (with_states && !job_keep(w, package, worker_job(w, package->job)->n_steps))
		return;
	tell(w, package->job, c, package->attempt, 0, end_ns, digest, "");
}

void client_returned(struct worker *w, struct package *package, uint64_t end_ns)
{
	/* One of an older attempt is as good: each began with what the client had. */
	if (client_runs(w, package->job))
		w->strategy->returned(w, package, end_ns);
	package_drop(package); /* where the strategy took it over, nothing is left in it */
}

/* ---- the start of a job */

int client_make_state(struct worker *w, uint32_t job, uint32_t state, struct slice *bytes)
{
	const struct sfe_job *j = worker_job(w, job);
	int r = slice_new(&w->host->buffers, j->state_bytes[state], bytes);

	if (!r)
		payload_fill(payload_job_key(w->deployment->seed, j->number), 1 + (uint64_t)state,
			bytes->data, bytes->size);
	return r;
}

/* What the client brings in: real bytes, of the seed. */
static int make_package(struct worker *w, uint32_t job, struct package *package)
{
	const struct sfe_job *j = worker_job(w, job);
	uint64_t key = payload_job_key(w->deployment->seed, j->number);
	int r = package_init(package, w->deployment, job);

	if (!r)
		r = slice_new(&w->host->buffers, j->steps[0].arg_bytes, &package->value);
	if (!r)
		payload_fill(key, 0, package->value.data, package->value.size);
	for (uint32_t i = 0; !r && !w->strategy->born && i < package->n_states; i++) {
		struct slice bytes;
		r = client_make_state(w, job, i, &bytes);
		if (!r)
			package_put(package, i, bytes, 0);
	}
	if (r)
		package_drop(package);
	return r;
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
		if (s + 1 < j->n_steps && j->steps[s].out_bytes != j->steps[s + 1].arg_bytes)
			return "the output of a step is not the argument of the next";
		if (j->steps[s].arg_bytes > HEAD_MAX_BODY_BYTES)
			return "an argument larger than a body may be";
	}
	if (j->states_total_bytes > HEAD_MAX_BODY_BYTES)
		return "states larger than a body may be";
	return client_runs(w, job) ? "it runs already" : NULL;
}

/* An attempt: the strategy sends from here on. */
static void begin(struct worker *w, void *client_job)
{
	const struct sfe_deployment *d = w->deployment;
	struct client_job *c = client_job;
	struct package package;

	if (make_package(w, c->job, &package)) {
		worker_fatal(w, -ENOMEM, "a job");
		return;
	}
	c->waiting = false;
	if (c->attempt == 1)
		c->start_ns = now_ns(); /* the bytes are made */
	package.attempt = c->attempt;
	if (w->strategy->restarts && d->retry.deadline_ns)
		timers_set(w, &c->again,
			now_ns() + d->retry.deadline_ns * worker_job(w, c->job)->n_steps, overdue,
			c);
	w->strategy->start(w, &package);
}

static void start_job(struct worker *w, uint32_t job)
{
	const char *why = objection(w, job);
	struct client_job *c;

	if (why || w->down) {
		tell(w, job, NULL, 0, why ? -EINVAL : -EHOSTDOWN, now_ns(), 0,
			why ? why : "its client is down");
		return;
	}
	c = calloc(1, sizeof(*c));
	if (!c) {
		worker_fatal(w, -ENOMEM, "a job");
		return;
	}
	*c = (struct client_job){.job = job, .attempt = 1};
	TAILQ_INSERT_TAIL(&w->running, c, next);
	if (w->deployment->job_timeout_ns)
		timers_set(w, &c->give_up, now_ns() + w->deployment->job_timeout_ns, give_up, c);
	begin(w, c);
}

void client_start_due(struct worker *w)
{
	uint64_t now = w->n_starts ? now_ns() : 0;
	size_t n = 0;

	while (n < w->n_starts && w->starts[n].at_ns <= now && !w->over)
		start_job(w, w->starts[n++].job);
	w->n_starts -= n;
	if (n)
		memmove(w->starts, w->starts + n, w->n_starts * sizeof(*w->starts));
	int r = deadline_set(&w->start_deadline, w->n_starts ? w->starts[0].at_ns : UINT64_MAX);
	if (r)
		worker_fatal(w, r, "the timer of the jobs");
}

void client_on_start(evutil_socket_t fd, short what, void *worker)
{
	struct worker *w = worker;
	(void)fd, (void)what;

	deadline_passed(&w->start_deadline);
	client_start_due(w);
}

void client_go(struct worker *w, uint32_t job, uint64_t at_ns)
{
	size_t at = w->n_starts;

	if (worker_room((void **)&w->starts, w->n_starts, &w->starts_room, sizeof(*w->starts))) {
		worker_fatal(w, -ENOMEM, "a start");
		return;
	}
	/* Behind those of the same time: they start in the order of the commands. */
	for (; at && w->starts[at - 1].at_ns > at_ns; at--)
		w->starts[at] = w->starts[at - 1];
	w->starts[at] = (struct start){at_ns, job};
	w->n_starts++;
}

void client_crash(struct worker *w)
{
	for (struct client_job *c; (c = TAILQ_FIRST(&w->running));)
		tell(w, c->job, c, c->attempt, -EHOSTDOWN, now_ns(), 0, "its client has crashed");
}

void client_clear(struct worker *w)
{
	for (struct client_job *c; (c = TAILQ_FIRST(&w->running));)
		forget(w, c);
	free(w->starts);
}
