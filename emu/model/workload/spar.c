/* SPDX-License-Identifier: MIT */
#include "sfemu/spar.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/workload/dag.h"
#include "emu/model/workload/spar_tables.h"
#include "sfemu/random.h"
#include "sfemu/workload.h"

#define MAX_MISSES 1000000u /* successive jobs that do not match */
#define MAX_CPL_KEY 35u     /* larger keys are not in the tables */
#define MAX_LEVEL_KEY 20u
#define PUBLISHED_CPU_MEAN 75.414
#define PUBLISHED_MEM_MEAN 1.002

struct generator {
	const struct sfe_spar_tables *t;
	const struct sfe_spar_params *params;
	struct sfe_stream shape, task, arrival,
		thin; /* separate streams, so that draws of one kind do not shift another */
	double load, heterogeneity, cpu_mean, mem_mean;
};

struct made {
	struct sfe_dag dag;
	double instances[SFE_MAX_TASKS_PER_JOB]; /* by task number - 1 */
};

static double draw(const struct generator *g, const struct sfe_quantiles *q, uint32_t key,
	struct sfe_stream *s)
{
	double u = sfe_stream_real(s);

	return g->params->as_published ? sfe_quantile_published(q, key, u)
				       : sfe_quantile_value(q, key, u);
}

/* Spreads values away from the mean; a heterogeneity below 1 contracts them, as in Spår. */
static double spread(const struct generator *g, double value, double mean)
{
	return value > mean ? value * g->heterogeneity : value / g->heterogeneity;
}

static void draw_demand(struct generator *g, struct sfe_dag_task *task)
{
	task->duration_s = draw(g, &g->t->task_duration, 0, &g->task);
	task->cpu = draw(g, &g->t->task_cpu, 0, &g->task);
	task->mem = draw(g, &g->t->task_mem, 0, &g->task);
	if (g->heterogeneity == 1)
		return;
	if (g->params->as_published) {
		/* Spår's columns are off by one: duration and cpu are compared with the means of
		 * cpu and memory. */
		task->duration_s = spread(g, task->duration_s, PUBLISHED_CPU_MEAN);
		task->cpu = spread(g, task->cpu, PUBLISHED_MEM_MEAN);
		return;
	}
	task->cpu = spread(g, task->cpu, g->cpu_mean);
	task->mem = spread(g, task->mem, g->mem_mean);
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Draws the number of tasks of each rank 1..c: one for ranks on the critical path; the other
 * tasks go where level says. */
static uint32_t draw_ranks(struct generator *g, uint32_t n, uint32_t *size)
{
	uint32_t c = 1;

	if (n > 1)
		c = least(n, (uint32_t)draw(g, &g->t->cpl, least(n, MAX_CPL_KEY), &g->shape));
	memset(size, 0, (SFE_MAX_TASKS_PER_JOB + 2) * sizeof(*size));
	for (uint32_t l = 1; l <= c; l++)
		size[l] = 1;
	for (uint32_t i = c; i < n; i++) {
		/* The last key also stands for all longer paths: its ranks may lie beyond c. */
		uint32_t l = (uint32_t)draw(g, &g->t->level, least(c, MAX_LEVEL_KEY), &g->shape);
		size[least(l, c)]++;
	}
	return c;
}

/* Draws k of the n tasks from first on, without repetition, and makes task pred their
 * predecessor. */
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
	uint32_t n = (uint32_t)draw(g, &g->t->task_num, 0, &g->shape);

	m->dag = (struct sfe_dag){.tasks = calloc(n, sizeof(*m->dag.tasks))};
	if (!m->dag.tasks)
		return -ENOMEM;
	m->dag.n_tasks = n;
	for (uint32_t i = 0; i < n; i++) {
		struct sfe_dag_task *task = &m->dag.tasks[i];

		task->number = i + 1;
		draw_demand(g, task);
		m->instances[i] = draw(g, &g->t->instance_num, 0, &g->task);
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

static bool whole(double value, double scale)
{
	return value * scale == floor(value * scale);
}

static void write_job(const struct made *m, uint32_t number, double arrival_s, FILE *out)
{
	for (uint32_t i = 0; i < m->dag.n_tasks; i++) {
		const struct sfe_dag_task *task = &m->dag.tasks[i];

		fprintf(out, whole(arrival_s, 10) ? "%.1f,j_%u,T%u" : "%.6f,j_%u,T%u", arrival_s,
			number, task->number);
		for (uint32_t k = 0; k < task->n_preds; k++)
			fprintf(out, "_%u", task->preds[k]);
		fprintf(out, whole(task->duration_s, 1) ? ",%.0f" : ",%g", task->duration_s);
		fprintf(out, whole(task->cpu, 10) ? ",%.1f" : ",%g", task->cpu);
		fprintf(out, ",%g,%.0f\n", task->mem, m->instances[i]);
	}
}

static int make_wanted(struct generator *g, struct made *m, bool *wanted, struct sfe_error *err)
{
	int rc = make_job(g, m);

	return rc ? sfe_fail(err, rc, "spar", NULL, "out of memory")
		  : is_wanted(m, g->params, wanted, err);
}

/* Writes jobs until there are enough or the time is over; *made counts them. */
static int write_jobs(struct generator *g, struct made *m, FILE *out, struct sfe_spar_counts *made,
	struct sfe_error *err)
{
	const struct sfe_spar_params *params = g->params;
	double arrival_s = 0, end_s = params->hours * 3600;
	uint32_t misses = 0;

	while ((!params->jobs || made->jobs < params->jobs) && (end_s <= 0 || arrival_s < end_s)) {
		bool wanted = false;
		int rc = 0;

		if (g->load >= 1 || sfe_stream_real(&g->thin) < g->load)
			rc = make_wanted(g, m, &wanted, err);
		if (!rc && wanted && made->jobs == SFE_SPAR_MAX_JOBS)
			rc = sfe_fail(err, -ERANGE, "spar", "make fewer hours or a smaller load",
				"more than %u jobs arrive", SFE_SPAR_MAX_JOBS);
		if (!rc && wanted) {
			write_job(m, ++made->jobs, arrival_s, out);
			made->tasks += m->dag.n_tasks;
			made->last_s = arrival_s;
		}
		sfe_dag_clear(&m->dag);
		if (rc)
			return rc;
		misses = wanted ? 0 : misses + 1;
		if (misses > MAX_MISSES)
			return sfe_fail(err, -ERANGE, "spar", "allow other chain lengths",
				"none of the last %u jobs matched", MAX_MISSES);
		arrival_s += draw(g, &g->t->job_interval, 0, &g->arrival) / fmax(g->load, 1);
	}
	if (!made->jobs)
		return sfe_fail(err, -ERANGE, "spar", "raise the hours or relax the conditions",
			"no matching job arrives in %g hours", params->hours);
	return 0;
}

static int check_factor(const char *what, double value, struct sfe_error *err)
{
	if (value >= SFE_SPAR_MIN_FACTOR && value <= SFE_SPAR_MAX_FACTOR)
		return 0;
	return sfe_fail(err, -EINVAL, "spar", "choose another factor", "%s %g is not in %g..%g",
		what, value, SFE_SPAR_MIN_FACTOR, SFE_SPAR_MAX_FACTOR);
}

static int check(const struct generator *g, struct sfe_error *err)
{
	const struct sfe_spar_params *p = g->params;
	int rc;

	if (p->jobs > SFE_SPAR_MAX_JOBS)
		return sfe_fail(err, -EINVAL, "spar", "choose another number",
			"%u jobs are more than %u", p->jobs, SFE_SPAR_MAX_JOBS);
	if (!(p->hours >= 0 && p->hours <= SFE_SPAR_MAX_HOURS) || (!p->hours && !p->jobs))
		return sfe_fail(err, -EINVAL, "spar", "say how many hours, or how many jobs",
			"%g hours are not more than 0 and at most %g", p->hours,
			SFE_SPAR_MAX_HOURS);
	if ((rc = check_factor("the load factor", g->load, err)) ||
		(rc = check_factor("the heterogeneity", g->heterogeneity, err)))
		return rc;
	if (p->max_chain && p->max_chain < p->min_chain)
		return sfe_fail(err, -EINVAL, "spar", "swap them",
			"the longest chain, %u, is shorter than the shortest, %u", p->max_chain,
			p->min_chain);
	return 0;
}

int sfe_spar_write(const struct sfe_spar_tables *t, const struct sfe_spar_params *params, FILE *out,
	struct sfe_spar_counts *counts, struct sfe_error *err)
{
	struct generator g = {
		.t = t,
		.params = params,
		.shape = sfe_stream_named(params->seed, "spar.shape"),
		.task = sfe_stream_named(params->seed, "spar.task"),
		.arrival = sfe_stream_named(params->seed, "spar.arrival"),
		.thin = sfe_stream_named(params->seed, "spar.thin"),
		.load = params->load_factor ? params->load_factor : 1,
		.heterogeneity = params->heterogeneity ? params->heterogeneity : 1,
		.cpu_mean = sfe_quantile_mean(&t->task_cpu),
		.mem_mean = sfe_quantile_mean(&t->task_mem),
	};
	struct sfe_spar_counts made = {0};
	int rc = check(&g, err);

	if (rc)
		return rc;
	struct made *m = calloc(1, sizeof(*m));
	if (!m)
		return sfe_fail(err, -ENOMEM, "spar", NULL, "out of memory");
	rc = write_jobs(&g, m, out, &made, err);
	free(m);
	if (counts)
		*counts = made;
	if (!rc && (fflush(out) || ferror(out)))
		return sfe_fail(err, -EIO, "spar", "free some space", "cannot write the rows");
	return rc;
}
