/* SPDX-License-Identifier: MIT */
#include "emu/model/workload/trace_graph.h"

#include <errno.h>
#include <stdlib.h>

#include "emu/model/workload/job_graph.h"

#define NO_PLACE UINT32_MAX

struct order {
	const struct sfe_dag *d;
	uint32_t at[SFE_MAX_TASKS_PER_JOB]; /* by task: its step in the new order; NO_PLACE */
	bool is_step[SFE_MAX_TASKS_PER_JOB];
	struct sfe_edge *edges; /* between steps in the new order */
	size_t n_edges;
};

static bool can_be_next(const struct order *o, uint32_t task)
{
	const struct sfe_dag_task *t = &o->d->tasks[task];

	if (!o->is_step[task] || o->at[task] != NO_PLACE)
		return false;
	for (uint32_t k = 0; k < t->n_preds; k++) {
		uint32_t before = sfe_dag_find(o->d, t->preds[k]);
		if (o->is_step[before] && o->at[before] == NO_PLACE)
			return false;
	}
	return true;
}

static void place(struct order *o, uint32_t task, uint32_t step)
{
	const struct sfe_dag_task *t = &o->d->tasks[task];

	o->at[task] = step;
	for (uint32_t k = 0; k < t->n_preds; k++) {
		uint32_t before = sfe_dag_find(o->d, t->preds[k]);
		if (o->is_step[before])
			o->edges[o->n_edges++] = (struct sfe_edge){o->at[before], step};
	}
}

/* Places all steps; finished DAGs have no cycle. */
static void find_order(struct order *o, uint32_t n_steps)
{
	uint32_t first = 0; /* all tasks below have a place, or are no steps */

	for (uint32_t step = 0; step < n_steps; step++) {
		while (!o->is_step[first] || o->at[first] != NO_PLACE)
			first++;
		uint32_t task = first;
		while (!can_be_next(o, task))
			task++;
		place(o, task, step);
	}
}

/* The steps of the chain are in the order of tasks. */
static int reorder(const struct order *o, struct sfe_job *job)
{
	struct sfe_step *steps = calloc(job->n_steps, sizeof(*steps));
	uint32_t from = 0;

	if (!steps)
		return -ENOMEM;
	for (uint32_t i = 0; i < o->d->n_tasks; i++)
		if (o->is_step[i])
			steps[o->at[i]] = job->steps[from++];
	free(job->steps);
	job->steps = steps;
	return 0;
}

static bool is_chain(const struct order *o, uint32_t n_steps)
{
	if (o->n_edges + 1 != n_steps)
		return false;
	for (size_t e = 0; e < o->n_edges; e++)
		if (o->edges[e].from + 1 != o->edges[e].to)
			return false;
	return true;
}

static void set_sizes(struct sfe_job *job)
{
	job->return_bytes = 0;
	for (uint32_t s = 0; s < job->n_steps; s++) {
		struct sfe_step *step = &job->steps[s];
		uint32_t n = sfe_steps_before(job, s);
		step->out_bytes = step->arg_bytes;
		if (n)
			step->arg_bytes = 0;
		for (uint32_t i = 0; i < n; i++)
			step->arg_bytes += job->steps[sfe_step_before(job, s, i)].out_bytes;
		if (!sfe_steps_after(job, s))
			job->return_bytes += step->out_bytes;
	}
}

/* Steps update the states that they use, but only read those that others use at the same time. */
static int set_access(struct sfe_job *job, struct sfe_graph *graph)
{
	int rc = sfe_graph_add_states(graph, job); /* as if all were updates */

	for (uint32_t s = 0; !rc && s < job->n_steps; s++) {
		struct sfe_step *step = &job->steps[s];
		step->access = calloc((size_t)step->n_deps + 1, sizeof(*step->access));
		if (!step->access)
			return -ENOMEM;
		for (uint32_t i = 0; i < step->n_deps; i++)
			if (sfe_state_changes_beside(job, step->deps[i], s))
				step->access[i] = SFE_READ;
	}
	return rc ? rc : sfe_graph_add_states(graph, job);
}

int sfe_trace_graph(const struct sfe_dag *d, const uint8_t *role, struct sfe_job *job,
	struct sfe_graph **graph, struct sfe_graph **uses)
{
	struct order o = {.d = d};
	size_t most = 0;

	*graph = *uses = NULL;
	for (uint32_t i = 0; i < d->n_tasks; i++) {
		o.at[i] = NO_PLACE;
		o.is_step[i] = role[i] == SFE_DAG_STEP;
		most += d->tasks[i].n_preds;
	}
	o.edges = calloc(most + 1, sizeof(*o.edges));
	if (!o.edges)
		return -ENOMEM;
	find_order(&o, job->n_steps);
	int rc = reorder(&o, job);
	if (!rc && !is_chain(&o, job->n_steps))
		rc = sfe_graph_new(job->n_steps, o.edges, o.n_edges, graph);
	free(o.edges);
	if (rc)
		return rc;
	job->graph = *graph;
	job->declared = true;
	set_sizes(job);
	rc = *graph ? set_access(job, *graph) : sfe_graph_of_chain(job, uses);
	job->uses = *uses;
	return rc;
}
