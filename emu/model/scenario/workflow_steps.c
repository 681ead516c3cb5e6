/* SPDX-License-Identifier: MIT */
/* The steps of a workflow: reads them in any order, sorts them, and checks how they use states. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/known_names.h"
#include "emu/model/placement/hints.h"
#include "emu/model/scenario/workflow_reader.h"
#include "emu/model/workload/job_graph.h"

typedef const struct sfe_workflow_reader reader;

struct steps { /* in the order of the scenario, and the edges between them */
	reader *r;
	const struct sfe_tree *t;
	struct sfe_edge *edge;
	uint32_t n_edges;
	uint32_t *number; /* a step's number in topological order; SFE_NONE: not yet */
};

static const struct sfe_tree *key_of(const struct steps *x, uint32_t step, const char *key)
{
	return sfe_tree_get(x->t->child[step], key);
}

static const char *name_of_step(const void *workflow, uint32_t i)
{
	return ((const struct sfe_workflow *)workflow)->steps[i].name;
}

static const char *name_of_state(const void *workflow, uint32_t i)
{
	return ((const struct sfe_workflow *)workflow)->states[i].name;
}

static uint32_t find_step(const struct sfe_workflow *f, const char *name)
{
	uint32_t i = 0;

	while (i < f->n_steps && strcmp(f->steps[i].name, name) != 0)
		i++;
	return i < f->n_steps ? i : SFE_NONE;
}

static uint32_t find_state(const struct sfe_workflow *f, const char *name)
{
	uint32_t i = 0;

	while (i < f->n_states + f->n_shared && strcmp(f->states[i].name, name) != 0)
		i++;
	return i < f->n_states + f->n_shared ? i : SFE_NONE;
}

static int read_hint(reader *r, const struct sfe_tree *t, struct sfe_workflow_step *step)
{
	const char *text = sfe_tree_text(t, r->file, "hint", r->err);
	struct sfe_error cause = {0};

	if (!text)
		return -EINVAL;
	if (sfe_hint_check(text, &cause))
		return sfe_workflow_fail(
			r, t, cause.todo, "step %s: hint: %s", step->name, cause.what);
	step->hint = strdup(text);
	return step->hint ? 0 : sfe_workflow_no_memory(r);
}

static int read_step(reader *r, const struct sfe_tree *t, struct sfe_workflow_step *step)
{
	static const char *const keys[] = {
		"name", "function", "after", "hint", "read", "write", "update", NULL};
	const struct sfe_tree *name = sfe_tree_get(t, "name"),
			      *function = sfe_tree_get(t, "function");
	int rc;

	step->line = t->line;
	if (t->kind != SFE_TREE_MAPPING)
		return sfe_workflow_fail(r, t, "write {name: NAME, function: FUNCTION}",
			"steps: an element is not a group of keys");
	if ((rc = sfe_tree_check_keys(t, r->file, keys, r->err)))
		return rc;
	if (!name || !function)
		return sfe_workflow_fail(r, t, "write {name: NAME, function: FUNCTION}",
			"steps: an element has no %s", name ? "function" : "name");
	if ((rc = sfe_workflow_read_name(r, name, &step->name)))
		return rc;
	const char *text = sfe_tree_text(function, r->file, "function", r->err);
	if (!text)
		return -EINVAL;
	step->function = strdup(text);
	const struct sfe_tree *hint = sfe_tree_get(t, "hint");
	if (!step->function)
		return sfe_workflow_no_memory(r);
	return hint ? read_hint(r, hint, step) : 0;
}

static int read_all(const struct steps *x)
{
	struct sfe_workflow *f = x->r->f;
	int rc = 0;

	f->steps = calloc(x->t->n, sizeof(*f->steps));
	if (!f->steps)
		return sfe_workflow_no_memory(x->r);
	for (uint32_t i = 0; i < x->t->n && !rc; i++) {
		rc = read_step(x->r, x->t->child[i], &f->steps[i]);
		uint32_t other = rc ? SFE_NONE : find_step(f, f->steps[i].name);
		f->n_steps++;
		if (other != SFE_NONE)
			rc = sfe_workflow_fail(x->r, x->t->child[i], "choose another name",
				"a step %s is at line %u", f->steps[i].name, f->steps[other].line);
	}
	return rc;
}

static int read_after(struct steps *x, uint32_t step)
{
	const struct sfe_workflow *f = x->r->f;
	const struct sfe_tree *t = key_of(x, step, "after");
	uint32_t first = x->n_edges;

	for (unsigned i = 0; t && i < sfe_workflow_n_texts(t); i++) {
		const struct sfe_tree *at = sfe_workflow_text(x->r, t, i);
		if (!at)
			return -EINVAL;
		uint32_t from = find_step(f, at->text);
		char todo[SFE_ADVICE];
		if (from == SFE_NONE)
			return sfe_workflow_fail(x->r, at,
				sfe_known_names(todo, "name a step of this workflow", at->text,
					name_of_step, f, f->n_steps),
				"step %s: after: there is no step %.80s", f->steps[step].name,
				at->text);
		for (uint32_t e = first; e < x->n_edges; e++)
			if (x->edge[e].from == from)
				return sfe_workflow_fail(x->r, at, "name it once",
					"step %s: after: names %s twice", f->steps[step].name,
					at->text);
		x->edge[x->n_edges++] = (struct sfe_edge){from, step};
	}
	return 0;
}

static int read_edges(struct steps *x)
{
	size_t most = 1;
	int rc = 0;

	for (uint32_t i = 0; i < x->t->n; i++) {
		const struct sfe_tree *after = key_of(x, i, "after");
		most += after ? sfe_workflow_n_texts(after) : 0;
	}
	x->edge = calloc(most, sizeof(*x->edge));
	if (!x->edge)
		return sfe_workflow_no_memory(x->r);
	for (uint32_t i = 0; i < x->t->n && !rc; i++)
		rc = read_after(x, i);
	return rc;
}

/* A predecessor of the step without a number; SFE_NONE: there is none. */
static uint32_t waits_for(const struct steps *x, uint32_t step)
{
	for (uint32_t e = 0; e < x->n_edges; e++)
		if (x->edge[e].to == step && x->number[x->edge[e].from] == SFE_NONE)
			return x->edge[e].from;
	return SFE_NONE;
}

/* Every step that is left waits for another one: going back from one of them ends in a cycle. */
static int fail_cycle(const struct steps *x, uint32_t step)
{
	const struct sfe_workflow *f = x->r->f;

	for (uint32_t i = 0; i < f->n_steps; i++)
		step = waits_for(x, step);
	uint32_t before = waits_for(x, step);
	if (before == step)
		return sfe_workflow_fail(x->r, x->t->child[step], "leave it out",
			"step %s: after: names the step itself", f->steps[step].name);
	return sfe_workflow_fail(x->r, x->t->child[step], "let one of them not wait for the other",
		"the steps %s and %s are in a cycle: each runs only after the other",
		f->steps[before].name, f->steps[step].name);
}

/* Numbers the steps: next is always the first in the scenario that waits for nothing. */
static int sort(struct steps *x)
{
	const struct sfe_workflow *f = x->r->f;
	uint32_t *waits = calloc((size_t)f->n_steps + 1, sizeof(*waits)), first = 0;

	x->number = calloc((size_t)f->n_steps + 1, sizeof(*x->number));
	if (!waits || !x->number) {
		free(waits);
		return sfe_workflow_no_memory(x->r);
	}
	for (uint32_t i = 0; i < f->n_steps; i++)
		x->number[i] = SFE_NONE;
	for (uint32_t e = 0; e < x->n_edges; e++)
		waits[x->edge[e].to]++;
	for (uint32_t n = 0; n < f->n_steps && first < f->n_steps; n++) {
		first = 0;
		while (first < f->n_steps && (x->number[first] != SFE_NONE || waits[first]))
			first++;
		if (first == f->n_steps)
			break;
		x->number[first] = n;
		for (uint32_t e = 0; e < x->n_edges; e++)
			waits[x->edge[e].to] -= x->edge[e].from == first;
	}
	free(waits);
	for (uint32_t i = 0; i < f->n_steps; i++)
		if (x->number[i] == SFE_NONE)
			return fail_cycle(x, i);
	return 0;
}

/* Adds a use of a state that outlives jobs. There are no transactions: if a step could be refused
 * for one of two states, the other one would have been changed. */
static int add_shared_use(const struct steps *x, const struct sfe_tree *at,
	struct sfe_workflow_step *step, const struct sfe_workflow_state *state,
	enum sfe_access access)
{
	struct sfe_shared_state *all = x->r->s->workflows.shared;
	const struct sfe_shared_uses *uses = &step->shared;

	for (uint32_t k = 0; k < uses->n; k++)
		if (uses->of[k].state == state->shared)
			return sfe_workflow_fail(x->r, at, "keep one of read, write and update",
				"step %s: uses the state %s twice", step->name, at->text);
	for (uint32_t k = 0; k < uses->n && access != SFE_READ; k++)
		if (state->consistency == SFE_FIRST_WRITE && uses->of[k].access != SFE_READ &&
			all[uses->of[k].state].consistency == SFE_FIRST_WRITE)
			return sfe_workflow_fail(x->r, at,
				"change one of them in another step, or give one consistency: "
				"last-write",
				"step %s: changes the states %s and %s, both first-write: sfemu "
				"has no transactions across states",
				step->name, all[uses->of[k].state].name, at->text);
	step->shared.of[step->shared.n++] =
		(struct sfe_shared_use){state->shared, (uint32_t)access};
	all[state->shared].changes |= access != SFE_READ;
	return 0;
}

/* Adds a use in the order of the states. */
static int add_use(const struct steps *x, const struct sfe_tree *at, struct sfe_workflow_step *step,
	enum sfe_access access)
{
	uint32_t state = find_state(x->r->f, at->text), i = step->n_uses;

	char todo[SFE_ADVICE];
	if (state == SFE_NONE)
		return sfe_workflow_fail(x->r, at,
			sfe_known_names(todo, "name one of the workflow's states", at->text,
				name_of_state, x->r->f, x->r->f->n_states + x->r->f->n_shared),
			"step %s: there is no state %.80s", step->name, at->text);
	if (state >= x->r->f->n_states)
		return add_shared_use(x, at, step, &x->r->f->states[state], access);
	for (uint32_t k = 0; k < step->n_uses; k++)
		if (step->uses[k] == state)
			return sfe_workflow_fail(x->r, at, "keep one of read, write and update",
				"step %s: uses the state %s twice", step->name, at->text);
	for (; i && step->uses[i - 1] > state; i--) {
		step->uses[i] = step->uses[i - 1];
		step->access[i] = step->access[i - 1];
	}
	step->uses[i] = state;
	step->access[i] = (uint8_t)access;
	step->n_uses++;
	return 0;
}

static int read_uses(const struct steps *x, uint32_t number)
{
	static const char *const words[] = {
		[SFE_UPDATE] = "update", [SFE_READ] = "read", [SFE_WRITE] = "write"};
	struct sfe_workflow_step *step = &x->r->f->steps[number];
	size_t most = (size_t)x->r->f->n_states + 1;
	int rc = 0;

	step->uses = calloc(most, sizeof(*step->uses));
	step->access = calloc(most, sizeof(*step->access));
	step->shared.of = calloc((size_t)x->r->f->n_shared + 1, sizeof(*step->shared.of));
	if (!step->uses || !step->access || !step->shared.of)
		return sfe_workflow_no_memory(x->r);
	for (unsigned a = 0; a < sizeof(words) / sizeof(words[0]); a++) {
		const struct sfe_tree *t = key_of(x, number, words[a]);
		for (unsigned i = 0; t && i < sfe_workflow_n_texts(t) && !rc; i++) {
			const struct sfe_tree *at = sfe_workflow_text(x->r, t, i);
			rc = at ? add_use(x, at, step, (enum sfe_access)a) : -EINVAL;
		}
	}
	return rc;
}

/* Brings steps and edges into topological order, and makes the graph. */
static int order(const struct steps *x)
{
	struct sfe_workflow *f = x->r->f;
	struct sfe_workflow_step *sorted = calloc((size_t)f->n_steps + 1, sizeof(*sorted));

	if (!sorted)
		return sfe_workflow_no_memory(x->r);
	for (uint32_t i = 0; i < f->n_steps; i++)
		sorted[x->number[i]] = f->steps[i];
	free(f->steps);
	f->steps = sorted;
	for (uint32_t e = 0; e < x->n_edges; e++)
		x->edge[e] =
			(struct sfe_edge){x->number[x->edge[e].from], x->number[x->edge[e].to]};
	return sfe_graph_new(f->n_steps, x->edge, x->n_edges, &f->graph)
		       ? sfe_workflow_no_memory(x->r)
		       : 0;
}

/* The uses of all steps in one list, for the jobs. */
static int list_shared(const struct steps *x)
{
	struct sfe_workflow *f = x->r->f;

	if (!f->n_shared)
		return 0;
	f->shared_uses = calloc((size_t)f->n_steps + 1, sizeof(*f->shared_uses));
	if (!f->shared_uses)
		return sfe_workflow_no_memory(x->r);
	for (uint32_t s = 0; s < f->n_steps; s++)
		f->shared_uses[s] = f->steps[s].shared;
	return 0;
}

/* Adds the uses of states to the graph. Refuses states of jobs that a step changes while a parallel
 * one uses them. */
static int check_conflict(const struct steps *x)
{
	const struct sfe_workflow *f = x->r->f;
	struct sfe_step *steps = calloc((size_t)f->n_steps + 1, sizeof(*steps));
	const struct sfe_job job = {
		.n_steps = f->n_steps, .steps = steps, .graph = f->graph, .n_states = f->n_states};
	uint32_t a, b, state;

	if (!steps)
		return sfe_workflow_no_memory(x->r);
	for (uint32_t s = 0; s < f->n_steps; s++)
		steps[s] = (struct sfe_step){.n_deps = f->steps[s].n_uses,
			.deps = f->steps[s].uses,
			.access = f->steps[s].access};
	if (sfe_graph_add_states(f->graph, &job)) {
		free(steps);
		return sfe_workflow_no_memory(x->r);
	}
	bool found = sfe_graph_conflict(&job, &a, &b, &state);
	bool changes = found && sfe_step_changes(&steps[a], state);
	free(steps);
	if (!found)
		return 0;
	const struct sfe_workflow_step *one = &f->steps[changes ? a : b],
				       *other = &f->steps[changes ? b : a];
	const struct sfe_tree at = {.line = other->line};
	return sfe_workflow_fail(x->r, &at, "put one of them after the other",
		"the step %s changes the state %s, which the step %s uses at the same time",
		one->name, f->states[state].name, other->name);
}

int sfe_workflow_read_steps(const struct sfe_workflow_reader *r, const struct sfe_tree *t)
{
	struct steps x = {.r = r, .t = t};
	int rc;

	if (t->kind != SFE_TREE_LIST || !t->n || t->n > SFE_MAX_WORKFLOW_STEPS)
		return sfe_workflow_fail(r, t, "write steps: [{name: NAME, function: FUNCTION}]",
			"steps: is not a list of 1 to %u steps", SFE_MAX_WORKFLOW_STEPS);
	rc = read_all(&x);
	rc = rc ? rc : read_edges(&x);
	rc = rc ? rc : sort(&x);
	for (uint32_t i = 0; i < t->n && !rc; i++)
		rc = read_uses(&x, i);
	rc = rc ? rc : order(&x);
	rc = rc ? rc : list_shared(&x);
	rc = rc ? rc : check_conflict(&x);
	free(x.edge);
	free(x.number);
	return rc;
}
