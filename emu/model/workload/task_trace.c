/* SPDX-License-Identifier: MIT */
#include "emu/model/workload/task_trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sfemu/workload.h"

#define SPAR_FIELDS 7
#define ALIBABA_FIELDS 9
#define MAX_SECONDS 1e12 /* maximum of an arrival or a duration; larger values are errors */
#define MAX_PER_TASK 1e12

struct row { /* the fields of both formats */
	struct sfe_span job, name, cpu, mem, instances;
	struct sfe_span arrival, duration; /* Spår */
	struct sfe_span start, end;        /* Alibaba */
	struct sfe_span status;
	bool alibaba, partial; /* partial: a field is empty */
};

#define FAIL(t, todo, ...) sfe_fail_at(err, -EINVAL, (t)->file, (t)->lines.line, todo, __VA_ARGS__)

void sfe_task_trace_open(struct sfe_task_trace *t, const char *text, size_t len, const char *file)
{
	*t = (struct sfe_task_trace){.lines = {text, text + len, 0}, .file = file};
}

void sfe_task_trace_close(struct sfe_task_trace *t)
{
	free(t->ahead_task.preds);
	t->ahead_task.preds = NULL;
}

static void read_alibaba_fields(const struct sfe_span *f, bool partial, struct row *row)
{
	*row = (struct row){.name = f[0],
		.instances = f[1],
		.job = f[2],
		.status = f[4],
		.start = f[5],
		.end = f[6],
		.cpu = f[7],
		.mem = f[8],
		.alibaba = true,
		.partial = partial};
}

/* Keeps empty fields: Alibaba's tasks that never ran have some. */
static bool read_partial_row(struct sfe_span line, struct row *row)
{
	struct sfe_span f[ALIBABA_FIELDS];
	const char *at = line.at, *end = line.at + line.len;
	size_t n = 0;

	for (;; n++) {
		const char *stop = memchr(at, ',', (size_t)(end - at));
		if (n == ALIBABA_FIELDS)
			return false;
		f[n] = (struct sfe_span){at, (size_t)((stop ? stop : end) - at)};
		if (!stop)
			break;
		at = stop + 1;
	}
	if (n + 1 != ALIBABA_FIELDS || !f[0].len)
		return false;
	read_alibaba_fields(f, true, row);
	return true;
}

/* Assigns a row's fields; false: a row that the published reader skips. */
static bool read_fields(struct sfe_span line, struct row *row)
{
	struct sfe_span f[ALIBABA_FIELDS];
	size_t n = sfe_span_split(line, ',', f, ALIBABA_FIELDS);

	if (n == ALIBABA_FIELDS)
		read_alibaba_fields(f, false, row);
	else if (n < ALIBABA_FIELDS && read_partial_row(line, row))
		;
	else if (n == SPAR_FIELDS)
		*row = (struct row){.arrival = f[0],
			.job = f[1],
			.name = f[2],
			.duration = f[3],
			.cpu = f[4],
			.mem = f[5],
			.instances = f[6]};
	else
		return false;
	return row->job.len >= 2 && row->job.at[0] == 'j' && row->job.at[1] == '_' &&
	       !sfe_span_contains(row->name, "task_") &&
	       !sfe_span_contains(row->name, "MergeTask") && !sfe_span_contains(row->name, "Stg");
}

static int number(struct sfe_task_trace *t, struct sfe_span text, const char *what, double max,
	double *out, struct sfe_error *err)
{
	int rc = sfe_span_double(text, out);

	if (rc == -ERANGE)
		return FAIL(t, "write a smaller one", "%s overflows: %s", what, SFE_SHOW(text));
	if (rc)
		return FAIL(t, "write a decimal number", "%s is not a number: %s", what,
			SFE_SHOW(text));
	if (*out < 0)
		return FAIL(t, "write 0 or more", "%s is negative: %s", what, SFE_SHOW(text));
	if (*out > max)
		return FAIL(t, "write a smaller one", "%s is more than %g: %s", what, max,
			SFE_SHOW(text));
	return 0;
}

static int task_number(struct sfe_task_trace *t, struct sfe_span text, const char *what,
	uint32_t *out, struct sfe_error *err)
{
	uint64_t v;

	if (sfe_span_u64(text, &v) || !v || v > SFE_MAX_TASKS_PER_JOB)
		return FAIL(t, "name a task as letter, number, then _number for each predecessor",
			"%s is not a number between 1 and %u: %s", what, SFE_MAX_TASKS_PER_JOB,
			SFE_SHOW(text));
	*out = (uint32_t)v;
	return 0;
}

/* "R3_1_2": task 3 with predecessors 1 and 2. */
static int parse_name(struct sfe_task_trace *t, struct sfe_span name, struct sfe_dag_task *task,
	struct sfe_error *err)
{
	struct sfe_span part[SFE_MAX_TASKS_PER_JOB + 1];
	struct sfe_span rest = {name.at + 1, name.len - 1};
	size_t n = sfe_span_split(rest, '_', part, SFE_MAX_TASKS_PER_JOB + 1);
	char letter = name.at[0];
	int rc;

	if (!((letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z')))
		return FAIL(t, "name a task as letter, number, then _number for each predecessor",
			"a task's name does not begin with a letter: %s", SFE_SHOW(name));
	if (n > SFE_MAX_TASKS_PER_JOB)
		return FAIL(t, "use fewer", "the task %s has more than %u predecessors",
			SFE_SHOW(name), SFE_MAX_TASKS_PER_JOB);
	rc = task_number(t, n ? part[0] : rest, "a task's number", &task->number, err);
	if (rc)
		return rc;
	task->preds = calloc(n, sizeof(*task->preds));
	if (!task->preds)
		return sfe_fail_at(err, -ENOMEM, t->file, t->lines.line, NULL, "out of memory");
	for (size_t i = 1; i < n && !rc; i++)
		rc = task_number(t, part[i], "a predecessor", &task->preds[task->n_preds++], err);
	if (rc) {
		free(task->preds);
		task->preds = NULL;
	}
	return rc;
}

static int parse_times(struct sfe_task_trace *t, const struct row *row, double *arrival,
	struct sfe_dag_task *task, struct sfe_error *err)
{
	double end;
	int rc;

	if (!row->alibaba) {
		rc = number(t, row->arrival, "the arrival", MAX_SECONDS, arrival, err);
		return rc ? rc
			  : number(t, row->duration, "the duration", MAX_SECONDS, &task->duration_s,
				    err);
	}
	if ((rc = number(t, row->start, "the start", MAX_SECONDS, arrival, err)) ||
		(rc = number(t, row->end, "the end", MAX_SECONDS, &end, err)))
		return rc;
	if (end < *arrival && end > 0)
		return FAIL(t, "leave out jobs that did not end",
			"the task ends before it starts: %s", SFE_SHOW(row->end));
	t->ahead_unfinished = end < *arrival; /* an end of 0 lies beyond the trace */
	task->duration_s = end - *arrival;
	return 0;
}

static int parse_numbers(struct sfe_task_trace *t, const struct row *row, struct sfe_dag_task *task,
	struct sfe_error *err)
{
	double instances;
	int rc;

	t->ahead_sampled = row->alibaba;
	t->ahead_unfinished =
		row->alibaba && (row->partial || !sfe_span_is(row->status, "Terminated"));
	if (t->ahead_unfinished) { /* its times and demands are not final */
		t->ahead_arrival_s = 0;
		return 0;
	}
	if ((rc = parse_times(t, row, &t->ahead_arrival_s, task, err)) ||
		(rc = number(t, row->cpu, "the cpu", MAX_PER_TASK, &task->cpu, err)) ||
		(rc = number(t, row->mem, "the memory", 1e300, &task->mem, err)))
		return rc;
	return number(t, row->instances, "the instances", 1e18, &instances, err);
}

static int parse_row(struct sfe_task_trace *t, const struct row *row, struct sfe_error *err)
{
	struct sfe_span job_text = {row->job.at + 2, row->job.len - 2};
	struct sfe_dag_task task = {.line = t->lines.line};
	uint64_t job;
	int rc;

	if (sfe_span_u64(job_text, &job) || job >= SFE_NONE)
		return FAIL(t, "name a job j_ and a number",
			"the job's number does not parse or overflows: %s", SFE_SHOW(row->job));
	if ((rc = parse_numbers(t, row, &task, err)) || (rc = parse_name(t, row->name, &task, err)))
		return rc;
	t->ahead_job = (uint32_t)job;
	t->ahead_task = task;
	t->ahead = true;
	return 0;
}

/* Reads the next row with a task into t->ahead. */
static int read_ahead(struct sfe_task_trace *t, struct sfe_error *err)
{
	struct sfe_span line;
	struct row row;

	while (!t->ended && sfe_lines_next(&t->lines, &line)) {
		if (!line.len)
			t->ended = true;
		else if (read_fields(line, &row))
			return parse_row(t, &row, err);
		else
			t->n_skipped++;
	}
	return 0;
}

static int append_task(struct sfe_task_trace *t, struct sfe_dag *job, struct sfe_error *err)
{
	if (job->n_tasks >= SFE_MAX_TASKS_PER_JOB)
		return FAIL(t, "split the job", "j_%u has more than %u tasks", job->number,
			SFE_MAX_TASKS_PER_JOB);
	if (sfe_grow(&job->tasks, &t->cap, job->n_tasks + 1, sizeof(*job->tasks)))
		return sfe_fail_at(err, -ENOMEM, t->file, t->lines.line, NULL, "out of memory");
	job->tasks[job->n_tasks++] = t->ahead_task;
	job->unfinished |= t->ahead_unfinished;
	job->sampled |= t->ahead_sampled;
	/* Alibaba's rows have the start of each task: the job arrived with the first. */
	if (t->ahead_arrival_s < job->arrival_s && t->ahead_sampled)
		job->arrival_s = t->ahead_arrival_s;
	t->ahead_task = (struct sfe_dag_task){0};
	t->ahead = false;
	return 0;
}

int sfe_task_trace_next(struct sfe_task_trace *t, struct sfe_dag *job, struct sfe_error *err)
{
	int rc = t->ahead ? 0 : read_ahead(t, err);

	*job = (struct sfe_dag){0};
	t->cap = 0;
	if (rc || !t->ahead)
		return rc;
	job->number = t->ahead_job;
	job->line = t->ahead_task.line;
	job->arrival_s = t->ahead_arrival_s;
	while (!rc && t->ahead && t->ahead_job == job->number)
		if (!(rc = append_task(t, job, err)))
			rc = read_ahead(t, err);
	if (rc) {
		sfe_dag_clear(job);
		return rc;
	}
	return 1;
}
