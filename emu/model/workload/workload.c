/* SPDX-License-Identifier: MIT */
/* Converts the jobs of a trace to chains of invocations with states, as the published model
 * does, or to the graphs that they are. */
#include "sfemu/workload.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/text.h"
#include "emu/model/workload/dag.h"
#include "emu/model/workload/job_graph.h"
#include "emu/model/workload/task_trace.h"
#include "emu/model/workload/trace_graph.h"
#include "sfemu/random.h"

#define MAX_FUNCTIONS 100000u
#define MAX_OPS 0x1p62

struct builder {
	struct sfe_workload *w;
	const struct sfe_workload_params *params;
	const char *file;
	struct sfe_minstd functions; /* seeded separately, as in the published model */
	uint32_t cap, cap_graphs, cap_chains;
};

static int by_string(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int name_functions(
	struct sfe_workload *w, uint32_t n, const char *file, struct sfe_error *err)
{
	if (!n || n > MAX_FUNCTIONS)
		return sfe_fail(err, -EINVAL, file, "choose another number",
			"%u functions are not between 1 and %u", n, MAX_FUNCTIONS);
	w->function_names = calloc(n, sizeof(*w->function_names));
	if (!w->function_names)
		return sfe_fail(err, -ENOMEM, file, NULL, "out of memory");
	for (; w->n_functions < n; w->n_functions++)
		if (asprintf(&w->function_names[w->n_functions], "f%u", w->n_functions) < 0)
			return sfe_fail(err, -ENOMEM, file, NULL, "out of memory");
	qsort(w->function_names, n, sizeof(*w->function_names), by_string);
	return 0;
}

static uint32_t draw_function(struct builder *b)
{
	uint32_t n = b->params->functions;
	double v = sfe_minstd_real(&b->functions, 0, n);

	return v < n ? (uint32_t)v : n - 1;
}

/* (size_t)(0.5 + value); values that do not fit are refused. */
static int whole(struct builder *b, const struct sfe_dag_task *task, const char *what, double value,
	double max, uint64_t *out, struct sfe_error *err)
{
	if (!(value <= max))
		return sfe_fail_at(err, -EINVAL, b->file, task->line,
			"use a smaller factor or fix the row", "%s of task %u is %g, more than %g",
			what, task->number, value, max);
	*out = (uint64_t)(0.5 + value);
	return 0;
}

/* Numbers the states in ascending task order; index[i] is the state of task i. */
static int make_states(struct builder *b, const struct sfe_dag *d, const uint8_t *role,
	uint32_t *index, struct sfe_job *job, struct sfe_error *err)
{
	job->state_bytes = calloc(d->n_tasks, sizeof(*job->state_bytes));
	if (!job->state_bytes)
		return sfe_fail(err, -ENOMEM, b->file, NULL, "out of memory");
	for (uint32_t i = 0; i < d->n_tasks; i++) {
		uint64_t *bytes = &job->state_bytes[job->n_states];

		if (role[i] != SFE_DAG_STATE)
			continue;
		int rc = whole(b, &d->tasks[i], "the state in bytes",
			b->params->state_factor * d->tasks[i].mem, (double)SFE_MAX_STATE_BYTES,
			bytes, err);
		if (rc)
			return rc;
		job->states_total_bytes += *bytes;
		index[i] = job->n_states++;
	}
	return 0;
}

static int make_step(struct builder *b, const struct sfe_dag *d, uint32_t i, const uint8_t *role,
	const uint32_t *index, struct sfe_step *step, struct sfe_error *err)
{
	const struct sfe_dag_task *task = &d->tasks[i];
	int rc;

	step->task = task->number;
	if ((rc = whole(b, task, "the number of operations",
		     1.0 * task->duration_s * task->cpu / 100.0 * b->params->ops_factor, MAX_OPS,
		     &step->ops, err)) ||
		(rc = whole(b, task, "the argument in bytes", b->params->arg_factor * task->mem,
			 (double)SFE_MAX_STATE_BYTES, &step->arg_bytes, err)))
		return rc;
	step->function = draw_function(b);
	step->deps = calloc((size_t)task->n_preds + 1, sizeof(*step->deps));
	if (!step->deps)
		return sfe_fail(err, -ENOMEM, b->file, NULL, "out of memory");
	for (uint32_t k = 0; k < task->n_preds; k++) {
		uint32_t pred = sfe_dag_find(d, task->preds[k]);
		if (role[pred] == SFE_DAG_STATE)
			step->deps[step->n_deps++] = index[pred];
	}
	return 0;
}

static int make_steps(struct builder *b, const struct sfe_dag *d, const uint8_t *role,
	const uint32_t *index, struct sfe_job *job, struct sfe_error *err)
{
	job->steps = calloc(d->n_tasks, sizeof(*job->steps));
	if (!job->steps)
		return sfe_fail(err, -ENOMEM, b->file, NULL, "out of memory");
	for (uint32_t i = 0; i < d->n_tasks; i++) {
		if (role[i] != SFE_DAG_STEP)
			continue;
		int rc = make_step(b, d, i, role, index, &job->steps[job->n_steps++], err);
		if (rc)
			return rc;
	}
	job->return_bytes = job->steps[0].arg_bytes;
	for (uint32_t s = 0; s < job->n_steps; s++)
		job->steps[s].out_bytes =
			s + 1 < job->n_steps ? job->steps[s + 1].arg_bytes : job->return_bytes;
	return 0;
}

static int make_graph(struct builder *b, const struct sfe_dag *d, const uint8_t *role,
	struct sfe_job *job, struct sfe_error *err)
{
	struct sfe_workload *w = b->w;

	if (b->params->shape == SFE_SHAPE_CHAIN)
		return 0;
	if (sfe_grow(&w->graphs, &b->cap_graphs, w->n_graphs + 1, sizeof(*w->graphs)) ||
		sfe_grow(&w->chains, &b->cap_chains, w->n_chains + 1, sizeof(*w->chains)))
		return sfe_fail(err, -ENOMEM, b->file, NULL, "out of memory");
	int rc = sfe_trace_graph(d, role, job, &w->graphs[w->n_graphs], &w->chains[w->n_chains]);
	w->n_graphs += w->graphs[w->n_graphs] != NULL;
	w->n_chains += w->chains[w->n_chains] != NULL;
	return rc ? sfe_fail(err, rc, b->file, NULL, "out of memory") : 0;
}

const char *const sfe_left_out_names[SFE_LEFT_OUT_REASONS] = {"not finished", "with a missing task",
	"in a cycle", "with a task twice", "with a name cut at 50 characters",
	"with a malformed row"};

/* Why a job of Alibaba's trace is left out before its DAG is looked at; else _REASONS. */
static enum sfe_left_out reason(const struct sfe_dag *d)
{
	if (!d->sampled)
		return SFE_LEFT_OUT_REASONS;
	return d->malformed                ? SFE_LEFT_OUT_MALFORMED
	       : d->unfinished             ? SFE_LEFT_OUT_UNFINISHED
	       : d->cut                    ? SFE_LEFT_OUT_CUT
	       : sfe_dag_has_task_twice(d) ? SFE_LEFT_OUT_TWICE
	       : sfe_dag_lacks_task(d)     ? SFE_LEFT_OUT_INCOMPLETE
					   : SFE_LEFT_OUT_REASONS;
}

static int add_job(struct builder *b, struct sfe_dag *d, struct sfe_error *err)
{
	struct sfe_workload *w = b->w;
	uint8_t role[SFE_MAX_TASKS_PER_JOB];
	uint32_t index[SFE_MAX_TASKS_PER_JOB];

	enum sfe_left_out why = reason(d);
	struct sfe_error cause = {0};

	if (why != SFE_LEFT_OUT_REASONS) {
		w->n_left_out[why]++;
		return 0;
	}
	int rc = sfe_dag_finish(d, role, b->file, &cause);
	if (rc == -ELOOP && d->sampled) {
		w->n_left_out[SFE_LEFT_OUT_CYCLE]++;
		return 0;
	}
	if (rc) {
		cause.code = rc == -ELOOP ? -EINVAL : rc;
		if (err)
			*err = cause;
		return cause.code;
	}
	if (!memchr(role, SFE_DAG_STATE, d->n_tasks)) {
		w->n_stateless_dropped++;
		return 0;
	}
	if (w->n_jobs >= SFE_MAX_JOBS)
		return sfe_fail_at(err, -EINVAL, b->file, d->line, "cut the file",
			"more than %u jobs", SFE_MAX_JOBS);
	if (sfe_grow(&w->jobs, &b->cap, w->n_jobs + 1, sizeof(*w->jobs)))
		return sfe_fail(err, -ENOMEM, b->file, NULL, "out of memory");
	struct sfe_job *job = &w->jobs[w->n_jobs++];
	*job = (struct sfe_job){.number = d->number, .arrival_s = d->arrival_s};
	rc = make_states(b, d, role, index, job, err);
	if (!rc)
		rc = make_steps(b, d, role, index, job, err);
	return rc ? rc : make_graph(b, d, role, job, err);
}

static int add_jobs(struct builder *b, const char *text, size_t len, struct sfe_error *err)
{
	struct sfe_task_trace trace;
	struct sfe_dag job;
	uint64_t found = 0;
	int rc;

	rc = sfe_task_trace_open(&trace, text, len, b->file, b->params->consecutive, err);
	while (!rc && (rc = sfe_task_trace_next(&trace, &job, err)) > 0) {
		rc = add_job(b, &job, err);
		sfe_dag_clear(&job);
		found++;
		if (rc)
			break;
	}
	b->w->n_skipped_rows = trace.n_skipped;
	sfe_task_trace_close(&trace);
	if (rc)
		return rc;
	if (!found)
		return sfe_fail(err, -EINVAL, b->file,
			"write rows arrival_s,j_N,NAME,duration_s,cpu,mem,instances before any "
			"empty line",
			"the workload is empty: no row is a task");
	unsigned left_out = 0;
	for (unsigned i = 0; i < SFE_LEFT_OUT_REASONS; i++)
		left_out += b->w->n_left_out[i];
	if (!b->w->n_jobs && left_out)
		return sfe_fail(err, -EINVAL, b->file,
			"let a task depend on one that is not reached from task 1",
			"the workload is empty: of its %llu jobs %u were left out (%u of them not "
			"finished), and none of the others has a state",
			(unsigned long long)found, left_out,
			b->w->n_left_out[SFE_LEFT_OUT_UNFINISHED]);
	if (!b->w->n_jobs)
		return sfe_fail(err, -EINVAL, b->file,
			"let a task depend on one that is not reached from task 1",
			"the workload is empty: none of its %llu jobs has a state",
			(unsigned long long)found);
	return 0;
}

static int check_factor(const char *file, const char *name, double v, struct sfe_error *err)
{
	if (isfinite(v) && v >= 0)
		return 0;
	return sfe_fail(err, -EINVAL, file, "use 0 or more", "the %s factor is %g", name, v);
}

int sfe_workload_parse(const char *text, size_t len, const char *name,
	const struct sfe_workload_params *params, struct sfe_workload **out, struct sfe_error *err)
{
	struct builder b = {.params = params, .file = name, .functions = sfe_minstd_seed(0)};
	int rc;

	if ((rc = check_factor(name, "ops", params->ops_factor, err)) ||
		(rc = check_factor(name, "argument", params->arg_factor, err)) ||
		(rc = check_factor(name, "state", params->state_factor, err)))
		return rc;
	b.w = calloc(1, sizeof(*b.w));
	if (!b.w)
		return sfe_fail(err, -ENOMEM, name, NULL, "out of memory");
	rc = name_functions(b.w, params->functions, name, err);
	if (!rc)
		rc = add_jobs(&b, text, len, err);
	if (rc) {
		sfe_workload_free(b.w);
		return rc;
	}
	*out = b.w;
	return 0;
}

int sfe_workload_read(const char *file, const struct sfe_workload_params *params,
	struct sfe_workload **out, struct sfe_error *err)
{
	char *text;
	size_t len;
	int rc = sfe_text_load(file, &text, &len, err);

	if (rc)
		return rc;
	rc = sfe_workload_parse(text, len, file, params, out, err);
	free(text);
	return rc;
}

void sfe_workload_free(struct sfe_workload *w)
{
	if (!w)
		return;
	for (uint32_t j = 0; j < w->n_jobs; j++) {
		for (uint32_t s = 0; s < w->jobs[j].n_steps; s++) {
			free(w->jobs[j].steps[s].deps);
			free(w->jobs[j].steps[s].access);
		}
		free(w->jobs[j].steps);
		free(w->jobs[j].state_bytes);
	}
	for (uint32_t i = 0; i < w->n_functions; i++)
		free(w->function_names[i]);
	for (uint32_t i = 0; i < w->n_graphs; i++)
		sfe_graph_free(w->graphs[i]);
	for (uint32_t i = 0; i < w->n_chains; i++)
		sfe_graph_free(w->chains[i]);
	free(w->graphs);
	free(w->chains);
	free(w->function_names);
	free(w->jobs);
	free(w);
}
