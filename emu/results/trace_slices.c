/* SPDX-License-Identifier: MIT */
#include "emu/results/trace_slices.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emu/results/table_columns.h"
#include "sfemu/workflow.h"

static uint64_t since(const struct sfe_trace_slices *t, uint64_t ns)
{
	return ns > t->r->start_ns ? ns - t->r->start_ns : 0;
}

static struct sfe_trace_slice *add(struct sfe_trace_slices *t, uint32_t node,
	enum sfe_trace_group group, uint64_t begin_ns, uint64_t end_ns, uint32_t parent)
{
	struct sfe_trace_slice *s = &t->slice[t->n++];

	*s = (struct sfe_trace_slice){.node = node, .group = group, .parent = parent};
	s->begin_ns = since(t, begin_ns);
	s->end_ns = since(t, end_ns);
	if (s->end_ns < s->begin_ns)
		s->end_ns = s->begin_ns;
	return s;
}

static void add_arg(struct sfe_trace_slice *s, const char *key, struct json_object *value)
{
	if (!s->args)
		s->args = json_object_new_object();
	json_object_object_add(s->args, key, value);
}

static void add_number_arg(struct sfe_trace_slice *s, const char *key, uint64_t value)
{
	add_arg(s, key, json_object_new_int64((int64_t)value));
}

static void add_us_arg(struct sfe_trace_slice *s, const char *key, double seconds)
{
	char text[40];

	snprintf(text, sizeof(text), "%.3f", 1e6 * seconds);
	add_arg(s, key, json_object_new_double_s(1e6 * seconds, text));
}

static const char *node_name(const struct sfe_trace_slices *t, uint32_t node)
{
	return t->e->topology->nodes[node].name;
}

static void add_jobs(struct sfe_trace_slices *t)
{
	for (uint32_t j = 0; j < t->r->n_jobs; j++) {
		const struct sfe_job_result *job = &t->r->jobs[j];
		if (!job->ended)
			continue;
		struct sfe_trace_slice *s = add(t, t->e->jobs[j].client, SFE_TRACE_JOBS,
			job->start_ns, job->end_ns, SFE_NONE);
		snprintf(s->name, sizeof(s->name), "job %" PRIu32, t->e->jobs[j].job->number);
		add_number_arg(s, "steps", t->e->jobs[j].job->n_steps);
		add_number_arg(s, "state_bytes", t->e->jobs[j].job->states_total_bytes);
		if (job->status) {
			add_arg(s, "failed", json_object_new_string(job->reason));
			continue;
		}
		add_us_arg(s, "processing_us", (double)job->processing_ns / 1e9);
		add_us_arg(s, "predicted_network_us", t->x->jobs[j].predicted_net_delay_s);
		add_us_arg(s, "unexplained_us", t->x->jobs[j].parts.unexplained_s);
	}
}

/* Runs in vain of the invocation, while it waits for the states of the one that holds. */
static void add_vain(
	struct sfe_trace_slices *t, const struct sfe_ctl_invocation *v, uint32_t parent)
{
	for (uint32_t i = 0; v->vain_ns && i < t->r->n_shared; i++) {
		const struct sfe_ctl_shared *x = &t->r->shared[i];
		if (x->outcome != SFE_SHARED_AGAIN || x->job != v->job || x->step != v->step ||
			x->attempt != v->attempt || x->header.node != v->header.node ||
			x->finish_ns > v->ready_ns || x->ready_ns < v->request_ns)
			continue;
		struct sfe_trace_slice *s = add(t, v->header.node, SFE_TRACE_INVOCATIONS,
			x->ready_ns, x->finish_ns, parent);
		snprintf(s->name, sizeof(s->name), "computing in vain");
		add_number_arg(s, "operations", x->ops);
	}
}

static void add_invocations(struct sfe_trace_slices *t)
{
	for (uint32_t i = 0; i < t->r->n_invocations; i++) {
		const struct sfe_ctl_invocation *v = &t->r->invocations[i];
		const struct sfe_job *job = t->e->jobs[v->job].job;
		const struct sfe_step *step = &job->steps[v->step < job->n_steps ? v->step : 0];
		uint32_t parent = t->n;
		struct sfe_trace_slice *s = add(t, v->header.node, SFE_TRACE_INVOCATIONS,
			v->request_ns, v->finish_ns, SFE_NONE);
		snprintf(s->name, sizeof(s->name), "%s, job %" PRIu32 " step %" PRIu32,
			t->e->workload->function_names[step->function], job->number, v->step);
		const char *step_name = sfe_step_name(t->e->workload, job, v->step);
		if (step_name)
			add_arg(s, "step", json_object_new_string(step_name));
		add_number_arg(s, "operations", v->ops);
		add_number_arg(s, "used_state_bytes", v->state_bytes);
		s = add(t, v->header.node, SFE_TRACE_INVOCATIONS, v->request_ns, v->ready_ns,
			parent);
		snprintf(s->name, sizeof(s->name), "waiting for argument and states");
		add_vain(t, v, parent);
		s = add(t, v->header.node, SFE_TRACE_INVOCATIONS, v->ready_ns, v->finish_ns,
			parent);
		snprintf(s->name, sizeof(s->name), "computing");
	}
}

/* What functions call at run time. */
static void add_callees(struct sfe_trace_slices *t)
{
	for (uint32_t i = 0; i < t->r->n_call_runs; i++) {
		const struct sfe_ctl_call_run *v = &t->r->call_runs[i];
		char path[CALL_PATH_TEXT];
		uint32_t parent = t->n;
		struct sfe_trace_slice *s = add(t, v->header.node, SFE_TRACE_INVOCATIONS,
			v->request_ns, v->finish_ns, SFE_NONE);
		snprintf(s->name, sizeof(s->name),
			"%.40s, job %" PRIu32 " step %" PRIu32 " call %s",
			t->e->workload->function_names[v->key.function],
			t->e->jobs[v->key.job].job->number, v->key.step,
			call_path_text(v->key.path, path));
		add_number_arg(s, "operations", v->ops);
		add_us_arg(s, "waited_for_callees_us", (double)v->waited_ns / 1e9);
		s = add(t, v->header.node, SFE_TRACE_INVOCATIONS, v->request_ns, v->ready_ns,
			parent);
		snprintf(s->name, sizeof(s->name), "waiting for its argument");
		s = add(t, v->header.node, SFE_TRACE_INVOCATIONS, v->ready_ns, v->finish_ns,
			parent);
		snprintf(s->name, sizeof(s->name), "computing");
	}
}

static void describe(const struct sfe_trace_slices *t, struct sfe_trace_slice *s, uint32_t i)
{
	const struct sfe_ctl_transfer *m = &t->r->transfers[i];
	const struct sfe_parts *p = &t->x->transfers[i].parts;

	add_number_arg(s, "payload_bytes", m->payload_bytes);
	add_us_arg(s, "predicted_us", t->x->transfers[i].predicted_s);
	add_us_arg(s, "propagation_us", p->propagation_s);
	add_us_arg(s, "pipelining_us", p->pipelining_s);
	add_us_arg(s, "queueing_us", p->queueing_s);
	add_us_arg(s, "tcp_start_us", p->tcp_start_s);
	add_us_arg(s, "headers_us", p->headers_s);
	add_us_arg(s, "unexplained_us", p->unexplained_s);
}

static void add_transfers(struct sfe_trace_slices *t)
{
	for (uint32_t i = 0; i < t->r->n_transfers; i++) {
		const struct sfe_ctl_transfer *m = &t->r->transfers[i];
		uint32_t number = t->e->jobs[m->job].job->number, from = t->n;
		struct sfe_trace_slice *s = add(t, m->from, SFE_TRACE_SENDING,
			t->x->transfers[i].start_ns, m->done_ns, SFE_NONE);
		snprintf(s->name, sizeof(s->name), "%s to %s, job %" PRIu32 " step %" PRIu32,
			sfe_transfer_kind_names[m->kind], node_name(t, m->header.node), number,
			m->step);
		describe(t, s, i);
		uint32_t to = t->n;
		s = add(t, m->header.node, SFE_TRACE_RECEIVING, m->head_ns, m->done_ns, SFE_NONE);
		snprintf(s->name, sizeof(s->name), "%s from %s, job %" PRIu32 " step %" PRIu32,
			sfe_transfer_kind_names[m->kind], node_name(t, m->from), number, m->step);
		t->arrow[t->n_arrows++] = (struct sfe_trace_arrow){from, to};
	}
}

static void add_attempts(struct sfe_trace_slices *t)
{
	for (uint32_t i = 0; i < t->r->n_attempts; i++) {
		const struct sfe_ctl_attempt *a = &t->r->attempts[i];
		struct sfe_trace_slice *s = add(
			t, a->header.node, SFE_TRACE_UNANSWERED, a->begin_ns, a->end_ns, SFE_NONE);
		snprintf(s->name, sizeof(s->name), "%s of %s, job %" PRIu32 " step %" PRIu32,
			sfe_transfer_kind_names[a->kind], node_name(t, a->to),
			t->e->jobs[a->job].job->number, a->step);
		add_number_arg(s, "number", a->number);
		add_arg(s, "error", json_object_new_string(sfe_ctl_reason(a->code)));
		add_arg(s, "last", json_object_new_boolean(a->last));
	}
}

/* The end of the last job. */
static uint64_t end_of_jobs(const struct sfe_trace_slices *t)
{
	uint64_t end = t->r->start_ns;

	for (uint32_t j = 0; j < t->r->n_jobs; j++)
		if (t->r->jobs[j].ended && t->r->jobs[j].end_ns > end)
			end = t->r->jobs[j].end_ns;
	return end;
}

/* A crashed node is down until its restart, or until the end. */
static void add_crashes(struct sfe_trace_slices *t)
{
	for (uint32_t i = 0; i < t->r->n_events; i++) {
		const struct sfe_event *crash = &t->r->events[i], *e = crash + 1;
		if (crash->act != SFE_SCHEDULE_CRASH || crash->already)
			continue;
		while (e < t->r->events + t->r->n_events &&
			(e->act != SFE_SCHEDULE_RESTART || e->already || e->node != crash->node))
			e++;
		uint64_t end = e < t->r->events + t->r->n_events ? t->r->start_ns + e->done_ns
								 : end_of_jobs(t);
		struct sfe_trace_slice *s = add(t, crash->node, SFE_TRACE_FAULTS,
			t->r->start_ns + crash->done_ns, end, SFE_NONE);
		snprintf(s->name, sizeof(s->name), "down");
		add_arg(s, "schedule", json_object_new_string(crash->what));
	}
}

static int by_row(const void *a, const void *b)
{
	const struct sfe_trace_slice *x = *(struct sfe_trace_slice *const *)a,
				     *y = *(struct sfe_trace_slice *const *)b;

	if (x->node != y->node)
		return x->node < y->node ? -1 : 1;
	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	if (x->begin_ns != y->begin_ns)
		return x->begin_ns < y->begin_ns ? -1 : 1;
	return (x > y) - (x < y);
}

static int assign_lanes(struct sfe_trace_slices *t)
{
	struct sfe_trace_slice **order = calloc((size_t)t->n + 1, sizeof(*order));
	uint64_t *free_at = calloc((size_t)t->n + 1, sizeof(*free_at)); /* per lane */
	uint32_t n = 0, lanes = 0;

	for (uint32_t i = 0; order && i < t->n; i++)
		if (t->slice[i].parent == SFE_NONE)
			order[n++] = &t->slice[i];
	if (order && free_at && n)
		qsort(order, n, sizeof(*order), by_row);
	for (uint32_t i = 0; order && free_at && i < n; i++) {
		struct sfe_trace_slice *s = order[i];
		if (!i || order[i - 1]->node != s->node || order[i - 1]->group != s->group)
			lanes = 0;
		while (s->lane < lanes && free_at[s->lane] > s->begin_ns)
			s->lane++;
		lanes += s->lane == lanes;
		free_at[s->lane] = s->end_ns;
	}
	for (uint32_t i = 0; i < t->n; i++)
		if (t->slice[i].parent != SFE_NONE)
			t->slice[i].lane = t->slice[t->slice[i].parent].lane;
	int r = order && free_at ? 0 : -ENOMEM;
	free(order);
	free(free_at);
	return r;
}

int sfe_trace_slices_make(struct sfe_trace_slices *t, const struct sfe_experiment *e,
	const struct sfe_replay *r, const struct sfe_explanation *x)
{
	size_t most = (size_t)r->n_jobs + 3 * (size_t)r->n_invocations +
		      3 * (size_t)r->n_call_runs + r->n_shared + 2 * (size_t)r->n_transfers +
		      r->n_attempts + r->n_events;

	*t = (struct sfe_trace_slices){.e = e, .r = r, .x = x};
	t->slice = calloc(most + 1, sizeof(*t->slice));
	t->arrow = calloc((size_t)r->n_transfers + 1, sizeof(*t->arrow));
	if (!t->slice || !t->arrow)
		return -ENOMEM;
	add_jobs(t);
	add_invocations(t);
	add_callees(t);
	add_transfers(t);
	add_attempts(t);
	add_crashes(t);
	return assign_lanes(t);
}

void sfe_trace_slices_free(struct sfe_trace_slices *t)
{
	for (uint32_t i = 0; i < t->n; i++)
		json_object_put(t->slice[i].args);
	free(t->slice);
	free(t->arrow);
}
