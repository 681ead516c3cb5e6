/* SPDX-License-Identifier: MIT */
#include "emu/model/workload/workflow_show.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sfemu/units.h"

#define WIDTH 80

static const char *const words[] = {
	[SFE_UPDATE] = "update", [SFE_READ] = "read", [SFE_WRITE] = "write"};

/* The names of the steps before it, and of the states that it uses, as one text. */
static char *relations(
	const struct sfe_workflow *f, const struct sfe_shared_state *shared, uint32_t s)
{
	const struct sfe_workflow_step *step = &f->steps[s];
	const struct sfe_graph *g = f->graph;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	for (uint32_t i = g->before_begin[s]; i < g->before_begin[s + 1]; i++)
		fprintf(out, "%s%s", i == g->before_begin[s] ? "after " : ", ",
			f->steps[g->before[i]].name);
	for (uint32_t i = 0; i < step->n_uses; i++)
		fprintf(out, "%s%s %s",
			i                                             ? ", "
			: g->before_begin[s] < g->before_begin[s + 1] ? "; "
								      : "",
			words[step->access[i]], f->states[step->uses[i]].name);
	for (uint32_t i = 0; i < step->shared.n; i++)
		fprintf(out, "%s%s %s",
			i || step->n_uses                             ? ", "
			: g->before_begin[s] < g->before_begin[s + 1] ? "; "
								      : "",
			words[step->shared.of[i].access], shared[step->shared.of[i].state].name);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

static void show_step(
	const struct sfe_workflow *f, const struct sfe_shared_state *shared, uint32_t s, FILE *out)
{
	const struct sfe_workflow_step *step = &f->steps[s];
	char argument[SFE_UNIT_TEXT], output[SFE_UNIT_TEXT], *text = relations(f, shared, s);
	char line[8 * SFE_MAX_NAME];
	int used = snprintf(line, sizeof(line), "  %-9s %-9s %7.3g op %6s -> %-6s", step->name,
		step->function, (double)step->ops, sfe_format_size(step->arg_bytes, argument),
		sfe_format_size(step->out_bytes, output));
	int room = WIDTH - used - 1, len = text ? (int)strlen(text) : 0;

	/* What does not fit has a line of its own, and is cut there. */
	if (len <= room)
		fprintf(out, "%s %s\n", line, text ? text : "");
	else
		fprintf(out, "%.*s\n    %.*s\n", WIDTH, line, WIDTH - 4, text);
	free(text);
}

void sfe_workflows_show(const struct sfe_workflows *workflows, FILE *out)
{
	char size[SFE_UNIT_TEXT], states[SFE_UNIT_TEXT];

	for (uint32_t i = 0; i < workflows->n; i++) {
		const struct sfe_workflow *f = &workflows->of[i];
		fprintf(out, "\nworkflow %s\n", f->name);
		fprintf(out, "  %u jobs, argument %s, %u states of %s\n", f->jobs,
			sfe_format_size(f->arg_bytes, size), f->n_states,
			sfe_format_size(f->states_total_bytes, states));
		for (uint32_t k = f->n_states; k < f->n_states + f->n_shared; k++)
			fprintf(out, "  state %s of %s: scope %s, %s\n", f->states[k].name,
				sfe_format_size(f->states[k].bytes, size),
				sfe_scope_names[f->states[k].scope],
				sfe_consistency_names[f->states[k].consistency]);
		for (uint32_t s = 0; s < f->n_steps; s++)
			show_step(f, workflows->shared, s, out);
	}
}

static json_object *json_steps(const struct sfe_workflow *f, const struct sfe_shared_state *shared)
{
	json_object *all = json_object_new_array();

	for (uint32_t s = 0; s < f->n_steps; s++) {
		const struct sfe_workflow_step *step = &f->steps[s];
		json_object *o = json_object_new_object(), *after = json_object_new_array();
		for (uint32_t i = f->graph->before_begin[s]; i < f->graph->before_begin[s + 1]; i++)
			json_object_array_add(
				after, json_object_new_string(f->steps[f->graph->before[i]].name));
		json_object_object_add(o, "name", json_object_new_string(step->name));
		json_object_object_add(o, "function", json_object_new_string(step->function));
		json_object_object_add(o, "after", after);
		for (unsigned a = 0; a < sizeof(words) / sizeof(words[0]); a++) {
			json_object *uses = json_object_new_array();
			for (uint32_t i = 0; i < step->n_uses; i++)
				if (step->access[i] == a)
					json_object_array_add(
						uses, json_object_new_string(
							      f->states[step->uses[i]].name));
			for (uint32_t i = 0; i < step->shared.n; i++)
				if (step->shared.of[i].access == a)
					json_object_array_add(uses,
						json_object_new_string(
							shared[step->shared.of[i].state].name));
			json_object_object_add(o, words[a], uses);
		}
		json_object_object_add(o, "operations", json_object_new_uint64(step->ops));
		json_object_object_add(
			o, "argument_bytes", json_object_new_uint64(step->arg_bytes));
		json_object_object_add(o, "output_bytes", json_object_new_uint64(step->out_bytes));
		json_object_array_add(all, o);
	}
	return all;
}

json_object *sfe_workflows_json(const struct sfe_workflows *workflows)
{
	json_object *all = json_object_new_array();

	for (uint32_t i = 0; i < workflows->n; i++) {
		const struct sfe_workflow *f = &workflows->of[i];
		json_object *o = json_object_new_object(), *states = json_object_new_object(),
			    *shared = json_object_new_object();
		for (uint32_t k = 0; k < f->n_states; k++)
			json_object_object_add(states, f->states[k].name,
				json_object_new_uint64(f->states[k].bytes));
		for (uint32_t k = f->n_states; k < f->n_states + f->n_shared; k++) {
			json_object *of = json_object_new_object();
			json_object_object_add(
				of, "bytes", json_object_new_uint64(f->states[k].bytes));
			json_object_object_add(of, "scope",
				json_object_new_string(sfe_scope_names[f->states[k].scope]));
			json_object_object_add(of, "consistency",
				json_object_new_string(
					sfe_consistency_names[f->states[k].consistency]));
			json_object_object_add(shared, f->states[k].name, of);
		}
		json_object_object_add(o, "name", json_object_new_string(f->name));
		json_object_object_add(o, "jobs", json_object_new_int64(f->jobs));
		json_object_object_add(o, "argument_bytes", json_object_new_uint64(f->arg_bytes));
		json_object_object_add(o, "state_bytes", states);
		if (f->n_shared)
			json_object_object_add(o, "shared_states", shared);
		else
			json_object_put(shared);
		json_object_object_add(o, "steps", json_steps(f, workflows->shared));
		json_object_array_add(all, o);
	}
	return all;
}
