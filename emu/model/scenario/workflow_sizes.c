/* SPDX-License-Identifier: MIT */
/* Operations and sizes of the steps of workflows, from the laws of the functions that they call. */
#include <errno.h>
#include <inttypes.h>

#include "emu/model/base/known_names.h"
#include "emu/model/scenario/scenario_functions.h"
#include "emu/model/scenario/scenario_workflows.h"

/* The file of the steps' lines. */
static const char *file_of_steps(const struct sfe_workflow *f)
{
	return f->steps_file ? f->steps_file : f->file;
}

static int fail(const struct sfe_workflow *f, const char *file, unsigned line,
	struct sfe_error *err, const char *what, const char *name, uint64_t bytes)
{
	return sfe_fail_at(err, -EINVAL, file, line, "make the argument, outputs or states smaller",
		"workflows: %s: %s%s of %" PRIu64 " bytes with states of %" PRIu64
		" bytes is more than a message may be, 1 GiB",
		f->name, what, name, bytes, f->states_total_bytes);
}

static uint64_t output_of_predecessors(const struct sfe_workflow *f, uint32_t s)
{
	const struct sfe_graph *g = f->graph;
	uint64_t bytes = 0;

	for (uint32_t i = g->before_begin[s]; i < g->before_begin[s + 1]; i++)
		bytes += f->steps[g->before[i]].out_bytes;
	return bytes;
}

static const char *name_of_function(const void *scenario, uint32_t i)
{
	return ((const struct sfe_scenario *)scenario)->functions.of[i].name;
}

static int size_step(const struct sfe_scenario *s, struct sfe_workflow *f, uint32_t number,
	struct sfe_error *err)
{
	struct sfe_workflow_step *step = &f->steps[number];
	const struct sfe_graph *g = f->graph;
	const struct sfe_function_spec *function = sfe_scenario_function(s, step->function);

	char todo[SFE_ADVICE];
	if (!function)
		return sfe_fail_at(err, -EINVAL, file_of_steps(f), step->line,
			s->functions.n
				? sfe_known_names(todo, "name one of functions", step->function,
					  name_of_function, s, s->functions.n)
				: "write functions: {NAME: {ops: 2e8, output: 40kB}}",
			"workflows: %s: step %s: there is no function %.80s", f->name, step->name,
			step->function);
	step->arg_bytes = g->before_begin[number] < g->before_begin[number + 1]
				  ? output_of_predecessors(f, number)
				  : f->arg_bytes;
	step->ops = sfe_law_value(&function->ops, step->arg_bytes);
	step->out_bytes = sfe_law_value(&function->output, step->arg_bytes);
	if (step->arg_bytes + f->states_total_bytes > SFE_MAX_MESSAGE_BYTES)
		return fail(f, file_of_steps(f), step->line, err, "the argument of step ",
			step->name, step->arg_bytes);
	if (step->out_bytes > SFE_MAX_MESSAGE_BYTES - f->states_total_bytes)
		return fail(f, file_of_steps(f), step->line, err, "the output of step ", step->name,
			step->out_bytes);
	if (g->after_begin[number] == g->after_begin[number + 1])
		f->return_bytes += step->out_bytes;
	return 0;
}

static int size_workflow(
	const struct sfe_scenario *s, struct sfe_workflow *f, struct sfe_error *err)
{
	int rc = 0;

	f->return_bytes = 0;
	for (uint32_t i = 0; i < f->n_steps && !rc; i++)
		rc = size_step(s, f, i, err);
	if (!rc && f->return_bytes + f->states_total_bytes > SFE_MAX_MESSAGE_BYTES)
		return fail(f, f->file, f->line, err, "the return value", "", f->return_bytes);
	return rc;
}

/* Without arrivals of its own a workflow of several jobs needs those of the scenario. */
static int check_arrivals(
	const struct sfe_scenario *s, const struct sfe_workflow *f, struct sfe_error *err)
{
	bool own = f->n_at || f->poisson_rate > 0,
	     sequential = s->workload.arrivals == SFE_ARRIVALS_SEQUENTIAL;

	if (own && sequential)
		return sfe_fail_at(err, -EINVAL, f->file, f->line, "leave one of them out",
			"workflows: %s: arrivals, but workload.arrivals is sequential: all jobs "
			"run "
			"one after the other",
			f->name);
	if (!own && !sequential && f->jobs > 1)
		return sfe_fail_at(err, -EINVAL, f->file, f->line,
			"write arrivals: poisson RATE, or at: [0s, 1.5s]",
			"workflows: %s: when its %u jobs start is not said", f->name, f->jobs);
	return 0;
}

int sfe_scenario_size_workflows(struct sfe_scenario *s, struct sfe_error *err)
{
	uint64_t invocations = 0;
	int rc = 0;

	for (uint32_t i = 0; i < s->workflows.n && !rc; i++) {
		struct sfe_workflow *f = &s->workflows.of[i];
		rc = check_arrivals(s, f, err);
		rc = rc ? rc : size_workflow(s, f, err);
		invocations += (uint64_t)f->jobs * f->n_steps;
		if (!rc && invocations > SFE_MAX_WORKFLOW_INVOCATIONS)
			return sfe_fail_at(err, -EINVAL, f->file, f->line, "ask for fewer jobs",
				"workflows: more than %u invocations",
				SFE_MAX_WORKFLOW_INVOCATIONS);
	}
	return rc;
}
