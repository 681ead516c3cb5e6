/* SPDX-License-Identifier: MIT */
#include "emu/measure/collector.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "emu/measure/collector_check.h"
#include "emu/measure/collector_shared.h"
#include "emu/measure/critical_path.h"
#include "emu/measure/dynamic_calls.h"
#include "emu/model/base/text.h"
#include "emu/model/workload/job_graph.h"

#define REPORT_IT "this is a bug: report it"

static const struct sfe_job *job_of(const struct sfe_collector *a, uint32_t job)
{
	return a->deployment->jobs[job].job;
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
	job->attempt_ns = m->attempt_ns;
	job->return_digest = m->return_digest;
	job->return_bytes = m->return_bytes;
	job->return_kept_at = m->return_kept_at;
	memcpy(job->reason, m->reason, sizeof(job->reason));
	job->reason[sizeof(job->reason) - 1] = 0;
	return SFE_COLLECTOR_JOB_ENDED;
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

/* What a state can have: as declared, or what its functions may make of it. */
static uint64_t most_bytes(const struct sfe_collector *a, uint32_t job, uint32_t state)
{
	uint64_t declared = job_of(a, job)->state_bytes[state];

	return declared > SFE_MAX_MESSAGE_BYTES || !a->deployment->jobs[job].sizes_vary
		       ? declared
		       : SFE_MAX_MESSAGE_BYTES;
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
		struct sfe_ctl_call_run call_run;
		struct sfe_ctl_shared shared;
		struct sfe_ctl_created created;
		struct sfe_ctl_shared_held held;
		struct sfe_ctl_stderr written;
	} *m = message;

	if (size < sizeof(m->header) || m->header.node != node)
		return false;
	switch (m->header.type) {
	case SFE_CTL_BYE:
		return true;
	case SFE_CTL_JOB:
		return size == sizeof(m->job) && m->job.job < a->out->n_jobs &&
		       m->job.return_bytes <= SFE_MAX_MESSAGE_BYTES;
	case SFE_CTL_INVOCATION:
		return size == sizeof(m->invocation) &&
		       is_step(a, m->invocation.job, m->invocation.step);
	case SFE_CTL_TRANSFER:
		return size == sizeof(m->transfer) &&
		       is_step(a, m->transfer.job, m->transfer.step) &&
		       m->transfer.from < a->deployment->n_nodes &&
		       m->transfer.asked_ns <= m->transfer.done_ns &&
		       m->transfer.kind <= SFE_TRANSFER_LAST &&
		       m->transfer.after <= job_of(a, m->transfer.job)->n_steps;
	case SFE_CTL_ATTEMPT:
		return size == sizeof(m->attempt) && is_step(a, m->attempt.job, m->attempt.step) &&
		       m->attempt.to < a->deployment->n_nodes && m->attempt.number &&
		       m->attempt.kind <= SFE_TRANSFER_LAST;
	case SFE_CTL_CALL_RUN:
		return size == sizeof(m->call_run) &&
		       is_step(a, m->call_run.key.job, m->call_run.key.step) &&
		       m->call_run.key.path &&
		       m->call_run.key.function < a->deployment->n_functions;
	case SFE_CTL_STATE:
		return size == sizeof(m->state) && m->state.job < a->out->n_jobs &&
		       m->state.state < job_of(a, m->state.job)->n_states &&
		       m->state.condition <= SFE_STATE_LOST &&
		       m->state.bytes <= most_bytes(a, m->state.job, m->state.state);
	case SFE_CTL_STDERR:
		return size == sizeof(m->written) && is_step(a, m->written.job, m->written.step) &&
		       m->written.function < a->deployment->n_functions &&
		       m->written.bytes <= sizeof(m->written.text);
	case SFE_CTL_SHARED:
		return size == sizeof(m->shared) && is_step(a, m->shared.job, m->shared.step) &&
		       sfe_collector_takes_shared(a, &m->shared);
	case SFE_CTL_CREATED:
		return size == sizeof(m->created) && sfe_collector_takes_created(a, &m->created);
	case SFE_CTL_SHARED_HELD:
		return size == sizeof(m->held) && sfe_collector_valid_held(a, &m->held);
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
	case SFE_CTL_CALL_RUN:
		return append(&out->call_runs, &out->n_call_runs, &a->room_call_runs, message,
			sizeof(*out->call_runs), err);
	case SFE_CTL_SHARED:
		return append(&out->shared, &out->n_shared, &a->room_shared, message,
			sizeof(*out->shared), err);
	case SFE_CTL_CREATED:
		return append(&out->created, &out->n_created, &a->room_created, message,
			sizeof(*out->created), err);
	case SFE_CTL_SHARED_HELD:
		return sfe_collector_add_held(a, message, err);
	case SFE_CTL_STDERR:
		return append(&out->errors, &out->n_errors, &a->room_errors, message,
			sizeof(*out->errors), err);
	case SFE_CTL_STATE:
		return append(&a->states, &a->n_states, &a->room_states, message,
			sizeof(*a->states), err);
	}
	return SFE_COLLECTOR_BYE;
}

/* ---- order */

/*
 * Brings messages into the order of their nodes; those of a node keep theirs. When they came does
 * not matter then: some workers send early.
 */
static int order_by_node(const struct sfe_collector *a, void *array, uint32_t n, size_t size)
{
	if (!n)
		return 0;
	char **from = array, *to = malloc((size_t)n * size);
	uint32_t n_nodes = a->deployment->n_nodes;
	uint32_t *at = calloc((size_t)n_nodes + 1, sizeof(*at));
	int r = to && at ? 0 : -ENOMEM;

	for (uint32_t i = 0; i < n && !r; i++)
		at[((struct sfe_ctl_header *)(*from + i * size))->node + 1]++;
	for (uint32_t i = 0; i < n_nodes && !r; i++)
		at[i + 1] += at[i];
	for (uint32_t i = 0; i < n && !r; i++) {
		const struct sfe_ctl_header *m = (void *)(*from + i * size);
		memcpy(to + at[m->node]++ * size, m, size);
	}
	if (!r) {
		free(*from);
		*from = to;
	} else {
		free(to);
	}
	free(at);
	return r;
}

static int order_all(struct sfe_collector *a)
{
	struct sfe_replay *o = a->out;
	int r = order_by_node(a, &o->invocations, o->n_invocations, sizeof(*o->invocations));

	r = r ? r : order_by_node(a, &o->transfers, o->n_transfers, sizeof(*o->transfers));
	r = r ? r : order_by_node(a, &o->attempts, o->n_attempts, sizeof(*o->attempts));
	r = r ? r : order_by_node(a, &o->call_runs, o->n_call_runs, sizeof(*o->call_runs));
	return r ? r : order_by_node(a, &o->shared, o->n_shared, sizeof(*o->shared));
}

/* ---- summing up */

/* Of a chain only the attempt that ended the job counts; earlier attempts are waiting time. */
static int sum_up(struct sfe_collector *a, struct sfe_routing *hops)
{
	struct sfe_replay *out = a->out;

	for (uint32_t i = 0; i < out->n_invocations; i++) {
		const struct sfe_ctl_invocation *v = &out->invocations[i];
		struct sfe_job_result *job = &out->jobs[v->job];
		job->cache_hits += v->cache_hits;
		if (v->attempt != job->attempt)
			continue;
		job->processing_ns += sfe_time_at_node_ns(v);
		job->starting_ns += sfe_starting_ns(v);
		job->dynamic_ns += v->waited_ns;
		job->vain_ns += v->vain_ns;
	}
	for (uint32_t i = 0; i < out->n_transfers; i++) {
		const struct sfe_ctl_transfer *t = &out->transfers[i];
		struct sfe_job_result *job = &out->jobs[t->job];
		uint64_t hop_bytes =
			hops ? t->payload_bytes * sfe_routing_hops(hops, t->from, t->header.node)
			     : 0;
		if (t->kind == SFE_TRANSFER_PREFETCH || t->kind == SFE_TRANSFER_PUSH)
			job->wasted_bytes += t->payload_bytes;
		job->payload_bytes += t->payload_bytes;
		job->payload_bytes_hops += hop_bytes;
		if (!sfe_transfer_is_dynamic(t->kind))
			continue;
		job->dynamic_bytes += t->payload_bytes;
		job->dynamic_bytes_hops += hop_bytes;
	}
	for (uint32_t i = 0; i < out->n_invocations; i++) {
		const struct sfe_ctl_invocation *v = &out->invocations[i];
		struct sfe_job_result *job = &out->jobs[v->job];
		job->wasted_bytes -=
			v->ahead_bytes < job->wasted_bytes ? v->ahead_bytes : job->wasted_bytes;
	}
	for (uint32_t i = 0; i < out->n_attempts; i++)
		out->jobs[out->attempts[i].job].failed_attempts++;
	return sfe_critical_paths(a->deployment->jobs, out, NULL, NULL, NULL);
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

/* What the results keep of a state. s: its newest version. */
static int keep_state(struct sfe_collector *a, const struct sfe_ctl_state *s, struct sfe_error *err)
{
	const struct sfe_kept_state kept = {.job = s->job,
		.state = s->state,
		.node = s->header.node,
		.condition = s->condition,
		.version = s->version,
		.bytes = s->bytes,
		.digest = s->digest,
		.kept_at = s->kept_at};

	return append(&a->out->kept, &a->out->n_kept, &a->room_kept, &kept, sizeof(kept), err);
}

static int add_state(
	struct sfe_collector *a, const struct sfe_state_reports *x, struct sfe_error *err)
{
	struct sfe_job_result *job = &a->out->jobs[x->job];
	bool done = job->ended && !job->status;
	int r = sfe_collector_check_versions(a, x, err);

	if (!r && done)
		r = sfe_collector_check_owner(a, x, err);
	if (r)
		return r;
	if (x->n) {
		/* Whether a state that no step uses exists depends on the strategy. */
		bool used = sfe_state_used_from(job_of(a, x->job), x->state, 0);
		if (used)
			job->state_digest[x->state] = x->s[0].digest;
		if (used && done && a->deployment->keep)
			r = keep_state(a, x->s, err);
		job->states_lost += x->s[0].condition == SFE_STATE_LOST;
	}
	return r;
}

static int add_states(struct sfe_collector *a, struct sfe_error *err)
{
	uint32_t at = 0;
	int r = 0;

	if (a->n_states)
		qsort(a->states, a->n_states, sizeof(*a->states), by_state);
	for (uint32_t j = 0; j < a->out->n_jobs && !r; j++)
		for (uint32_t s = 0; s < job_of(a, j)->n_states && !r; s++) {
			struct sfe_state_reports x = {.job = j, .state = s};
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

int sfe_collector_close(struct sfe_collector *a, struct sfe_routing *hops, struct sfe_error *err)
{
	if (order_all(a) || sum_up(a, hops) || sfe_dynamic_casts_settle(a->out))
		return no_memory(err);
	int once = sfe_collector_check_once(a, err), r = once ? once : add_states(a, err);

	r = r ? r : sfe_collector_check_shared(a, err);

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
