/* SPDX-License-Identifier: MIT */
/* What the scenario's functions make of a workload: operations, and sizes of arguments. */
#include <errno.h>
#include <stdio.h>
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
		if (spec->says_output)
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

/* ---- what nobody says */

#define MOST_NAMES 8u

/* The functions that steps call, in the order of functions:. */
static int called_by_steps(const struct sfe_scenario *s, const struct sfe_workload *w, bool **out)
{
	bool *used = calloc((size_t)w->n_functions + 1, sizeof(*used));
	bool *called = calloc((size_t)s->functions.n + 1, sizeof(*called));

	*out = called;
	if (!used || !called) {
		free(used);
		return -ENOMEM;
	}
	for (uint32_t j = 0; j < w->n_jobs; j++)
		for (uint32_t i = 0; i < w->jobs[j].n_steps; i++)
			used[w->jobs[j].steps[i].function] = true;
	for (uint32_t f = 0; f < w->n_functions; f++) {
		const struct sfe_function_spec *spec =
			used[f] ? sfe_scenario_function(s, w->function_names[f]) : NULL;
		if (spec)
			called[spec - s->functions.of] = true;
	}
	free(used);
	return 0;
}

/* "no KEY: is said for a, b and 2 others (WHAT)", after a comma if there was something before.
 * Whether there is such a function. */
static bool add_unsaid(const struct sfe_scenario *s, const bool *called, bool ops, const char *what,
	bool before, FILE *out)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->functions.n; i++) {
		const struct sfe_function_spec *f = &s->functions.of[i];
		if (!called[i] || (ops ? f->says_ops : f->says_output))
			continue;
		if (!n)
			fprintf(out, "%sno %s: is said for ", before ? ", and " : "",
				ops ? "ops" : "output");
		if (n < MOST_NAMES)
			fprintf(out, "%s%s", n ? ", " : "", f->name);
		n++;
	}
	if (n > MOST_NAMES)
		fprintf(out, " and %u others", n - MOST_NAMES);
	if (n)
		fprintf(out, " (%s)", what);
	return n;
}

int sfe_functions_unpredicted(
	const struct sfe_scenario *s, const struct sfe_workload *w, char **text)
{
	bool trace = false, workflows = false, *called;
	size_t size;

	*text = NULL;
	for (uint32_t j = 0; j < w->n_jobs; j++)
		*(w->jobs[j].workflow ? &workflows : &trace) = true;
	int r = called_by_steps(s, w, &called);
	FILE *out = r ? NULL : open_memstream(text, &size);
	if (!out) {
		free(called);
		return -ENOMEM;
	}
	bool any = add_unsaid(s, called, false,
		trace && workflows ? "they count as 0 bytes in workflows, and as the trace has "
				     "them in its jobs"
		: trace            ? "they count as the trace has them"
				   : "they count as 0 bytes",
		false, out);
	any |= add_unsaid(s, called, true, "computing takes no time", any, out);
	free(called);
	if (fclose(out) || !any) {
		free(*text);
		*text = NULL;
	}
	return 0;
}
