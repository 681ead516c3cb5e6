/* SPDX-License-Identifier: MIT */
#include "emu/measure/collector.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "emu/model/base/text.h"
#include "nodes/strategies/strategy.h"

#define REPORT_IT "this is a bug: report it"

static const struct sfe_job *job_of(const struct sfe_collector *a, uint32_t job)
{
	return a->deployment->jobs[job].job;
}

static const char *strategy_of(const struct sfe_collector *a)
{
	return a->out->strategy->name;
}

static int no_memory(struct sfe_error *err)
{
	return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
}

/* ---- collecting */

static int job_ended(struct sfe_collector *a, const struct sfe_ctl_job *m, struct sfe_error *err)
{
	struct sfe_job_result *job = &a->out->jobs[m->job];

	if (job->given_up)
		return 0;
	if (job->ended)
		return sfe_fail(err, -EPROTO, a->deployment->nodes[m->header.node].name, REPORT_IT,
			"job %u ended twice", job_of(a, m->job)->number);
	job->ended = true;
	job->status = m->status;
	job->timed_out = m->status == -ETIME;
	job->attempts = m->attempts;
	job->attempt = m->attempt;
	job->start_ns = m->start_ns;
	job->end_ns = m->end_ns;
	job->return_digest = m->return_digest;
	memcpy(job->reason, m->reason, sizeof(job->reason));
	job->reason[sizeof(job->reason) - 1] = 0;
	return SFE_ACCOUNT_JOB_ENDED;
}

void sfe_collector_give_up(
	struct sfe_collector *a, uint32_t job, uint64_t start_ns, uint64_t now_ns)
{
	struct sfe_job_result *r = &a->out->jobs[job];

	r->ended = r->given_up = true;
	r->status = -EHOSTDOWN;
	r->start_ns = start_ns;
	r->end_ns = now_ns;
	snprintf(r->reason, sizeof(r->reason), "its client does not answer");
}

int sfe_collector_restarted(
	struct sfe_collector *a, uint32_t node, uint64_t now_ns, struct sfe_error *err)
{
	if (sfe_grow(&a->restarts, &a->room_restarts, a->n_restarts + 1, sizeof(*a->restarts)))
		return no_memory(err);
	a->restarts[a->n_restarts++] = (struct sfe_restart){node, now_ns};
	return 0;
}

/* Appends to an array. array: a pointer to the array; n: its length. */
static int append(void *array, uint32_t *n, uint32_t *room, const void *one, size_t size,
	struct sfe_error *err)
{
	if (sfe_grow(array, room, *n + 1, size))
		return no_memory(err);
	memcpy(*(char **)array + *n * size, one, size);
	++*n;
	return 0;
}

static bool is_step(const struct sfe_collector *a, uint32_t job, uint32_t step)
{
	return job < a->out->n_jobs && step < job_of(a, job)->n_steps;
}

static bool is_valid(const struct sfe_collector *a, uint32_t node, const void *message, size_t size)
{
	const union {
		struct sfe_ctl_header header;
		struct sfe_ctl_job job;
		struct sfe_ctl_invocation invocation;
		struct sfe_ctl_transfer transfer;
		struct sfe_ctl_attempt attempt;
		struct sfe_ctl_state state;
	} *m = message;

	if (size < sizeof(m->header) || m->header.node != node)
		return false;
	switch (m->header.type) {
	case SFE_CTL_BYE:
		return true;
	case SFE_CTL_JOB:
		return size == sizeof(m->job) && m->job.job < a->out->n_jobs;
	case SFE_CTL_INVOCATION:
		return size == sizeof(m->invocation) &&
		       is_step(a, m->invocation.job, m->invocation.step);
	case SFE_CTL_TRANSFER:
		return size == sizeof(m->transfer) &&
		       is_step(a, m->transfer.job, m->transfer.step) &&
		       m->transfer.from < a->deployment->n_nodes &&
		       m->transfer.kind <= SFE_TRANSFER_REPLICA;
	case SFE_CTL_ATTEMPT:
		return size == sizeof(m->attempt) && is_step(a, m->attempt.job, m->attempt.step) &&
		       m->attempt.to < a->deployment->n_nodes &&
		       m->attempt.kind <= SFE_TRANSFER_REPLICA;
	case SFE_CTL_STATE:
		return size == sizeof(m->state) && m->state.job < a->out->n_jobs &&
		       m->state.state < job_of(a, m->state.job)->n_states &&
		       m->state.condition <= SFE_STATE_LOST;
	}
	return false;
}

int sfe_collector_add(struct sfe_collector *a, uint32_t node, const void *message, size_t size,
	struct sfe_error *err)
{
	const struct sfe_ctl_header *header = message;
	struct sfe_replay *out = a->out;

	if (!is_valid(a, node, message, size))
		return sfe_fail(err, -EPROTO, a->deployment->nodes[node].name, REPORT_IT,
			"its worker sent a message of type %u that is invalid",
			size < sizeof(*header) ? 0 : header->type);
	switch (header->type) {
	case SFE_CTL_JOB:
		return job_ended(a, message, err);
	case SFE_CTL_INVOCATION:
		return append(&out->invocations, &out->n_invocations, &a->room_invocations, message,
			sizeof(*out->invocations), err);
	case SFE_CTL_TRANSFER:
		return append(&out->transfers, &out->n_transfers, &a->room_transfers, message,
			sizeof(*out->transfers), err);
	case SFE_CTL_ATTEMPT:
		return append(&out->attempts, &out->n_attempts, &a->room_attempts, message,
			sizeof(*out->attempts), err);
	case SFE_CTL_STATE:
		return append(&a->states, &a->n_states, &a->room_states, message,
			sizeof(*a->states), err);
	}
	return SFE_ACCOUNT_BYE;
}

/* ---- summing up */

/* Only the attempt that ended the job counts; earlier attempts are waiting time. */
static void sum_up(struct sfe_collector *a, const struct sfe_routing *hops)
{
	struct sfe_replay *out = a->out;

	for (uint32_t i = 0; i < out->n_invocations; i++) {
		const struct sfe_ctl_invocation *v = &out->invocations[i];
		struct sfe_job_result *job = &out->jobs[v->job];
		if (v->attempt == job->attempt)
			job->processing_ns += v->finish_ns - v->ready_ns;
	}
	for (uint32_t i = 0; i < out->n_transfers; i++) {
		const struct sfe_ctl_transfer *t = &out->transfers[i];
		struct sfe_job_result *job = &out->jobs[t->job];
		job->payload_bytes += t->payload_bytes;
		if (hops)
			job->payload_bytes_hops +=
				t->payload_bytes * sfe_routing_hops(hops, t->from, t->header.node);
	}
	for (uint32_t i = 0; i < out->n_attempts; i++)
		out->jobs[out->attempts[i].job].failed_attempts++;
}

/* ---- no step is applied twice */

static int by_place(const void *a, const void *b)
{
	const struct sfe_ctl_invocation *x = *(const struct sfe_ctl_invocation *const *)a,
					*y = *(const struct sfe_ctl_invocation *const *)b;
	const uint32_t k[][2] = {{x->job, y->job}, {x->step, y->step}, {x->attempt, y->attempt},
		{x->header.node, y->header.node}};

	for (size_t i = 0; i < sizeof(k) / sizeof(k[0]); i++)
		if (k[i][0] != k[i][1])
			return k[i][0] < k[i][1] ? -1 : 1;
	return x->request_ns < y->request_ns ? -1 : x->request_ns > y->request_ns;
}

/* Whether a node restarted between two times. A restart that was requested counts as before the
 * crash that follows it. */
static bool restarted_between(
	const struct sfe_collector *a, uint32_t node, uint64_t from_ns, uint64_t to_ns)
{
	for (uint32_t i = 0; i < a->n_restarts; i++)
		if (a->restarts[i].node == node && a->restarts[i].ns > from_ns &&
			a->restarts[i].ns <= to_ns)
			return true;
	return false;
}

/*
 * A step whose result is kept for retries runs once. But if its states go to a store after it has
 * run, and that failed, the step has no result; it runs again when its caller retries, with the
 * unchanged states. Versions prove that they were not changed twice.
 */
static bool may_run_again(const struct sfe_collector *a, uint32_t job, uint32_t step)
{
	if (!strategy_find(a->out->strategy)->gives)
		return false;
	for (uint32_t i = 0; i < a->out->n_attempts; i++)
		if (a->out->attempts[i].job == job && a->out->attempts[i].step == step)
			return true;
	return false;
}

static int check_once(const struct sfe_collector *a, struct sfe_error *err)
{
	const struct sfe_replay *out = a->out;
	const struct sfe_ctl_invocation **v = calloc((size_t)out->n_invocations + 1, sizeof(*v));
	int r = 0;

	if (!v)
		return no_memory(err);
	for (uint32_t i = 0; i < out->n_invocations; i++)
		v[i] = &out->invocations[i];
	qsort(v, out->n_invocations, sizeof(*v), by_place);
	for (uint32_t i = 1; i < out->n_invocations && !r; i++) {
		const struct sfe_ctl_invocation *x = v[i - 1], *y = v[i];
		if (x->job == y->job && x->step == y->step && x->attempt == y->attempt &&
			x->header.node == y->header.node &&
			!restarted_between(a, y->header.node, x->request_ns, y->request_ns) &&
			!may_run_again(a, y->job, y->step))
			r = sfe_fail(err, -EPROTO, strategy_of(a), REPORT_IT,
				"step %u of job %u was applied twice on %s in attempt %u", y->step,
				job_of(a, y->job)->number,
				a->deployment->nodes[y->header.node].name, y->attempt);
	}
	free(v);
	return r;
}

/* ---- states */

static int by_state(const void *a, const void *b)
{
	const struct sfe_ctl_state *x = a, *y = b;

	if (x->job != y->job)
		return x->job < y->job ? -1 : 1;
	if (x->state != y->state)
		return x->state < y->state ? -1 : 1;
	if (x->version != y->version) /* newest first */
		return x->version > y->version ? -1 : 1;
	if (x->condition != y->condition)
		return x->condition < y->condition ? -1 : 1;
	return x->header.node < y->header.node ? -1 : x->header.node > y->header.node;
}

/* The number of invocations that change it. */
static uint64_t last_version(const struct sfe_job *job, uint32_t state)
{
	uint64_t n = 0;

	for (uint32_t s = 0; s < job->n_steps; s++)
		for (uint32_t d = 0; d < job->steps[s].n_deps; d++)
			n += job->steps[s].deps[d] == state;
	return n;
}

/* All reports of one state; s[0] has the newest version. */
struct state_reports {
	const struct sfe_ctl_state *s;
	uint32_t n;
	uint32_t job, state;
};

static int fail_state(const struct sfe_collector *a, const struct state_reports *x,
	struct sfe_error *err, const char *what)
{
	return sfe_fail(err, -EPROTO, strategy_of(a), REPORT_IT, "state %u of job %u %s", x->state,
		job_of(a, x->job)->number, what);
}

/* Checks that hold for every job, whatever its status. */
static int check_versions(
	const struct sfe_collector *a, const struct state_reports *x, struct sfe_error *err)
{
	char what[160];

	for (uint32_t i = 0; i < x->n; i++) {
		const struct sfe_ctl_state *s = &x->s[i], *before = i ? s - 1 : NULL;
		if (s->version > last_version(job_of(a, x->job), x->state)) {
			snprintf(what, sizeof(what),
				"was changed %" PRIu64 " times; its job changes it %" PRIu64,
				s->version, last_version(job_of(a, x->job), x->state));
			return fail_state(a, x, err, what);
		}
		if (!before || before->version != s->version)
			continue;
		snprintf(what, sizeof(what), "%s in its version %" PRIu64 " (%s and %s)",
			before->digest != s->digest ? "is not the same on two nodes"
						    : "has two owners",
			s->version, a->deployment->nodes[before->header.node].name,
			a->deployment->nodes[s->header.node].name);
		if (before->digest != s->digest ||
			(s->condition == SFE_STATE_HELD && before->condition == SFE_STATE_HELD))
			return fail_state(a, x, err, what);
	}
	return 0;
}

/* Without faults a state has one owner, of any version, and no copies elsewhere. */
static int check_owner(
	const struct sfe_collector *a, const struct state_reports *x, struct sfe_error *err)
{
	const struct sfe_job_result *job = &a->out->jobs[x->job];
	uint64_t last = last_version(job_of(a, x->job), x->state);
	uint32_t held = 0, lost = 0;
	char what[96];

	for (uint32_t i = 0; i < x->n; i++) {
		held += x->s[i].condition == SFE_STATE_HELD;
		lost += x->s[i].condition == SFE_STATE_LOST;
	}
	if (!x->n || x->s[0].version != last)
		snprintf(what, sizeof(what), "is missing in its last version, %" PRIu64, last);
	else if (!job->failed_attempts && job->attempts <= 1 && !lost && held != 1)
		snprintf(what, sizeof(what), "is held by %u nodes at the end", held);
	else if (x->s[0].condition == SFE_STATE_REPLICA && !lost)
		snprintf(what, sizeof(what),
			"has copies but no owner, although the owner did not crash");
	else
		return 0;
	return fail_state(a, x, err, what);
}

static int add_state(struct sfe_collector *a, const struct state_reports *x, struct sfe_error *err)
{
	struct sfe_job_result *job = &a->out->jobs[x->job];
	bool done = job->ended && !job->status;
	int r = check_versions(a, x, err);

	if (!r && done)
		r = check_owner(a, x, err);
	if (r)
		return r;
	if (x->n) {
		job->state_digest[x->state] = x->s[0].digest;
		job->states_lost += x->s[0].condition == SFE_STATE_LOST;
	}
	return 0;
}

static int add_states(struct sfe_collector *a, struct sfe_error *err)
{
	uint32_t at = 0;
	int r = 0;

	if (a->n_states)
		qsort(a->states, a->n_states, sizeof(*a->states), by_state);
	for (uint32_t j = 0; j < a->out->n_jobs && !r; j++)
		for (uint32_t s = 0; s < job_of(a, j)->n_states && !r; s++) {
			struct state_reports x = {.job = j, .state = s};
			if (at < a->n_states)
				x.s = a->states + at;
			for (; at < a->n_states && a->states[at].job == j &&
				a->states[at].state == s;
				at++)
				x.n++;
			r = add_state(a, &x, err);
		}
	return r;
}

int sfe_collector_close(
	struct sfe_collector *a, const struct sfe_routing *hops, struct sfe_error *err)
{
	sum_up(a, hops);
	int once = check_once(a, err), r = once ? once : add_states(a, err);

	for (uint32_t j = 0; j < a->out->n_jobs && !r; j++) {
		struct sfe_job_result *job = &a->out->jobs[j];
		if (job->ended && !job->status)
			job->digest = XXH3_64bits_withSeed(job->state_digest,
				job_of(a, j)->n_states * sizeof(*job->state_digest),
				job->return_digest);
	}
	return r;
}

void sfe_collector_free(struct sfe_collector *a)
{
	free(a->states);
	free(a->restarts);
	*a = (struct sfe_collector){0};
}
