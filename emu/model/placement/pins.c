/* SPDX-License-Identifier: MIT */
#include "emu/model/placement/pins.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/known_names.h"
#include "sfemu/workflow.h"

struct sfe_pin_table {
	const struct sfe_pins *pins;
	const struct sfe_workload *w;
	/* Of pin p: match[p].node[n] says whether the node matches, and so on. NULL: any does. */
	struct match {
		bool *node, *client, *function, *workflow;
	} * match;
};

static bool *matches(const char *pattern, uint32_t n, const char *(*name)(const void *, uint32_t),
	const void *of, bool *any)
{
	bool *yes = calloc((size_t)n + 1, sizeof(*yes));

	*any = false;
	for (uint32_t i = 0; yes && i < n; i++) {
		const char *text = name(of, i);
		yes[i] = text && !fnmatch(pattern, text, 0);
		*any |= yes[i];
	}
	return yes;
}

static const char *node_name(const void *topology, uint32_t i)
{
	return ((const struct sfe_topology *)topology)->nodes[i].name;
}

static const char *client_name(const void *topology, uint32_t i)
{
	const struct sfe_node *node = &((const struct sfe_topology *)topology)->nodes[i];

	return node->client ? node->name : NULL;
}

static const char *function_name(const void *workload, uint32_t i)
{
	return ((const struct sfe_workload *)workload)->function_names[i];
}

static const char *workflow_name(const void *workload, uint32_t i)
{
	return ((const struct sfe_workload *)workload)->workflows->of[i].name;
}

/* A step's name, or its number in a trace's job. */
static bool step_matches(
	const struct sfe_workload *w, const struct sfe_job *job, uint32_t step, const char *pattern)
{
	const char *name = sfe_step_name(w, job, step);
	char number[16];

	snprintf(number, sizeof(number), "%u", step);
	return !fnmatch(pattern, name ? name : number, 0);
}

static bool any_step_matches(const struct sfe_workload *w, const char *pattern)
{
	for (uint32_t j = 0; j < w->n_jobs; j++)
		for (uint32_t s = 0; s < w->jobs[j].n_steps; s++)
			if (step_matches(w, &w->jobs[j], s, pattern))
				return true;
	return false;
}

static int fail(const struct sfe_pin_table *table, const struct sfe_pin *pin, const char *what,
	const char *pattern, const char *todo, struct sfe_error *err)
{
	return sfe_fail_at(err, -EINVAL, table->pins->file, pin->line, todo,
		"placement: pin: no %s matches %.80s", what, pattern);
}

/* The steps of all workflows, one after the other. */
static const char *step_name(const void *workload, uint32_t i)
{
	const struct sfe_workflows *all = ((const struct sfe_workload *)workload)->workflows;

	for (uint32_t f = 0; all && f < all->n; f++) {
		if (i < all->of[f].n_steps)
			return all->of[f].steps[i].name;
		i -= all->of[f].n_steps;
	}
	return NULL;
}

static uint32_t n_step_names(const struct sfe_workload *w)
{
	uint32_t n = 0;

	for (uint32_t f = 0; w->workflows && f < w->workflows->n; f++)
		n += w->workflows->of[f].n_steps;
	return n;
}

static bool any_function_matches(const struct sfe_workload *w, const char *pattern)
{
	for (uint32_t i = 0; i < w->n_functions; i++)
		if (!fnmatch(pattern, w->function_names[i], 0))
			return true;
	return false;
}

static int fail_step(
	const struct sfe_pin_table *table, const struct sfe_pin *pin, struct sfe_error *err)
{
	const struct sfe_workload *w = table->w;
	uint32_t n = n_step_names(w);
	char todo[SFE_ADVICE];

	if (any_function_matches(w, pin->step))
		return fail(table, pin, "step", pin->step,
			"that is a function: write function: in place of step:", err);
	return fail(table, pin, "step", pin->step,
		n ? sfe_known_names(
			    todo, "write a step's name or a pattern", pin->step, step_name, w, n)
		  : "the steps of a trace's job have numbers from 0",
		err);
}

static int compile(struct sfe_pin_table *table, uint32_t i, const struct sfe_topology *t,
	struct sfe_error *err)
{
	const struct sfe_pin *pin = &table->pins->of[i];
	const struct sfe_workload *w = table->w;
	const struct {
		const char *what, *pattern;
		bool **yes;
		uint32_t n;
		const char *(*name)(const void *, uint32_t);
		const void *of;
	} parts[] = {
		{"node", pin->node, &table->match[i].node, t->n_nodes, node_name, t},
		{"client", pin->client, &table->match[i].client, t->n_nodes, client_name, t},
		{"function", pin->function, &table->match[i].function, w->n_functions,
			function_name, w},
		{"workflow", pin->workflow, &table->match[i].workflow,
			w->workflows ? w->workflows->n : 0, workflow_name, w},
	};

	for (size_t k = 0; k < sizeof(parts) / sizeof(parts[0]); k++) {
		bool any;
		if (!parts[k].pattern)
			continue;
		*parts[k].yes =
			matches(parts[k].pattern, parts[k].n, parts[k].name, parts[k].of, &any);
		if (!*parts[k].yes)
			return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for the pins");
		char todo[SFE_ADVICE];
		if (!any && parts[k].pattern == pin->function && any_step_matches(w, pin->function))
			return fail(table, pin, parts[k].what, parts[k].pattern,
				"that is a step: write step: in place of function:", err);
		if (!any)
			return fail(table, pin, parts[k].what, parts[k].pattern,
				sfe_known_names(todo, "write a name or a pattern", parts[k].pattern,
					parts[k].name, parts[k].of, parts[k].n),
				err);
	}
	return pin->step && !any_step_matches(w, pin->step) ? fail_step(table, pin, err) : 0;
}

int sfe_pin_table_new(const struct sfe_pins *pins, const struct sfe_topology *t,
	const struct sfe_workload *w, struct sfe_pin_table **out, struct sfe_error *err)
{
	struct sfe_pin_table *table = calloc(1, sizeof(*table));
	int rc = 0;

	*out = NULL;
	if (table) {
		table->pins = pins;
		table->w = w;
		table->match = calloc((size_t)pins->n + 1, sizeof(*table->match));
	}
	if (!table || !table->match)
		rc = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for the pins");
	for (uint32_t i = 0; i < pins->n && !rc; i++)
		rc = compile(table, i, t, err);
	if (rc)
		sfe_pin_table_free(table);
	else
		*out = table;
	return rc;
}

void sfe_pin_table_free(struct sfe_pin_table *table)
{
	if (!table)
		return;
	for (uint32_t i = 0; table->match && i < table->pins->n; i++) {
		free(table->match[i].node);
		free(table->match[i].client);
		free(table->match[i].function);
		free(table->match[i].workflow);
	}
	free(table->match);
	free(table);
}

const char *sfe_pin_table_file(const struct sfe_pin_table *table)
{
	return table->pins->file;
}

static bool holds_function(const struct sfe_pin_table *table, uint32_t i, uint32_t client,
	const struct sfe_job *job, uint32_t function)
{
	const struct match *m = &table->match[i];

	return (!m->client || m->client[client]) && (!m->function || m->function[function]) &&
	       (!m->workflow || (job->workflow && m->workflow[job->workflow - 1]));
}

static bool holds(const struct sfe_pin_table *table, uint32_t i, uint32_t client,
	const struct sfe_job *job, uint32_t step)
{
	const struct sfe_pin *pin = &table->pins->of[i];

	return holds_function(table, i, client, job, job->steps[step].function) &&
	       (!pin->step || step_matches(table->w, job, step, pin->step));
}

const struct sfe_pin *sfe_pin_table_next(const struct sfe_pin_table *table, uint32_t client,
	const struct sfe_job *job, uint32_t step, uint32_t *next)
{
	while (*next < table->pins->n)
		if (holds(table, (*next)++, client, job, step))
			return &table->pins->of[*next - 1];
	return NULL;
}

bool sfe_pin_table_allows(const struct sfe_pin_table *table, uint32_t client,
	const struct sfe_job *job, uint32_t step, uint32_t node)
{
	for (uint32_t i = 0; i < table->pins->n; i++)
		if (!table->match[i].node[node] && holds(table, i, client, job, step))
			return false;
	return true;
}

bool sfe_pin_table_allows_function(const struct sfe_pin_table *table, uint32_t client,
	const struct sfe_job *job, uint32_t function, uint32_t node)
{
	for (uint32_t i = 0; i < table->pins->n; i++)
		if (!table->match[i].node[node] && !table->pins->of[i].step &&
			holds_function(table, i, client, job, function))
			return false;
	return true;
}
