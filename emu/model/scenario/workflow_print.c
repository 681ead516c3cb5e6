/* SPDX-License-Identifier: MIT */
/* Writes the section `workflows` as resolved. */
#include <stdlib.h>
#include <string.h>

#include "emu/model/scenario/scenario_workflows.h"
#include "emu/model/workload/job_graph.h"

static void print_content(const char *file, uint64_t bytes, FILE *out)
{
	char size[SFE_UNIT_TEXT];

	if (!file) {
		fprintf(out, "size: %s", sfe_format_size(bytes, size));
		return;
	}
	fputs("file: ", out);
	sfe_tree_print_text(file, out);
}

/* The shortest number that reads back as the same. */
static void print_rate(double rate, FILE *out)
{
	char buf[32];

	snprintf(buf, sizeof(buf), "%.15g", rate);
	if (strtod(buf, NULL) != rate)
		snprintf(buf, sizeof(buf), "%.17g", rate);
	fprintf(out, ", arrivals: poisson %s", buf);
}

static void print_start(const struct sfe_workflow *f, FILE *out)
{
	char time[SFE_UNIT_TEXT];

	for (uint32_t i = 0; i < f->n_clients; i++) {
		fputs(i ? ", " : ", clients: [", out);
		sfe_tree_print_text(f->clients[i], out);
	}
	fputs(f->n_clients ? "]" : "", out);
	if (!f->n_at)
		fprintf(out, ", jobs: %u", f->jobs);
	for (uint32_t i = 0; i < f->n_at; i++)
		fprintf(out, "%s%s", i ? ", " : ", at: [", sfe_format_time(f->at_ns[i], time));
	fputs(f->n_at ? "]" : "", out);
	if (f->poisson_rate > 0)
		print_rate(f->poisson_rate, out);
}

static void print_states(const struct sfe_workflow *f, FILE *out)
{
	for (uint32_t i = 0; i < f->n_states + f->n_shared; i++) {
		const struct sfe_workflow_state *state = &f->states[i];
		fputs(i ? ", " : ", states: {", out);
		fprintf(out, "%s: {", state->name);
		print_content(state->file, state->bytes, out);
		if (state->scope != SFE_SCOPE_JOB)
			fprintf(out, ", scope: %s, consistency: %s", sfe_scope_names[state->scope],
				sfe_consistency_names[state->consistency]);
		fputc('}', out);
	}
	fputs(f->n_states + f->n_shared ? "}" : "", out);
}

static const char *shared_name(const struct sfe_workflow *f, uint32_t shared)
{
	uint32_t i = f->n_states;

	while (f->states[i].shared != shared)
		i++;
	return f->states[i].name;
}

static void print_use(const char *name, const char *word, bool first, FILE *out)
{
	if (first)
		fprintf(out, ", %s: [", word);
	else
		fputs(", ", out);
	fputs(name, out);
}

static void print_uses(const struct sfe_workflow *f, const struct sfe_workflow_step *step,
	enum sfe_access access, const char *word, FILE *out)
{
	bool any = false;

	for (uint32_t i = 0; i < step->n_uses; i++) {
		if (step->access[i] != access)
			continue;
		print_use(f->states[step->uses[i]].name, word, !any, out);
		any = true;
	}
	for (uint32_t i = 0; i < step->shared.n; i++) {
		if (step->shared.of[i].access != access)
			continue;
		print_use(shared_name(f, step->shared.of[i].state), word, !any, out);
		any = true;
	}
	fputs(any ? "]" : "", out);
}

static void print_step(const struct sfe_workflow *f, uint32_t s, FILE *out)
{
	const struct sfe_workflow_step *step = &f->steps[s];
	const struct sfe_graph *g = f->graph;

	fprintf(out, "{name: %s, function: ", step->name);
	sfe_tree_print_text(step->function, out);
	for (uint32_t i = g->before_begin[s]; i < g->before_begin[s + 1]; i++)
		fprintf(out, "%s%s", i == g->before_begin[s] ? ", after: [" : ", ",
			f->steps[g->before[i]].name);
	fputs(g->before_begin[s] < g->before_begin[s + 1] ? "]" : "", out);
	if (step->hint) {
		fputs(", hint: ", out);
		sfe_tree_print_text(step->hint, out);
	}
	print_uses(f, step, SFE_READ, "read", out);
	print_uses(f, step, SFE_WRITE, "write", out);
	print_uses(f, step, SFE_UPDATE, "update", out);
	fputc('}', out);
}

static void print_graph(const struct sfe_workflow *f, FILE *out)
{
	if (!f->n_steps) { /* of a file that was not opened */
		fputs(", file: ", out);
		sfe_tree_print_text(f->steps_file, out);
		return;
	}
	print_states(f, out);
	fputs(", steps: [", out);
	for (uint32_t k = 0; k < f->n_steps; k++) {
		fputs(k ? ", " : "", out);
		print_step(f, k, out);
	}
	fputc(']', out);
}

void sfe_section_workflows_print(const struct sfe_scenario *s, FILE *out)
{
	for (uint32_t i = 0; i < s->workflows.n; i++) {
		const struct sfe_workflow *f = &s->workflows.of[i];
		fprintf(out, "%s{name: %s", i ? ", " : "[", f->name);
		print_start(f, out);
		fputs(", argument: {", out);
		print_content(f->arg_file, f->arg_bytes, out);
		fputc('}', out);
		print_graph(f, out);
		fputc('}', out);
	}
	fputc(']', out);
}
