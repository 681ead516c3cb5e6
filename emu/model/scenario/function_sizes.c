/* SPDX-License-Identifier: MIT */
/* What the scenario's functions make of a workload: operations, and sizes of arguments. */
#include <errno.h>
#include <stdlib.h>

#include "emu/model/scenario/scenario_functions.h"
#include "emu/model/workload/job_graph.h"
#include "sfemu/workflow.h"

/* Whether a step calls a plugin, which may call any function of the scenario. */
static bool has_plugin(const struct sfe_scenario *s, const struct sfe_workload *w)
{
	for (uint32_t f = 0; f < w->n_functions; f++) {
		const struct sfe_function_spec *spec =
			sfe_scenario_function(s, w->function_names[f]);
		if (spec && spec->kind == SFE_FUNCTION_PLUGIN)
			return true;
	}
	return false;
}

/* Functions that no step calls come after the others. */
static int add_called_by_plugins(
	const struct sfe_scenario *s, struct sfe_workload *w, struct sfe_error *err)
{
	if (!has_plugin(s, w))
		return 0;
	for (uint32_t i = 0; i < s->functions.n; i++)
		if (sfe_workload_add_function(w, s->functions.of[i].name, &(uint32_t){0}))
			return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	return 0;
}

/* The function of each index of the workload's names; NULL: the scenario does not define it. */
static int find_functions(const struct sfe_scenario *s, const struct sfe_workload *w,
	const struct sfe_function_spec ***out, struct sfe_error *err)
{
	uint32_t found = 0;

	*out = calloc((size_t)w->n_functions + 1, sizeof(struct sfe_function_spec *));
	if (!*out)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	for (uint32_t f = 0; f < w->n_functions; f++) {
		(*out)[f] = sfe_scenario_function(s, w->function_names[f]);
		found += !!(*out)[f];
	}
	for (uint32_t i = 0; i < s->functions.n && found < s->functions.n; i++) {
		const struct sfe_function_spec *spec = &s->functions.of[i];
		bool used = false;
		for (uint32_t f = 0; f < w->n_functions && !used; f++)
			used = (*out)[f] == spec;
		if (!used)
			return sfe_fail(err, -EINVAL, spec->where,
				"name it as a function of the workload, or leave it out",
				"functions.%s: nothing calls it; the workload calls %s … %s, and "
				"no plugin that could call others",
				spec->name, w->function_names[0],
				w->function_names[w->n_functions - 1]);
	}
	return 0;
}

/* The outputs of the steps before, or the job's argument. */
static uint64_t argument_of(const struct sfe_job *job, uint32_t step)
{
	uint32_t n = sfe_steps_before(job, step);
	uint64_t bytes = n ? 0 : job->steps[step].arg_bytes;

	for (uint32_t i = 0; i < n; i++)
		bytes += job->steps[sfe_step_before(job, step, i)].out_bytes;
	return bytes;
}

static int apply_to_job(
	const struct sfe_function_spec *const *of, struct sfe_job *job, struct sfe_error *err)
{
	bool changed = false;

	for (uint32_t s = 0; s < job->n_steps; s++) {
		struct sfe_step *step = &job->steps[s];
		const struct sfe_function_spec *spec = of[step->function];
		step->arg_bytes = argument_of(job, s);
		if (!spec)
			continue;
		changed = true;
		step->ops = sfe_law_value(&spec->ops, step->arg_bytes);
		if (spec->kind == SFE_FUNCTION_SYNTHETIC)
			step->out_bytes = sfe_law_value(&spec->output, step->arg_bytes);
		if (step->out_bytes > SFE_MAX_STATE_BYTES)
			return sfe_fail(err, -EINVAL, spec->where, "give it a smaller factor",
				"functions.%s: its output is larger than 1 TiB in task %u of job "
				"%u",
				spec->name, step->task, job->number);
	}
	/* The published model returns as many bytes as the job's argument has; here it is known. */
	if (changed) {
		job->return_bytes = 0;
		for (uint32_t s = 0; s < job->n_steps; s++)
			job->return_bytes += sfe_steps_after(job, s) ? 0 : job->steps[s].out_bytes;
	}
	return 0;
}

int sfe_scenario_apply_functions(
	const struct sfe_scenario *s, struct sfe_workload *w, struct sfe_error *err)
{
	const struct sfe_function_spec **of = NULL;
	int r;

	if (!s->functions.n)
		return 0;
	r = add_called_by_plugins(s, w, err);
	r = r ? r : find_functions(s, w, &of, err);
	for (uint32_t j = 0; j < w->n_jobs && !r; j++)
		r = apply_to_job(of, &w->jobs[j], err);
	free(of);
	return r;
}
