/* SPDX-License-Identifier: MIT */
#include "sfemu/spar.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dag.h"
#include "sfemu/random.h"
#include "sfemu/workload.h"
#include "spar_tables.h"

#define MAX_MISSES 1000000u /* jobs that are not wanted, one after the other */
#define MAX_CPL_KEY 35u     /* beyond these keys the tables say nothing more */
#define MAX_LEVEL_KEY 20u

struct generator {
	const struct sfe_spar_tables *t;
	struct sfe_stream shape, task, arrival; /* so that no draw shifts those of another kind */
};

struct made {
	struct sfe_dag dag;
	double instances[SFE_MAX_TASKS_PER_JOB]; /* by task number - 1 */
};

static double draw(const struct sfe_quantiles *q, uint32_t key, struct sfe_stream *s)
{
	return sfe_quantile_value(q, key, sfe_stream_real(s));
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* How many tasks each of the ranks 1..c has: one on the critical path, the others where level says.
 */
static uint32_t draw_ranks(struct generator *g, uint32_t n, uint32_t *size)
{
	uint32_t c = 1;

	if (n > 1)
		c = least(n, (uint32_t)draw(&g->t->cpl, least(n, MAX_CPL_KEY), &g->shape));
	memset(size, 0, (SFE_MAX_TASKS_PER_JOB + 2) * sizeof(*size));
	for (uint32_t l = 1; l <= c; l++)
		size[l] = 1;
	for (uint32_t i = c; i < n; i++) {
		/* The last key stands for all longer paths too: its ranks can lie beyond c. */
		uint32_t l = (uint32_t)draw(&g->t->level, least(c, MAX_LEVEL_KEY), &g->shape);
		size[least(l, c)]++;
	}
	return c;
}

/* Draws k of the n tasks from first on, without repetition, and lets each be preceded by task pred.
 */
static int precede(struct generator *g, struct sfe_dag *d, uint32_t pred, uint32_t first,
	uint32_t n, uint32_t k)
{
	uint32_t pick[SFE_MAX_TASKS_PER_JOB];

	for (uint32_t i = 0; i < n; i++)
		pick[i] = first + i;
	for (uint32_t i = 0; i < k; i++) {
		uint32_t other = i + (uint32_t)(sfe_stream_real(&g->shape) * (n - i));
		uint32_t number = pick[other];
		struct sfe_dag_task *task = &d->tasks[number - 1];
		uint32_t *more = reallocarray(task->preds, task->n_preds + 1, sizeof(*more));

		if (!more)
			return -ENOMEM;
		pick[other] = pick[i];
		task->preds = more;
		task->preds[task->n_preds++] = pred;
	}
	return 0;
}

static int connect_ranks(
	struct generator *g, struct sfe_dag *d, const uint32_t *size, uint32_t ranks)
{
	uint32_t first = 1; /* the first task of the rank */

	for (uint32_t l = 1; l < ranks; l++) {
		uint32_t here = size[l], below = size[l + 1];
		uint32_t each = (3 * below + 4 * here - 1) / (4 * here); /* ceil(3/4 below/here) */

		for (uint32_t i = 0; i < here; i++) {
			int rc = precede(g, d, first + i, first + here, below, each);
			if (rc)
				return rc;
		}
		first += here;
	}
	return 0;
}

static int make_job(struct generator *g, struct made *m)
{
	uint32_t size[SFE_MAX_TASKS_PER_JOB + 2];
	uint32_t n = (uint32_t)draw(&g->t->task_num, 0, &g->shape);

	m->dag = (struct sfe_dag){.tasks = calloc(n, sizeof(*m->dag.tasks))};
	if (!m->dag.tasks)
		return -ENOMEM;
	m->dag.n_tasks = n;
	for (uint32_t i = 0; i < n; i++) {
		struct sfe_dag_task *task = &m->dag.tasks[i];

		task->number = i + 1;
		task->duration_s = draw(&g->t->task_duration, 0, &g->task);
		task->cpu = draw(&g->t->task_cpu, 0, &g->task);
		task->mem = draw(&g->t->task_mem, 0, &g->task);
		m->instances[i] = draw(&g->t->instance_num, 0, &g->task);
	}
	uint32_t ranks = draw_ranks(g, n, size);
	return connect_ranks(g, &m->dag, size, ranks);
}

static int is_wanted(
	struct made *m, const struct sfe_spar_params *params, bool *wanted, struct sfe_error *err)
{
	uint8_t role[SFE_MAX_TASKS_PER_JOB];
	uint32_t steps = 0, states = 0;
	int rc = sfe_dag_finish(&m->dag, role, "spar", err);

	if (rc)
		return rc;
	for (uint32_t i = 0; i < m->dag.n_tasks; i++) {
		steps += role[i] == SFE_DAG_STEP;
		states += role[i] == SFE_DAG_STATE;
	}
	*wanted = (states || !params->stateful_only) && steps >= params->min_chain &&
		  (!params->max_chain || steps <= params->max_chain);
	return 0;
}

static void write_job(const struct made *m, uint32_t number, double arrival_s, FILE *out)
{
	for (uint32_t i = 0; i < m->dag.n_tasks; i++) {
		const struct sfe_dag_task *task = &m->dag.tasks[i];

		fprintf(out, "%.1f,j_%u,T%u", arrival_s, number, task->number);
		for (uint32_t k = 0; k < task->n_preds; k++)
			fprintf(out, "_%u", task->preds[k]);
		fprintf(out, ",%.0f,%.1f,%g,%.0f\n", task->duration_s, task->cpu, task->mem,
			m->instances[i]);
	}
}

static int write_jobs(struct generator *g, const struct sfe_spar_params *params, struct made *m,
	FILE *out, struct sfe_error *err)
{
	double arrival_s = 0;
	uint32_t misses = 0, written = 0;
	bool wanted;

	while (written < params->jobs) {
		int rc = make_job(g, m);
		if (rc)
			rc = sfe_fail(err, rc, "spar", NULL, "out of memory");
		else
			rc = is_wanted(m, params, &wanted, err);
		if (!rc && wanted)
			write_job(m, ++written, arrival_s, out);
		sfe_dag_clear(&m->dag);
		if (rc)
			return rc;
		misses = wanted ? 0 : misses + 1;
		if (misses > MAX_MISSES)
			return sfe_fail(err, -ERANGE, "spar", "want shorter chains",
				"none of the last %u jobs was as wanted", MAX_MISSES);
		arrival_s += draw(&g->t->job_interval, 0, &g->arrival);
	}
	return 0;
}

int sfe_spar_write(const struct sfe_spar_tables *t, const struct sfe_spar_params *params, FILE *out,
	struct sfe_error *err)
{
	struct generator g = {
		.t = t,
		.shape = sfe_stream_named(params->seed, "spar.shape"),
		.task = sfe_stream_named(params->seed, "spar.task"),
		.arrival = sfe_stream_named(params->seed, "spar.arrival"),
	};

	if (!params->jobs || params->jobs > SFE_SPAR_MAX_JOBS)
		return sfe_fail(err, -EINVAL, "spar", "choose another number",
			"%u jobs are not between 1 and %u", params->jobs, SFE_SPAR_MAX_JOBS);
	if (params->max_chain && params->max_chain < params->min_chain)
		return sfe_fail(err, -EINVAL, "spar", "swap them",
			"the longest chain, %u, is shorter than the shortest, %u",
			params->max_chain, params->min_chain);
	struct made *m = calloc(1, sizeof(*m));
	if (!m)
		return sfe_fail(err, -ENOMEM, "spar", NULL, "out of memory");
	int rc = write_jobs(&g, params, m, out, err);
	free(m);
	if (!rc && (fflush(out) || ferror(out)))
		return sfe_fail(err, -EIO, "spar", "free some space", "cannot write the rows");
	return rc;
}
