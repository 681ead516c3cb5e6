/* SPDX-License-Identifier: MIT */
#include "emu/model/workload/dag.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sfemu/workload.h"

static int by_number(const void *a, const void *b)
{
	const struct sfe_dag_task *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

uint32_t sfe_dag_find(const struct sfe_dag *d, uint32_t number)
{
	uint32_t low = 0, high = d->n_tasks;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		if (d->tasks[mid].number < number)
			low = mid + 1;
		else
			high = mid;
	}
	return low < d->n_tasks && d->tasks[low].number == number ? low : d->n_tasks;
}

static void sort_preds(struct sfe_dag_task *t)
{
	uint32_t kept = 0;

	if (!t->n_preds)
		return;
	qsort(t->preds, t->n_preds, sizeof(*t->preds), by_value);
	for (uint32_t i = 0; i < t->n_preds; i++)
		if (!i || t->preds[i] != t->preds[i - 1])
			t->preds[kept++] = t->preds[i];
	t->n_preds = kept;
}

static int check_tasks(const struct sfe_dag *d, const char *file, struct sfe_error *err)
{
	for (uint32_t i = 0; i < d->n_tasks; i++) {
		const struct sfe_dag_task *t = &d->tasks[i];

		if (i && t->number == t[-1].number)
			return sfe_fail_at(err, -EINVAL, file, t->line,
				"number the tasks of a job once each",
				"task %u of j_%u is already defined in line %u", t->number,
				d->number, t[-1].line);
		for (uint32_t k = 0; k < t->n_preds; k++) {
			if (t->preds[k] == t->number)
				return sfe_fail_at(err, -ELOOP, file, t->line,
					"remove it from its predecessors",
					"task %u of j_%u depends on itself", t->number, d->number);
			if (sfe_dag_find(d, t->preds[k]) == d->n_tasks)
				return sfe_fail_at(err, -EINVAL, file, t->line,
					"add the task or remove it from the predecessors",
					"task %u of j_%u depends on task %u, a state that no task "
					"writes",
					t->number, d->number, t->preds[k]);
		}
	}
	if (sfe_dag_find(d, 1) == d->n_tasks)
		return sfe_fail_at(err, -EINVAL, file, d->line, "a chain starts at task 1: add it",
			"j_%u has no task 1", d->number);
	return 0;
}

struct order { /* successors by task, and the number of predecessors not yet placed */
	uint32_t *begin, *next, *at, *missing, *queue;
};

static void link_successors(const struct sfe_dag *d, struct order *o)
{
	for (uint32_t i = 0; i < d->n_tasks; i++) {
		o->missing[i] = d->tasks[i].n_preds;
		for (uint32_t k = 0; k < d->tasks[i].n_preds; k++)
			o->begin[sfe_dag_find(d, d->tasks[i].preds[k]) + 1]++;
	}
	for (uint32_t i = 0; i < d->n_tasks; i++)
		o->begin[i + 1] += o->begin[i];
	memcpy(o->at, o->begin, d->n_tasks * sizeof(*o->at));
	for (uint32_t i = 0; i < d->n_tasks; i++)
		for (uint32_t k = 0; k < d->tasks[i].n_preds; k++)
			o->next[o->at[sfe_dag_find(d, d->tasks[i].preds[k])]++] = i;
}

/* Orders the steps topologically, so that one pass finds all that are reachable from task 1. */
static int find_steps(const struct sfe_dag *d, struct order *o, uint8_t *role, const char *file,
	struct sfe_error *err)
{
	uint32_t head = 0, tail = 0;

	for (uint32_t i = 0; i < d->n_tasks; i++)
		if (!o->missing[i])
			o->queue[tail++] = i;
	role[sfe_dag_find(d, 1)] = SFE_DAG_STEP;
	while (head < tail) {
		uint32_t v = o->queue[head++];
		for (uint32_t e = o->begin[v]; e < o->begin[v + 1]; e++) {
			uint32_t u = o->next[e];
			if (role[v] == SFE_DAG_STEP)
				role[u] = SFE_DAG_STEP;
			if (!--o->missing[u])
				o->queue[tail++] = u;
		}
	}
	if (tail == d->n_tasks)
		return 0;
	uint32_t i = 0;
	while (!o->missing[i])
		i++;
	return sfe_fail_at(err, -ELOOP, file, d->tasks[i].line, "remove one of the predecessors",
		"the tasks of j_%u depend on each other in a cycle; task %u is in it or after it",
		d->number, d->tasks[i].number);
}

int sfe_dag_finish(struct sfe_dag *d, uint8_t *role, const char *file, struct sfe_error *err)
{
	size_t n = d->n_tasks, edges = 0;

	qsort(d->tasks, n, sizeof(*d->tasks), by_number);
	for (size_t i = 0; i < n; i++) {
		sort_preds(&d->tasks[i]);
		edges += d->tasks[i].n_preds;
	}
	int rc = check_tasks(d, file, err);
	if (rc)
		return rc;
	uint32_t *all = calloc(4 * n + 1 + edges, sizeof(*all));
	if (!all)
		return sfe_fail(err, -ENOMEM, file, NULL, "out of memory");
	struct order o = {all, all + 4 * n + 1, all + n + 1, all + 2 * n + 1, all + 3 * n + 1};
	memset(role, SFE_DAG_UNUSED, n);
	link_successors(d, &o);
	rc = find_steps(d, &o, role, file, err);
	free(all);
	for (size_t i = 0; i < n && !rc; i++)
		for (uint32_t k = 0; role[i] == SFE_DAG_STEP && k < d->tasks[i].n_preds; k++) {
			uint32_t pred = sfe_dag_find(d, d->tasks[i].preds[k]);
			if (role[pred] != SFE_DAG_STEP)
				role[pred] = SFE_DAG_STATE;
		}
	return rc;
}

bool sfe_dag_lacks_task(const struct sfe_dag *d)
{
	bool present[SFE_MAX_TASKS_PER_JOB + 1] = {false};

	for (uint32_t i = 0; i < d->n_tasks; i++)
		present[d->tasks[i].number] = true;
	for (uint32_t i = 0; i < d->n_tasks; i++)
		for (uint32_t k = 0; k < d->tasks[i].n_preds; k++)
			if (!present[d->tasks[i].preds[k]])
				return true;
	return !present[1];
}

bool sfe_dag_has_task_twice(const struct sfe_dag *d)
{
	bool present[SFE_MAX_TASKS_PER_JOB + 1] = {false};

	for (uint32_t i = 0; i < d->n_tasks; i++) {
		if (present[d->tasks[i].number])
			return true;
		present[d->tasks[i].number] = true;
	}
	return false;
}

void sfe_dag_clear(struct sfe_dag *d)
{
	for (uint32_t i = 0; i < d->n_tasks; i++)
		free(d->tasks[i].preds);
	free(d->tasks);
	d->tasks = NULL;
	d->n_tasks = 0;
}
