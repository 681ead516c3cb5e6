/* SPDX-License-Identifier: MIT */
#include "emu/model/workload/task_trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "emu/model/base/hash_seed.h"
#include "emu/model/workload/task_row.h"
#include "sfemu/workload.h"

#define MAX_SECONDS 1e12 /* maximum of an arrival or a duration; larger values are errors */
#define MAX_PER_TASK 1e12
#define CUT_NAME_BYTES 50 /* longer names of tasks are cut in Alibaba's trace */

#define FAIL(t, todo, ...) sfe_fail_at(err, -EINVAL, (t)->file, (t)->lines.line, todo, __VA_ARGS__)

/* ---- rows of a job that are not together */

struct seen {             /* jobs by number, open addressing; 0 is free */
	uint32_t *slot;   /* 1 + index into job */
	uint32_t n_slots; /* a power of two */
	struct seen_job {
		uint32_t number;
		unsigned line; /* of its first row */
	} * job;
	uint32_t n, cap;
	uint64_t seed;
};

static uint32_t *find_slot(const struct seen *s, uint32_t number)
{
	uint32_t i =
		(uint32_t)XXH3_64bits_withSeed(&number, sizeof(number), s->seed) & (s->n_slots - 1);

	while (s->slot[i] && s->job[s->slot[i] - 1].number != number)
		i = (i + 1) & (s->n_slots - 1);
	return &s->slot[i];
}

static int more_slots(struct seen *s)
{
	if (s->n_slots > UINT32_MAX / 4)
		return -ENOMEM;
	s->n_slots = s->n_slots ? 2 * s->n_slots : 1024;
	free(s->slot);
	s->slot = calloc(s->n_slots, sizeof(*s->slot));
	if (!s->slot)
		return -ENOMEM;
	for (uint32_t i = 0; i < s->n; i++)
		*find_slot(s, s->job[i].number) = i + 1;
	return 0;
}

/* Which job it is, in the order of first rows; *known: it was there. */
static int note_job(struct seen *s, uint32_t number, unsigned line, uint32_t *index, bool *known)
{
	if (s->n >= s->n_slots / 2 && more_slots(s))
		return -ENOMEM;
	uint32_t *slot = find_slot(s, number);
	*known = *slot;
	if (!*known) {
		if (sfe_grow(&s->job, &s->cap, s->n + 1, sizeof(*s->job)))
			return -ENOMEM;
		s->job[s->n++] = (struct seen_job){number, line};
		*slot = s->n;
	}
	*index = *slot - 1;
	return 0;
}

static int by_job(const void *a, const void *b)
{
	const struct sfe_task_place *x = a, *y = b;

	if (x->job != y->job)
		return x->job < y->job ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

/*
 * Whether rows of a job are not together. In Spår's format such a job comes from another file: an
 * error.
 */
static int find_scattered(
	const struct sfe_task_trace *t, struct seen *seen, bool *scattered, struct sfe_error *err)
{
	struct sfe_lines lines = t->lines;
	struct sfe_task_row row;
	struct sfe_span line;
	uint32_t job, last = SFE_NONE, index;
	bool known;

	*scattered = false;
	while (sfe_lines_next(&lines, &line) && line.len) {
		if (!sfe_task_row_read(line, &row) || !sfe_task_row_job(&row, &job) || job == last)
			continue;
		last = job;
		if (note_job(seen, job, lines.line, &index, &known))
			return sfe_fail(err, -ENOMEM, t->file, NULL, "out of memory");
		if (known && !row.alibaba)
			return sfe_fail_at(err, -EINVAL, t->file, lines.line,
				"number the jobs of joined files anew, or put the rows of a job "
				"together",
				"j_%u comes again: its rows at line %u and here are not together",
				job, seen->job[index].line);
		*scattered |= known;
	}
	return 0;
}

/* Sorts all rows by job. Those without one come last, to be counted or refused as ever. */
static int sort_rows(struct sfe_task_trace *t, struct seen *seen, struct sfe_error *err)
{
	struct sfe_lines lines = t->lines;
	struct sfe_task_row row;
	struct sfe_span line;
	uint32_t job;
	bool known;

	while (sfe_lines_next(&lines, &line) && line.len) {
		uint32_t index = SFE_NONE;
		if ((sfe_task_row_read(line, &row) && sfe_task_row_job(&row, &job) &&
			    note_job(seen, job, lines.line, &index, &known)) ||
			sfe_grow(&t->place, &t->cap_places, t->n_places + 1, sizeof(*t->place)))
			return sfe_fail(err, -ENOMEM, t->file, NULL, "out of memory");
		t->place[t->n_places++] = (struct sfe_task_place){line, lines.line, index};
	}
	qsort(t->place, t->n_places, sizeof(*t->place), by_job);
	return 0;
}

/* Alibaba's rows may be in any order, such as that of their starts. */
static int put_together(struct sfe_task_trace *t, struct sfe_error *err)
{
	struct seen seen = {.seed = sfe_hash_seed()};
	bool scattered;
	int rc = find_scattered(t, &seen, &scattered, err);

	if (!rc && scattered)
		rc = sort_rows(t, &seen, err);
	free(seen.slot);
	free(seen.job);
	return rc;
}

int sfe_task_trace_open(struct sfe_task_trace *t, const char *text, size_t len, const char *file,
	bool consecutive, struct sfe_error *err)
{
	*t = (struct sfe_task_trace){.lines = sfe_lines_begin(text, len), .file = file};
	return consecutive ? 0 : put_together(t, err);
}

void sfe_task_trace_close(struct sfe_task_trace *t)
{
	free(t->place);
	t->place = NULL;
	free(t->ahead_task.preds);
	t->ahead_task.preds = NULL;
}

/* ---- one row */

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

static int parse_times(struct sfe_task_trace *t, const struct sfe_task_row *row, double *arrival,
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

static int parse_numbers(struct sfe_task_trace *t, const struct sfe_task_row *row,
	struct sfe_dag_task *task, struct sfe_error *err)
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

/* What is wrong with a row of Alibaba's trace leaves its job out, and is no error of the file. */
static int parse_row(
	struct sfe_task_trace *t, const struct sfe_task_row *row, struct sfe_error *err)
{
	struct sfe_dag_task task = {.line = t->lines.line};
	struct sfe_error cause = {0};
	int rc;

	if (!sfe_task_row_job(row, &t->ahead_job)) {
		if (row->alibaba) {
			t->n_skipped++;
			return 0;
		}
		return FAIL(t, "name a job j_ and a number",
			"the job's number does not parse or overflows: %s", SFE_SHOW(row->job));
	}
	t->ahead_malformed = row->malformed;
	t->ahead_cut = row->alibaba && row->name.len == CUT_NAME_BYTES;
	rc = row->malformed ? -EINVAL : parse_numbers(t, row, &task, &cause);
	rc = rc ? rc : parse_name(t, row->name, &task, &cause);
	t->ahead_sampled = row->alibaba;
	if (rc == -EINVAL && row->alibaba) {
		task = (struct sfe_dag_task){.line = t->lines.line};
		t->ahead_malformed = true;
		t->ahead_arrival_s = 0;
	} else if (rc) {
		if (err)
			*err = cause;
		return rc;
	}
	t->ahead_task = task;
	t->ahead = true;
	return 0;
}

/* The next line: of the file, or as the rows were put together. */
static bool next_line(struct sfe_task_trace *t, struct sfe_span *line)
{
	if (!t->place)
		return sfe_lines_next(&t->lines, line);
	if (t->next_place == t->n_places)
		return false;
	const struct sfe_task_place *place = &t->place[t->next_place++];
	t->lines.line = place->line;
	*line = place->text;
	return true;
}

/* Reads the next row with a task into t->ahead. */
static int read_ahead(struct sfe_task_trace *t, struct sfe_error *err)
{
	struct sfe_span line;
	struct sfe_task_row row;
	int rc;

	while (!t->ahead && !t->ended && next_line(t, &line)) {
		if (!line.len)
			t->ended = true;
		else if (!sfe_task_row_read(line, &row))
			t->n_skipped++;
		else if ((rc = parse_row(t, &row, err)))
			return rc;
	}
	return 0;
}

static int append_task(struct sfe_task_trace *t, struct sfe_dag *job, struct sfe_error *err)
{
	if (job->n_tasks >= SFE_MAX_TASKS_PER_JOB && t->ahead_sampled) {
		job->malformed = true;
		free(t->ahead_task.preds);
		t->ahead_task = (struct sfe_dag_task){0};
		t->ahead = false;
		return 0;
	}
	if (job->n_tasks >= SFE_MAX_TASKS_PER_JOB)
		return FAIL(t, "split the job", "j_%u has more than %u tasks", job->number,
			SFE_MAX_TASKS_PER_JOB);
	if (sfe_grow(&job->tasks, &t->cap, job->n_tasks + 1, sizeof(*job->tasks)))
		return sfe_fail_at(err, -ENOMEM, t->file, t->lines.line, NULL, "out of memory");
	job->tasks[job->n_tasks++] = t->ahead_task;
	job->unfinished |= t->ahead_unfinished;
	job->sampled |= t->ahead_sampled;
	job->malformed |= t->ahead_malformed;
	job->cut |= t->ahead_cut;
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
