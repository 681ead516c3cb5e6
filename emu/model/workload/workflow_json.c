/* SPDX-License-Identifier: MIT */
#include "emu/model/workload/workflow_json.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/known_names.h"
#include "emu/model/base/text.h"
#include "sfemu/workflow.h"

struct reader {
	const char *file;
	const struct sfe_tree *functions;    /* a list of names */
	const struct sfe_tree *successors;   /* of a graph; NULL: a chain */
	const struct sfe_tree *dependencies; /* NULL: none, as the next */
	const struct sfe_tree *sizes;
	unsigned uses;
	struct sfe_error *err;
};

static int no_memory(const struct reader *r)
{
	return sfe_fail(r->err, -ENOMEM, r->file, NULL, "out of memory");
}

/* ---- what is made ---- */

/* Adds a child; it owns text. NULL: out of memory. */
static struct sfe_tree *add(struct sfe_tree *parent, enum sfe_tree_kind kind, const char *key,
	unsigned line, char *text)
{
	struct sfe_tree *t = calloc(1, sizeof(*t));
	struct sfe_tree **more =
		t ? reallocarray(parent->child, (size_t)parent->n + 1, sizeof(struct sfe_tree *))
		  : NULL;

	if (more)
		parent->child = more;
	if (t)
		*t = (struct sfe_tree){
			.kind = kind, .line = line, .text = text, .key = key ? strdup(key) : NULL};
	else
		free(text);
	if (!more || (key && !t->key)) {
		sfe_tree_free(t);
		return NULL;
	}
	return parent->child[parent->n++] = t;
}

static bool add_text(struct sfe_tree *parent, const char *key, unsigned line, const char *text)
{
	char *copy = strdup(text);

	return copy && add(parent, SFE_TREE_VALUE, key, line, copy);
}

/* ---- what is read ---- */

/* JSON's null, as libyaml has it. */
static bool is_null(const struct sfe_tree *t)
{
	return t->kind == SFE_TREE_VALUE && !strcmp(t->text, "null");
}

static unsigned count(const struct reader *r, const char *function)
{
	unsigned n = 0;

	for (unsigned i = 0; i < r->functions->n; i++)
		n += !strcmp(r->functions->child[i]->text, function);
	return n;
}

static int check_functions(const struct reader *r)
{
	const struct sfe_tree *t = r->functions;

	if (t->kind != SFE_TREE_LIST || !t->n || t->n > SFE_MAX_WORKFLOW_STEPS)
		return sfe_tree_fail(t, r->file, "write [\"f1\", \"f2\"]", r->err,
			"%s: is not a list of 1 to %u names", t->key, SFE_MAX_WORKFLOW_STEPS);
	for (unsigned i = 0; i < t->n; i++)
		if (t->child[i]->kind != SFE_TREE_VALUE || !*t->child[i]->text)
			return sfe_tree_fail(t->child[i], r->file,
				"write the name of a function of the scenario", r->err,
				"%s: an element is not a name", t->key);
	return 0;
}

static int read_index(
	const struct reader *r, const struct sfe_tree *list, unsigned i, uint64_t *index)
{
	const struct sfe_tree *t = list->child[i];

	if (t->kind != SFE_TREE_VALUE ||
		sfe_span_u64((struct sfe_span){t->text, strlen(t->text)}, index) || !*index ||
		*index >= r->functions->n)
		return sfe_tree_fail(t, r->file,
			"write the index of a function; nothing leads to "
			"the first one, which has index 0",
			r->err, "successors: %.40s is not a number from 1 to %u",
			t->kind == SFE_TREE_VALUE ? t->text : "an element", r->functions->n - 1);
	for (unsigned k = 0; k < i; k++)
		if (!strcmp(list->child[k]->text, t->text))
			return sfe_tree_fail(t, r->file, "name it once", r->err,
				"successors: %s is there twice", t->text);
	return 0;
}

/* before[i]: whether something leads to the function. */
static int check_successors_of(const struct reader *r, const struct sfe_tree *list, bool *before)
{
	if (list->kind != SFE_TREE_LIST || !list->n)
		return sfe_tree_fail(list, r->file,
			"write the indexes of the functions that follow; only the last one has "
			"none",
			r->err, "successors: an element is not a list of indexes");
	for (unsigned i = 0; i < list->n; i++) {
		uint64_t index;
		int rc = read_index(r, list, i, &index);
		if (rc)
			return rc;
		before[index] = true;
	}
	return 0;
}

static int check_successors(const struct reader *r)
{
	const struct sfe_tree *t = r->successors;
	bool *before = calloc(r->functions->n, sizeof(*before));
	int rc = 0;

	if (!before)
		return no_memory(r);
	if (t->kind != SFE_TREE_LIST || t->n != r->functions->n - 1)
		rc = sfe_tree_fail(t, r->file,
			"write a list of indexes for each function but the last, such as "
			"[[1, 2], [3], [3]]",
			r->err, "successors: is not a list of %u lists", r->functions->n - 1);
	for (unsigned i = 0; !rc && i < t->n; i++)
		rc = check_successors_of(r, t->child[i], before);
	for (unsigned i = 1; !rc && i < r->functions->n; i++)
		if (!before[i])
			rc = sfe_tree_fail(r->functions->child[i], r->file,
				"let a function lead to it", r->err,
				"successors: nothing leads to function %u, %.80s, but a graph "
				"begins with function 0 alone",
				i, r->functions->child[i]->text);
	free(before);
	return rc;
}

static const char *name_of_function(const void *functions, uint32_t i)
{
	return ((const struct sfe_tree *)functions)->child[i]->text;
}

/* The functions that need a state. */
static int check_dependency(struct reader *r, const struct sfe_tree *t)
{
	if (strpbrk(t->key, ".[]"))
		return sfe_tree_fail(t, r->file, "rename the state", r->err,
			"dependencies: the name %.80s has a dot or a bracket", t->key);
	if (is_null(t))
		return 0;
	if (t->kind != SFE_TREE_LIST)
		return sfe_tree_fail(t, r->file, "write [\"f1\", \"f2\"], or null", r->err,
			"dependencies: %.80s is not a list of functions", t->key);
	for (unsigned i = 0; i < t->n; i++) {
		const struct sfe_tree *f = t->child[i];
		unsigned n = f->kind == SFE_TREE_VALUE ? count(r, f->text) : 0;
		char todo[SFE_ADVICE];
		if (!n)
			return sfe_tree_fail(f, r->file,
				sfe_known_names(todo, "name functions of this file",
					f->kind == SFE_TREE_VALUE ? f->text : "", name_of_function,
					r->functions, r->functions->n),
				r->err, "dependencies: %.80s depends on %.80s, which is not there",
				t->key, f->kind == SFE_TREE_VALUE ? f->text : "a list or group");
		for (unsigned k = 0; k < i; k++)
			if (!strcmp(t->child[k]->text, f->text))
				return sfe_tree_fail(f, r->file, "name it once", r->err,
					"dependencies: %.80s names %.80s twice", t->key, f->text);
		r->uses += n;
	}
	return r->uses <= SFE_MAX_JSON_USES
		       ? 0
		       : sfe_tree_fail(t, r->file, "split the file", r->err,
				 "dependencies: more than %u uses of states", SFE_MAX_JSON_USES);
}

static int check_size(const struct reader *r, const struct sfe_tree *t)
{
	uint64_t bytes;

	if (t->kind != SFE_TREE_VALUE ||
		sfe_span_u64((struct sfe_span){t->text, strlen(t->text)}, &bytes) ||
		bytes > SFE_MAX_MESSAGE_BYTES)
		return sfe_tree_fail(t, r->file, "write a number of bytes, such as 10000", r->err,
			"state-sizes: %.80s is not a number from 0 to %llu", t->key,
			SFE_MAX_MESSAGE_BYTES);
	if (!r->dependencies || !sfe_tree_get(r->dependencies, t->key))
		return sfe_tree_fail(t, r->file, "write null there for a state that none needs",
			r->err, "state-sizes: %.80s is not in dependencies", t->key);
	return 0;
}

static int check_states(struct reader *r)
{
	const struct sfe_tree *const groups[] = {r->dependencies, r->sizes};
	int rc = 0;

	for (size_t i = 0; i < 2; i++)
		if (groups[i] && (groups[i]->kind != SFE_TREE_MAPPING ||
					 groups[i]->n > SFE_MAX_WORKFLOW_STATES))
			return sfe_tree_fail(groups[i], r->file,
				i ? "write {\"s0\": 10000}" : "write {\"s0\": [\"f1\"]}", r->err,
				"%s: is not an object of at most %u states", groups[i]->key,
				SFE_MAX_WORKFLOW_STATES);
	for (unsigned i = 0; r->dependencies && i < r->dependencies->n && !rc; i++) {
		const struct sfe_tree *t = r->dependencies->child[i];
		rc = check_dependency(r, t);
		if (!rc && (!r->sizes || !sfe_tree_get(r->sizes, t->key)))
			rc = sfe_tree_fail(t, r->file, "write its bytes under state-sizes", r->err,
				"dependencies: the state %.80s has no size", t->key);
	}
	for (unsigned i = 0; r->sizes && i < r->sizes->n && !rc; i++)
		rc = check_size(r, r->sizes->child[i]);
	return rc;
}

static int find_keys(struct reader *r, const struct sfe_tree *t)
{
	static const char *const of_chain[] = {"functions", "dependencies", "state-sizes", NULL},
				 *const of_graph[] = {"functionNames", "successors", "dependencies",
					 "state-sizes", NULL};
	bool chain = sfe_tree_get(t, "functions");

	r->functions = sfe_tree_get(t, chain ? "functions" : "functionNames");
	r->successors = sfe_tree_get(t, "successors");
	r->dependencies = sfe_tree_get(t, "dependencies");
	r->sizes = sfe_tree_get(t, "state-sizes");
	int rc = sfe_tree_check_keys(t, r->file, chain ? of_chain : of_graph, r->err);
	if (!rc && (!r->functions || (!chain && !r->successors)))
		rc = sfe_tree_fail(t, r->file,
			"write functions for a chain, functionNames and successors for a graph",
			r->err, "it has no %s",
			r->functions ? "successors" : "functions or functionNames");
	(void)(rc || (rc = check_functions(r)) || (chain ? 0 : (rc = check_successors(r))) ||
		(rc = check_states(r)));
	return rc;
}

/* ---- from one to the other ---- */

/* The name of a step. NULL: out of memory. */
static char *step_name(const struct reader *r, unsigned step)
{
	const char *function = r->functions->child[step]->text;
	char *name;

	if (count(r, function) == 1)
		return strdup(function);
	return asprintf(&name, "%s.%u", function, step) < 0 ? NULL : name;
}

static bool leads_to(const struct reader *r, unsigned from, unsigned to)
{
	const struct sfe_tree *list;
	uint64_t index;

	if (!r->successors)
		return from + 1 == to;
	if (from == r->successors->n) /* the last function */
		return false;
	list = r->successors->child[from];
	for (unsigned i = 0; i < list->n; i++) {
		const char *text = list->child[i]->text;
		if (!sfe_span_u64((struct sfe_span){text, strlen(text)}, &index) && index == to)
			return true;
	}
	return false;
}

static bool depends(const struct sfe_tree *state, const char *function)
{
	for (unsigned i = 0; state->kind == SFE_TREE_LIST && i < state->n; i++)
		if (!strcmp(state->child[i]->text, function))
			return true;
	return false;
}

static bool make_after(
	const struct reader *r, struct sfe_tree *step, unsigned number, char *const *names)
{
	unsigned line = r->functions->child[number]->line;
	struct sfe_tree *after = add(step, SFE_TREE_LIST, "after", line, NULL);

	for (unsigned i = 0; after && i < r->functions->n; i++)
		if (leads_to(r, i, number) && !add_text(after, NULL, line, names[i]))
			return false;
	return after;
}

static bool make_uses(const struct reader *r, struct sfe_tree *step, unsigned number)
{
	const struct sfe_tree *function = r->functions->child[number];
	struct sfe_tree *update = add(step, SFE_TREE_LIST, "update", function->line, NULL);

	for (unsigned i = 0; update && r->dependencies && i < r->dependencies->n; i++)
		if (depends(r->dependencies->child[i], function->text) &&
			!add_text(update, NULL, function->line, r->dependencies->child[i]->key))
			return false;
	return update;
}

static bool make_steps(const struct reader *r, struct sfe_tree *out, char *const *names)
{
	struct sfe_tree *steps = add(out, SFE_TREE_LIST, "steps", r->functions->line, NULL);

	for (unsigned i = 0; steps && i < r->functions->n; i++) {
		const struct sfe_tree *f = r->functions->child[i];
		struct sfe_tree *step = add(steps, SFE_TREE_MAPPING, NULL, f->line, NULL);
		if (!step || !add_text(step, "name", f->line, names[i]) ||
			!add_text(step, "function", f->line, f->text) ||
			!make_after(r, step, i, names) || !make_uses(r, step, i))
			return false;
	}
	return steps;
}

static bool make_states(const struct reader *r, struct sfe_tree *out)
{
	unsigned n = r->dependencies ? r->dependencies->n : 0;
	struct sfe_tree *states = add(out, SFE_TREE_MAPPING, "states",
		r->dependencies ? r->dependencies->line : r->functions->line, NULL);

	for (unsigned i = 0; states && i < n; i++) {
		const struct sfe_tree *t = r->dependencies->child[i];
		const struct sfe_tree *bytes = sfe_tree_get(r->sizes, t->key);
		struct sfe_tree *state = add(states, SFE_TREE_MAPPING, t->key, t->line, NULL);
		char *size;
		if (!state || asprintf(&size, "%sB", bytes->text) < 0 ||
			!add(state, SFE_TREE_VALUE, "size", bytes->line, size))
			return false;
	}
	return states;
}

static struct sfe_tree *make(const struct reader *r)
{
	struct sfe_tree *out = calloc(1, sizeof(*out));
	char **names = calloc(r->functions->n, sizeof(*names));
	bool ok = out && names;

	for (unsigned i = 0; ok && i < r->functions->n; i++)
		ok = (names[i] = step_name(r, i));
	if (out)
		out->kind = SFE_TREE_MAPPING;
	ok = ok && make_states(r, out) && make_steps(r, out, names);
	for (unsigned i = 0; names && i < r->functions->n; i++)
		free(names[i]);
	free(names);
	if (ok)
		return out;
	sfe_tree_free(out);
	return NULL;
}

int sfe_workflow_json_read(const char *text, size_t len, const char *file, struct sfe_tree **out,
	struct sfe_error *err)
{
	struct reader r = {.file = file, .err = err};
	SFE_TREE_AUTO struct sfe_tree *t = NULL;
	int rc = sfe_tree_read(text, len, file, SFE_TREE_DOTTED_KEYS, &t, err);

	*out = NULL;
	if (!rc)
		rc = find_keys(&r, t);
	if (rc)
		return rc;
	*out = make(&r);
	return *out ? 0 : no_memory(&r);
}
