/* SPDX-License-Identifier: MIT */
#include "emu/sweep/sweep_axes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/name_check.h"
#include "emu/model/base/text.h"
#include "emu/model/scenario/scenario_keys.h"
#include "emu/model/scenario/scenario_sections.h"
#include "emu/model/scenario/scenario_strategies.h"

#define MAX_SEED 2147483646u

static int no_memory(struct sfe_error *err)
{
	return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
}

/* "key=value" in the form of --set: a value as its text, a section in YAML's flow style. */
static char *set_text(const char *path, const struct sfe_tree *t)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	fprintf(f, "%s=", path);
	/* A section is parsed as YAML again, so that a text that looks like a list needs quotes. */
	if (t->kind == SFE_TREE_VALUE && sfe_key_find(path))
		fputs(t->text, f);
	else
		sfe_tree_print(t, f);
	if (fclose(f)) {
		free(text);
		return NULL;
	}
	return text;
}

static int add_set(struct sfe_sweep_value *v, char *text, unsigned line, struct sfe_error *err)
{
	struct sfe_sweep_set *more = reallocarray(v->set, v->n_sets + 1, sizeof(*more));

	if (more)
		v->set = more;
	if (!more || !text) {
		free(text);
		return no_memory(err);
	}
	more[v->n_sets++] = (struct sfe_sweep_set){text, line};
	return 0;
}

/* Keys that the sweep itself sets for each cell cannot be set elsewhere. Returns what to write
 * instead, or NULL. */
static const char *reserved(const char *path, size_t len)
{
	static const struct {
		const char *key, *todo;
	} words[] = {
		{"seed", "write seeds: [1, 2, 3] or seeds: 1..10 in the sweep"},
		{"strategies", "write strategies: [PureFaaS, StateLocal] in the sweep"},
		{"name", "write the sweep's own name: in it"},
		{"results", "write the sweep's own results: in it"},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i].key) == len && !strncmp(path, words[i].key, len))
			return words[i].todo;
	return NULL;
}

static int check_reserved(const struct sfe_sweep *s, const struct sfe_tree *t, const char *path,
	struct sfe_error *err)
{
	const char *todo = reserved(path, strlen(path));

	return todo ? sfe_tree_fail(t, s->file, todo, err, "%s: is not set in this place", path)
		    : 0;
}

int sfe_sweep_add_common(struct sfe_sweep *s, const char *set, struct sfe_error *err)
{
	const char *eq = strchr(set, '=');
	const char *todo = eq ? reserved(set, (size_t)(eq - set)) : NULL;
	char where[128];

	snprintf(where, sizeof(where), "--set %.100s", set);
	if (todo || !eq)
		return sfe_fail(err, -EINVAL, where, todo ? todo : "write --set key=value",
			todo ? "is not set in this place" : "is not key=value");
	return add_set(&s->common, strdup(set), 0, err);
}

static char *join_path(const char *group, const char *key)
{
	char *path;

	return asprintf(&path, "%s%s%s", group, *group ? "." : "", key) < 0 ? NULL : path;
}

/* Reads the keys of a mapping, which may be written with dots or as groups. */
static int read_sets(const struct sfe_sweep *s, const struct sfe_tree *t, const char *group,
	struct sfe_sweep_value *v, struct sfe_error *err)
{
	int r = 0;

	for (unsigned i = 0; i < t->n && !r; i++) {
		const struct sfe_tree *c = t->child[i];
		char *path = join_path(group, c->key);
		if (!path)
			return no_memory(err);
		r = check_reserved(s, c, path, err);
		if (!r && c->kind == SFE_TREE_MAPPING && !sfe_section_find(path) &&
			!sfe_key_may_be_group(path))
			r = read_sets(s, c, path, v, err);
		else if (!r)
			r = add_set(v, set_text(path, c), c->line, err);
		free(path);
	}
	return r;
}

int sfe_sweep_read_common(struct sfe_sweep *s, const struct sfe_tree *t, struct sfe_error *err)
{
	if (t && t->kind != SFE_TREE_MAPPING)
		return sfe_tree_fail(
			t, s->file, "write set: {key: value}", err, "set: is not a group of keys");
	return t ? read_sets(s, t, "", &s->common, err) : 0;
}

/* Adds a value to an axis. A value that the axis has already is an error, so that no two cells are
 * the same. */
static int add_value(const struct sfe_sweep *s, struct sfe_sweep_axis *a, const struct sfe_tree *at,
	char *label, struct sfe_sweep_value **out, struct sfe_error *err)
{
	struct sfe_sweep_value *more = reallocarray(a->value, a->n + 1, sizeof(*more));

	if (more)
		a->value = more;
	if (!more || !label) {
		free(label);
		return no_memory(err);
	}
	*out = &more[a->n++];
	**out = (struct sfe_sweep_value){.label = label, .line = at->line};
	for (unsigned i = 0; i + 1 < a->n; i++)
		if (!strcmp(a->value[i].label, label))
			return sfe_tree_fail(at, s->file, "write each value once", err,
				"%s: '%.100s' is there already", a->name, label);
	if (a->n > SFE_SWEEP_MAX_VALUES)
		return sfe_tree_fail(at, s->file, "write fewer", err, "%s: more than %u values",
			a->name, SFE_SWEEP_MAX_VALUES);
	return 0;
}

static int new_axis(struct sfe_sweep *s, const char *name, const struct sfe_tree *at,
	struct sfe_sweep_axis **out, struct sfe_error *err)
{
	if (s->n_axes == SFE_SWEEP_MAX_AXES)
		return sfe_tree_fail(at, s->file, "vary fewer keys in one sweep", err,
			"grid: more than %u keys", SFE_SWEEP_MAX_AXES - 2);
	*out = &s->axis[s->n_axes++];
	(*out)->line = at->line;
	(*out)->name = strdup(name);
	return (*out)->name ? 0 : no_memory(err);
}

/* Labels and the names of axes that are no keys are in tables and names of folders. */
static int check_name(const struct sfe_sweep *s, const struct sfe_tree *at, const char *what,
	const char *name, struct sfe_error *err)
{
	struct sfe_error cause = {0};
	int r = sfe_name_check((struct sfe_span){name, strlen(name)}, &cause);

	return r ? sfe_tree_fail(at, s->file, cause.todo, err, "%s: %s", what, cause.what) : 0;
}

/* Reads "small: {topology.premises: 1}", a label for keys that vary together. */
static int read_labelled(const struct sfe_sweep *s, struct sfe_sweep_axis *a,
	const struct sfe_tree *t, struct sfe_error *err)
{
	struct sfe_sweep_value *v;

	if (t->kind != SFE_TREE_MAPPING || t->n != 1 || t->child[0]->kind != SFE_TREE_MAPPING)
		return sfe_tree_fail(t, s->file,
			"write '- label: {key: value}' for each, or name a key of the scenario",
			err,
			"%s: is not a key of a scenario, so each of its values must have a "
			"label and the keys that it sets",
			a->name);
	int r = check_name(s, t->child[0], a->name, t->child[0]->key, err);
	r = r ? r : add_value(s, a, t, strdup(t->child[0]->key), &v, err);
	return r ? r : read_sets(s, t->child[0], "", v, err);
}

static int read_plain(const struct sfe_sweep *s, struct sfe_sweep_axis *a, const struct sfe_tree *t,
	struct sfe_error *err)
{
	char *set = set_text(a->name, t);
	struct sfe_sweep_value *v;
	int r = add_value(s, a, t, set ? strdup(set + strlen(a->name) + 1) : NULL, &v, err);

	if (r)
		free(set);
	return r ? r : add_set(v, set, t->line, err);
}

static int read_axis(
	struct sfe_sweep *s, const struct sfe_tree *t, const char *path, struct sfe_error *err)
{
	struct sfe_sweep_axis *a;
	int r = check_reserved(s, t, path, err);

	if (r)
		return r;
	if (t->kind == SFE_TREE_VALUE)
		return sfe_tree_fail(t, s->file, "write a list, such as [10Mbit, 100Mbit]", err,
			"%s: is one value where a list belongs", path);
	if (!t->n)
		return sfe_tree_fail(
			t, s->file, "give it values, or leave it out", err, "%s: is empty", path);
	if (!sfe_key_find(path) && !sfe_section_find(path) &&
		(r = check_name(s, t, "grid", path, err)))
		return r;
	r = new_axis(s, path, t, &a, err);
	for (unsigned i = 0; i < t->n && !r; i++) {
		bool named = sfe_key_find(path) || sfe_section_find(path) ||
			     t->child[i]->kind == SFE_TREE_VALUE;
		r = named ? read_plain(s, a, t->child[i], err)
			  : read_labelled(s, a, t->child[i], err);
	}
	return r;
}

int sfe_sweep_read_grid(
	struct sfe_sweep *s, const struct sfe_tree *t, const char *group, struct sfe_error *err)
{
	int r = 0;

	if (!t)
		return 0;
	if (t->kind != SFE_TREE_MAPPING)
		return sfe_tree_fail(t, s->file, "write grid: {key: [value, value]}", err,
			"grid: is not a group of keys");
	for (unsigned i = 0; i < t->n && !r; i++) {
		char *path = join_path(group, t->child[i]->key);
		if (!path)
			return no_memory(err);
		/* Keys may be grouped, as in a scenario. */
		bool deeper = t->child[i]->kind == SFE_TREE_MAPPING && t->child[i]->n;
		r = deeper ? sfe_sweep_read_grid(s, t->child[i], path, err)
			   : read_axis(s, t->child[i], path, err);
		free(path);
	}
	return r;
}

static int add_strategy(struct sfe_sweep *s, struct sfe_sweep_axis *a, const struct sfe_tree *at,
	const char *text, struct sfe_error *err)
{
	char name[SFE_STRATEGY_BYTES];
	struct sfe_error cause = {0};
	struct sfe_sweep_value *v;
	char *set;

	if (sfe_strategy_label(text, name, &cause))
		return sfe_tree_fail(at, s->file, cause.todo, err, "strategies: %s", cause.what);
	int r = add_value(s, a, at, strdup(name), &v, err);
	if (!r && asprintf(&set, "strategies=%s", text) < 0)
		r = no_memory(err);
	return r ? r : add_set(v, set, at->line, err);
}

/* The i-th of the base. */
static int add_base_strategy(struct sfe_sweep *s, struct sfe_sweep_axis *a,
	const struct sfe_tree *root, const struct sfe_scenario *base, unsigned i,
	struct sfe_error *err)
{
	const char *name = base->strategies[i]->name, *options = strchr(name, '(');
	char *text;

	if (!base->plugins[i])
		return add_strategy(s, a, root, name, err);
	if (asprintf(&text, "%s%s", base->plugins[i]->file, options ? options : "") < 0)
		return no_memory(err);
	int r = add_strategy(s, a, root, text, err);
	free(text);
	return r;
}

int sfe_sweep_read_strategies(struct sfe_sweep *s, const struct sfe_tree *root,
	const struct sfe_scenario *base, struct sfe_error *err)
{
	const struct sfe_tree *t = sfe_tree_get(root, "strategies");
	const struct sfe_tree *at = t ? t : root;
	struct sfe_sweep_axis *a;
	int r = new_axis(s, "strategy", at, &a, err);

	if (!r && t && (t->kind != SFE_TREE_LIST || !t->n))
		return sfe_tree_fail(t, s->file, "write a list, such as [PureFaaS, StateLocal]",
			err, "strategies: is %s", t->n ? "not a list" : "empty");
	for (unsigned i = 0; t && i < t->n && !r; i++) {
		const char *name = sfe_tree_text(t->child[i], s->file, "a strategy", err);
		r = name ? add_strategy(s, a, t->child[i], name, err) : -EINVAL;
	}
	for (unsigned i = 0; !t && i < base->n_strategies && !r; i++)
		r = add_base_strategy(s, a, root, base, i, err);
	return r;
}

static int add_seed(struct sfe_sweep *s, struct sfe_sweep_axis *a, const struct sfe_tree *at,
	uint32_t seed, struct sfe_error *err)
{
	struct sfe_sweep_value *v;
	char *label, *set;

	if (asprintf(&label, "%u", seed) < 0)
		return no_memory(err);
	int r = add_value(s, a, at, label, &v, err);
	if (!r && asprintf(&set, "seed=%u", seed) < 0)
		r = no_memory(err);
	return r ? r : add_set(v, set, at->line, err);
}

static bool seed_number(struct sfe_span text, uint64_t *out)
{
	return !sfe_span_u64(text, out) && *out <= MAX_SEED;
}

/* Adds the seeds of "7" or "1..10". */
static int add_seeds(struct sfe_sweep *s, struct sfe_sweep_axis *a, const struct sfe_tree *t,
	struct sfe_error *err)
{
	const char *text = sfe_tree_text(t, s->file, "seeds", err);
	uint64_t first, last;
	int r = 0;

	if (!text)
		return -EINVAL;
	const char *dots = strstr(text, "..");
	struct sfe_span one = {text, dots ? (size_t)(dots - text) : strlen(text)};
	struct sfe_span two = dots ? (struct sfe_span){dots + 2, strlen(dots + 2)} : one;
	if (!seed_number(one, &first) || !seed_number(two, &last) || last < first)
		return sfe_tree_fail(t, s->file, "write numbers from 0 to 2147483646, or 1..10",
			err, "seeds: '%.80s' is neither a seed nor a range of seeds", text);
	if (last - first >= SFE_SWEEP_MAX_VALUES)
		return sfe_tree_fail(t, s->file, "write fewer", err, "seeds: more than %u values",
			SFE_SWEEP_MAX_VALUES);
	for (uint64_t seed = first; seed <= last && !r; seed++)
		r = add_seed(s, a, t, (uint32_t)seed, err);
	return r;
}

int sfe_sweep_read_seeds(struct sfe_sweep *s, const struct sfe_tree *root,
	const struct sfe_scenario *base, struct sfe_error *err)
{
	const struct sfe_tree *t = sfe_tree_get(root, "seeds");
	struct sfe_sweep_axis *a;
	int r = new_axis(s, "seed", t ? t : root, &a, err);

	if (r)
		return r;
	if (!t)
		return add_seed(s, a, root, base->seed, err);
	if (t->kind == SFE_TREE_VALUE)
		return add_seeds(s, a, t, err);
	if (t->kind == SFE_TREE_MAPPING || !t->n)
		return sfe_tree_fail(t, s->file, "write seeds: [1, 2, 3] or seeds: 1..10", err,
			"seeds: is %s", t->n ? "a group of keys" : "empty");
	for (unsigned i = 0; i < t->n && !r; i++)
		r = add_seeds(s, a, t->child[i], err);
	return r;
}

static bool value_sets(const struct sfe_sweep_value *v, const char *text, size_t key_len)
{
	for (unsigned i = 0; i < v->n_sets; i++)
		if (!strncmp(v->set[i].text, text, key_len))
			return true;
	return false;
}

/* What else sets the key of text, which axis a sets; NULL if nothing does. */
static const char *also_set(const struct sfe_sweep *s, unsigned a, const char *text, size_t key_len)
{
	if (value_sets(&s->common, text, key_len))
		return "set, for every cell,";
	for (unsigned b = 0; b < a; b++)
		for (unsigned v = 0; v < s->axis[b].n; v++)
			if (value_sets(&s->axis[b].value[v], text, key_len))
				return s->axis[b].name;
	return NULL;
}

/* Each key may be set in one place; otherwise one would silently override the other. */
static int check_once(const struct sfe_sweep *s, unsigned a, const struct sfe_sweep_value *v,
	struct sfe_error *err)
{
	for (unsigned i = 0; i < v->n_sets; i++) {
		size_t len = (size_t)(strchr(v->set[i].text, '=') - v->set[i].text) + 1;
		const char *other = also_set(s, a, v->set[i].text, len);
		if (other)
			return sfe_fail_at(err, -EINVAL, s->file, v->set[i].line,
				"set each key in one place", "%.*s: %s sets it too", (int)len - 1,
				v->set[i].text, other);
	}
	return 0;
}

static int count_cells(struct sfe_sweep *s, struct sfe_error *err)
{
	uint64_t cells = 1;

	for (unsigned a = 0; a < s->n_axes; a++) {
		cells *= s->axis[a].n;
		if (cells > SFE_SWEEP_MAX_CELLS)
			return sfe_fail_at(err, -EINVAL, s->file, s->axis[a].line,
				"give fewer values, or make several sweeps",
				"%s: the sweep has more than %u cells", s->axis[a].name,
				SFE_SWEEP_MAX_CELLS);
	}
	s->n_cells = (uint32_t)cells;
	return 0;
}

int sfe_sweep_check_axes(struct sfe_sweep *s, struct sfe_error *err)
{
	int r = count_cells(s, err);

	/* The last two, strategy and seed, cannot be set elsewhere. */
	for (unsigned a = 0; a + 2 < s->n_axes && !r; a++)
		for (unsigned v = 0; v < s->axis[a].n && !r; v++)
			r = check_once(s, a, &s->axis[a].value[v], err);
	return r;
}
