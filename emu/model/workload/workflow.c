/* SPDX-License-Identifier: MIT */
#include "sfemu/workflow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/workload/job_graph.h"
#include "sfemu/random.h"

const char *const sfe_scope_names[] = {
	[SFE_SCOPE_JOB] = "job",
	[SFE_SCOPE_CLIENT] = "client",
	[SFE_SCOPE_FUNCTION] = "function",
	[SFE_SCOPE_GLOBAL] = "global",
};
const char *const sfe_consistency_names[] = {
	[SFE_FIRST_WRITE] = "first-write",
	[SFE_LAST_WRITE] = "last-write",
};

static void free_workflow(struct sfe_workflow *f)
{
	for (uint32_t i = 0; i < f->n_clients; i++)
		free(f->clients[i]);
	for (uint32_t i = 0; i < f->n_states + f->n_shared; i++) {
		free(f->states[i].name);
		free(f->states[i].file);
	}
	for (uint32_t i = 0; i < f->n_steps; i++) {
		free(f->steps[i].name);
		free(f->steps[i].function);
		free(f->steps[i].hint);
		free(f->steps[i].uses);
		free(f->steps[i].access);
		free(f->steps[i].shared.of);
	}
	free(f->name);
	free(f->file);
	free(f->steps_file);
	free(f->clients);
	free(f->at_ns);
	free(f->arg_file);
	free(f->states);
	free(f->content.states);
	free(f->shared_uses);
	free(f->steps);
	sfe_graph_free(f->graph);
}

void sfe_workflows_free(struct sfe_workflows *workflows)
{
	for (uint32_t i = 0; i < workflows->n; i++)
		free_workflow(&workflows->of[i]);
	free(workflows->of);
	free(workflows->shared);
	*workflows = (struct sfe_workflows){0};
}

const struct sfe_workflow *sfe_job_workflow(const struct sfe_workload *w, const struct sfe_job *job)
{
	return job->workflow ? &w->workflows->of[job->workflow - 1] : NULL;
}

bool sfe_job_depends_on_order(const struct sfe_workload *w, const struct sfe_job *job)
{
	for (uint32_t s = 0; job->shared && s < job->n_steps; s++)
		for (uint32_t i = 0; i < job->shared[s].n; i++)
			if (job->shared[s].of[i].access != SFE_WRITE &&
				w->workflows->shared[job->shared[s].of[i].state].changes)
				return true;
	return false;
}

const char *sfe_step_name(const struct sfe_workload *w, const struct sfe_job *job, uint32_t step)
{
	const struct sfe_workflow *f = sfe_job_workflow(w, job);

	return f && step < f->n_steps ? f->steps[step].name : NULL;
}

const char *sfe_step_hint(const struct sfe_workload *w, const struct sfe_job *job, uint32_t step)
{
	const struct sfe_workflow *f = sfe_job_workflow(w, job);

	return f && step < f->n_steps ? f->steps[step].hint : NULL;
}

static int no_memory(struct sfe_error *err)
{
	return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for the workflows");
}

int sfe_workload_add_function(struct sfe_workload *w, const char *name, uint32_t *out)
{
	uint32_t i = 0;

	while (i < w->n_functions && strcmp(w->function_names[i], name) != 0)
		i++;
	*out = i;
	if (i < w->n_functions)
		return 0;
	char **more = reallocarray(w->function_names, (size_t)i + 1, sizeof(*more));
	if (more)
		w->function_names = more;
	if (!more || !(more[i] = strdup(name)))
		return -ENOMEM;
	w->n_functions++;
	w->n_workflow_functions++;
	return 0;
}

static int copy_step(const struct sfe_workflow_step *from, uint32_t number, uint32_t function,
	struct sfe_step *step)
{
	size_t n = from->n_uses;

	*step = (struct sfe_step){
		.task = number + 1,
		.function = function,
		.ops = from->ops,
		.arg_bytes = from->arg_bytes,
		.out_bytes = from->out_bytes,
		.n_deps = from->n_uses,
		.deps = calloc(n + 1, sizeof(*step->deps)),
		.access = calloc(n + 1, sizeof(*step->access)),
	};
	if (!step->deps || !step->access)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		step->deps[i] = from->uses[i];
		step->access[i] = from->access[i];
	}
	return 0;
}

static int make_job(const struct sfe_workflow *f, const uint32_t *function, struct sfe_job *job)
{
	job->graph = f->graph;
	job->declared = true;
	job->shared = f->shared_uses;
	job->content = &f->content;
	job->states_total_bytes = f->states_total_bytes;
	job->return_bytes = f->return_bytes;
	job->steps = calloc((size_t)f->n_steps + 1, sizeof(*job->steps));
	job->state_bytes = calloc((size_t)f->n_states + 1, sizeof(*job->state_bytes));
	if (!job->steps || !job->state_bytes)
		return -ENOMEM;
	for (; job->n_states < f->n_states; job->n_states++)
		job->state_bytes[job->n_states] = f->states[job->n_states].bytes;
	for (; job->n_steps < f->n_steps; job->n_steps++)
		if (copy_step(&f->steps[job->n_steps], job->n_steps, function[job->n_steps],
			    &job->steps[job->n_steps])) {
			job->n_steps++; /* of which something may have to be freed */
			return -ENOMEM;
		}
	return 0;
}

static int add_jobs(struct sfe_workload *w, uint32_t index, uint32_t first_number,
	const uint32_t *function, uint32_t seed)
{
	const struct sfe_workflow *f = &w->workflows->of[index];
	char name[2 * SFE_MAX_NAME];
	double at_s = 0;

	snprintf(name, sizeof(name), "workflow %s arrivals", f->name);
	struct sfe_stream stream = sfe_stream_named(seed, name);
	for (uint32_t j = 0; j < f->jobs; j++) {
		struct sfe_job *job = &w->jobs[w->n_jobs++];
		w->n_workflow_jobs++;
		*job = (struct sfe_job){.number = first_number + j, .workflow = index + 1};
		job->arrival_s = f->n_at ? (double)f->at_ns[j] / 1e9 : at_s;
		if (f->poisson_rate > 0)
			at_s += sfe_stream_exponential(&stream, 1 / f->poisson_rate);
		if (make_job(f, function, job))
			return -ENOMEM;
	}
	return 0;
}

/* The workload has room for the jobs. */
static int add_workflow(
	struct sfe_workload *w, uint32_t index, uint32_t first_number, uint32_t seed)
{
	const struct sfe_workflow *f = &w->workflows->of[index];
	uint32_t *function = calloc((size_t)f->n_steps + 1, sizeof(*function));
	int rc = function ? 0 : -ENOMEM;

	for (uint32_t s = 0; s < f->n_steps && !rc; s++)
		rc = sfe_workload_add_function(w, f->steps[s].function, &function[s]);
	rc = rc ? rc : add_jobs(w, index, first_number, function, seed);
	free(function);
	return rc;
}

static int make_room(struct sfe_workload *w, uint64_t jobs, struct sfe_error *err)
{
	if (w->n_jobs + jobs > SFE_MAX_JOBS)
		return sfe_fail(err, -EINVAL, "workflows", "ask for fewer",
			"more than %u jobs with those of workload.tasks", SFE_MAX_JOBS);
	struct sfe_job *more = reallocarray(w->jobs, w->n_jobs + jobs + 1, sizeof(*more));
	if (!more)
		return no_memory(err);
	w->jobs = more;
	return 0;
}

int sfe_workload_add_workflows(struct sfe_workload *w, const struct sfe_workflows *workflows,
	uint32_t seed, struct sfe_error *err)
{
	uint64_t jobs = 0, number = 0;
	int rc;

	for (uint32_t i = 0; i < workflows->n; i++)
		jobs += workflows->of[i].jobs;
	for (uint32_t j = 0; j < w->n_jobs; j++)
		number = w->jobs[j].number > number ? w->jobs[j].number : number;
	if (number + jobs > UINT32_MAX)
		return sfe_fail(err, -EINVAL, "workflows", "number the jobs of the trace otherwise",
			"their jobs come after j_%llu of the trace, beyond %u",
			(unsigned long long)number, UINT32_MAX);
	if ((rc = make_room(w, jobs, err)))
		return rc;
	w->workflows = workflows;
	for (uint32_t i = 0; i < workflows->n && !rc; i++) {
		rc = add_workflow(w, i, (uint32_t)number + 1, seed) ? no_memory(err) : 0;
		number += workflows->of[i].jobs;
	}
	return rc;
}
