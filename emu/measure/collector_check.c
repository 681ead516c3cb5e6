/* SPDX-License-Identifier: MIT */
#include "emu/measure/collector_check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "emu/model/workload/job_graph.h"

#define REPORT_IT "this is a bug: report it"

static const struct sfe_job *job_of(const struct sfe_collector *a, uint32_t job)
{
	return a->deployment->jobs[job].job;
}

static const char *strategy_of(const struct sfe_collector *a)
{
	return a->out->strategy->name;
}

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

/* Whether a node restarted after from_ns and not after to_ns. */
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
	const struct sfe_strategy_info *rules = deployment_rules(a->deployment, job);

	if (!rules->client_invokes || !rules->keeper)
		return false;
	for (uint32_t i = 0; i < a->out->n_attempts; i++)
		if (a->out->attempts[i].job == job && a->out->attempts[i].step == step)
			return true;
	return false;
}

static int check_twice(const struct sfe_collector *a, const struct sfe_ctl_invocation *x,
	const struct sfe_ctl_invocation *y, struct sfe_error *err)
{
	if (x->job != y->job || x->step != y->step || x->attempt != y->attempt ||
		x->header.node != y->header.node ||
		restarted_between(a, y->header.node, x->request_ns, y->request_ns) ||
		may_run_again(a, y->job, y->step))
		return 0;
	return sfe_fail(err, -EPROTO, strategy_of(a), REPORT_IT,
		"step %u of job %u was applied twice on %s in attempt %u", y->step,
		job_of(a, y->job)->number, a->deployment->nodes[y->header.node].name, y->attempt);
}

/* Neither the job nor any node met a fault. */
static bool is_undisturbed(const struct sfe_collector *a, uint32_t job)
{
	const struct sfe_job_result *r = &a->out->jobs[job];

	return r->ended && !r->status && r->attempts <= 1 && !r->failed_attempts && !a->n_restarts;
}

/*
 * The end of a chain proves that all of its steps ran, in order. In a graph, each step must have
 * run, and only after all steps before it had ended. v: the invocations of the job, by step.
 */
static int check_joins(const struct sfe_collector *a, const struct sfe_ctl_invocation **v,
	uint32_t n, uint32_t job, struct sfe_error *err)
{
	const struct sfe_job *j = job_of(a, job);
	uint64_t *end_ns = calloc((size_t)j->n_steps + 1, sizeof(*end_ns));
	uint32_t at = 0;
	int r = 0;

	if (!end_ns)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	for (uint32_t s = 0; s < j->n_steps && !r; s++) {
		if (at == n || v[at]->step != s) {
			r = sfe_fail(err, -EPROTO, strategy_of(a), REPORT_IT,
				"job %u ended without its step %u", j->number, s);
			break;
		}
		end_ns[s] = v[at]->finish_ns;
		for (uint32_t i = 0; i < sfe_steps_before(j, s) && !r; i++) {
			uint32_t before = sfe_step_before(j, s, i);
			if (v[at]->ready_ns < end_ns[before])
				r = sfe_fail(err, -EPROTO, strategy_of(a), REPORT_IT,
					"step %u of job %u began before its step %u had ended", s,
					j->number, before);
		}
		while (at < n && v[at]->step == s)
			at++;
	}
	free(end_ns);
	return r;
}

static int check_graphs(
	const struct sfe_collector *a, const struct sfe_ctl_invocation **v, struct sfe_error *err)
{
	uint32_t begin = 0, end;
	int r = 0;

	for (uint32_t j = 0; j < a->out->n_jobs && !r; j++, begin = end) {
		for (end = begin; end < a->out->n_invocations && v[end]->job == j; end++)
			;
		if (job_of(a, j)->graph && is_undisturbed(a, j))
			r = check_joins(a, v + begin, end - begin, j, err);
	}
	return r;
}

int sfe_collector_check_once(const struct sfe_collector *a, struct sfe_error *err)
{
	const struct sfe_replay *out = a->out;
	const struct sfe_ctl_invocation **v = calloc((size_t)out->n_invocations + 1, sizeof(*v));
	int r = 0;

	if (!v)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	for (uint32_t i = 0; i < out->n_invocations; i++)
		v[i] = &out->invocations[i];
	qsort(v, out->n_invocations, sizeof(*v), by_place);
	for (uint32_t i = 1; i < out->n_invocations && !r; i++)
		r = check_twice(a, v[i - 1], v[i], err);
	if (!r)
		r = check_graphs(a, v, err);
	free(v);
	return r;
}

/* The number of invocations that change it. */
static uint64_t last_version(const struct sfe_job *job, uint32_t state)
{
	return sfe_version_before(job, state, job->n_steps);
}

static int fail_state(const struct sfe_collector *a, const struct sfe_state_reports *x,
	struct sfe_error *err, const char *what)
{
	return sfe_fail(err, -EPROTO, strategy_of(a), REPORT_IT, "state %u of job %u %s", x->state,
		job_of(a, x->job)->number, what);
}

int sfe_collector_check_versions(
	const struct sfe_collector *a, const struct sfe_state_reports *x, struct sfe_error *err)
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

int sfe_collector_check_owner(
	const struct sfe_collector *a, const struct sfe_state_reports *x, struct sfe_error *err)
{
	const struct sfe_job_result *job = &a->out->jobs[x->job];
	bool used = sfe_state_used_from(job_of(a, x->job), x->state, 0);
	bool created = used || !deployment_rules(a->deployment, x->job)->created_on_use;
	uint64_t last = last_version(job_of(a, x->job), x->state);
	uint32_t held = 0, lost = 0;
	char what[96];

	for (uint32_t i = 0; i < x->n; i++) {
		held += x->s[i].condition == SFE_STATE_HELD;
		lost += x->s[i].condition == SFE_STATE_LOST;
	}
	if (!created && x->n)
		snprintf(what, sizeof(what), "was created, although no step uses it");
	else if (!created)
		return 0;
	else if (!x->n || x->s[0].version != last)
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
