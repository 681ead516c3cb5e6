/* SPDX-License-Identifier: MIT */
/*
 * Reads a scenario from its file and from --set, in steps: the YAML tree finds syntax errors and
 * unknown keys, with their lines; libcyaml loads the texts of the flat keys; the last text of each
 * key, from the file or a --set, is converted; the sections read their parts of the tree; last come
 * the rules between keys.
 */
#include "sfemu/scenario.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/input.h"
#include "emu/model/base/name_check.h"
#include "emu/model/scenario/scenario_check.h"
#include "emu/model/scenario/scenario_placement.h"
#include "emu/model/scenario/scenario_reader.h"
#include "emu/model/scenario/scenario_sections.h"
#include "emu/model/scenario/scenario_strategies.h"

#define MAX_FILE (1u << 20)

static int read_text(struct sfe_scenario_reader *r)
{
	r->text = r->yaml = malloc(MAX_FILE + 1);
	if (!r->yaml)
		return sfe_reader_no_memory(r);
	FILE *in = fopen(r->file, "re");
	if (!in)
		return sfe_fail(r->err, -EINVAL, r->file, "give the path of a scenario",
			"cannot be opened: %s", strerror(errno));
	errno = 0;
	r->len = fread(r->yaml, 1, MAX_FILE + 1, in);
	int failed = ferror(in) ? errno : 0;
	fclose(in);
	if (failed)
		return sfe_fail(r->err, -EINVAL, r->file, "give the path of a scenario",
			"cannot be read: %s", strerror(failed));
	return 0;
}

static int find_folder(struct sfe_scenario_reader *r)
{
	const char *slash = strrchr(r->file, '/');

	r->folder = slash ? strndup(r->file, slash == r->file ? 1 : (size_t)(slash - r->file))
			  : strdup(".");
	if (!r->folder)
		return sfe_reader_no_memory(r);
	if (r->len > MAX_FILE)
		return sfe_fail(r->err, -EINVAL, r->file, "give the path of a scenario",
			"is larger than 1 MiB");
	return 0;
}

static int read_set(struct sfe_scenario_reader *r, const char *set)
{
	const char *eq = strchr(set, '=');
	char where[sizeof(r->err->where)], path[128], keys[160];

	snprintf(where, sizeof(where), "--set %.200s", set);
	for (char *p = where; *p; p++)
		if (iscntrl((unsigned char)*p))
			*p = '?';
	for (const char *p = set; *p; p++)
		if (iscntrl((unsigned char)*p))
			return sfe_fail(r->err, -EINVAL, where, "write it on one line",
				"a control character");
	if (!eq || eq == set || (size_t)(eq - set) >= sizeof(path))
		return sfe_fail(r->err, -EINVAL, where,
			"write --set key=value, such as --set link.shared.rate=100Mbit",
			"is not key=value");
	if (strlen(eq + 1) > SFE_TREE_MAX_VALUE)
		return sfe_fail(r->err, -EINVAL, where, "shorten it",
			"a value of more than %u bytes", SFE_TREE_MAX_VALUE);
	snprintf(path, sizeof(path), "%.*s", (int)(eq - set), set);
	const struct sfe_key *key = sfe_key_find(path);
	if (key) {
		r->set[key - sfe_keys] = set;
		return 0;
	}
	if (sfe_section_find(path))
		return 0; /* read_sections uses it */
	if (!sfe_key_list(path, keys, sizeof(keys)))
		return sfe_reader_fail_unknown(r, path, where, 0);
	char todo[sizeof(keys) + 32];
	snprintf(todo, sizeof(todo), "set one of its keys %s", keys);
	return sfe_fail(r->err, -EINVAL, where, todo, "'%s' is a group of keys", path);
}

static int add_strategy(const struct sfe_scenario_reader *r, const char *text, unsigned line)
{
	struct sfe_error cause = {0};
	char where[512];

	if (line)
		snprintf(where, sizeof(where), "%s:%u", r->file, line);
	else
		snprintf(where, sizeof(where), "--set strategies");
	if (!sfe_scenario_add_strategy(r->s, text, line ? r->folder : r->set_folder, where, &cause))
		return 0;
	if (line)
		return sfe_fail_at(
			r->err, -EINVAL, r->file, line, cause.todo, "strategies: %s", cause.what);
	return sfe_reader_add_place(r, "strategies", &cause);
}

/* "A, B" or "[A, B]", as in --set and in the table's default. */
static int add_strategies_of(const struct sfe_scenario_reader *r, const char *text)
{
	size_t len = strlen(text);
	int ret = 0;

	if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	char *copy = strndup(text, len), *rest = copy, *word;
	if (!copy)
		return sfe_reader_no_memory(r);
	while (!ret && len && (word = strsep(&rest, ","))) {
		word += strspn(word, " ");
		for (size_t n = strlen(word); n && word[n - 1] == ' '; n--)
			word[n - 1] = '\0';
		ret = add_strategy(r, word, 0);
	}
	free(copy);
	return ret;
}

static int convert_strategies(const struct sfe_scenario_reader *r, const struct sfe_key *key)
{
	const char *set = r->set[key - sfe_keys];
	int ret = 0;

	if (set) {
		ret = add_strategies_of(r, strchr(set, '=') + 1);
	} else if (sfe_tree_get(r->tree, key->path)) {
		for (uint32_t i = 0; !ret && i < r->texts->n_strategies; i++) {
			char path[32];
			snprintf(path, sizeof(path), "strategies[%u]", i);
			const struct sfe_tree *e = sfe_tree_find(r->tree, path);
			ret = add_strategy(r, r->texts->strategy[i], e ? e->line : 1);
		}
	} else {
		ret = add_strategies_of(r, key->preset);
	}
	if (!ret && !r->s->n_strategies)
		return sfe_reader_fail_key(r, key->path,
			"name at least one strategy, such as [PureFaaS]", "the list is empty");
	return ret;
}

/* The file's base name without suffix, made a valid name. */
static char *name_of(const char *file)
{
	const char *base = strrchr(file, '/');
	char *name = strdup(base ? base + 1 : file);

	if (!name)
		return NULL;
	char *dot = strrchr(name, '.');
	if (dot && dot != name)
		*dot = '\0';
	sfe_name_make(name);
	return name;
}

static int set_rule(struct sfe_scenario *s, const char *text, struct sfe_error *err)
{
	return sfe_key_set(sfe_key_find("placement"), text, ".", s, err);
}

/* A --set of a rule keeps what else the file says; one of a group replaces it. */
static int convert_placement(const struct sfe_scenario_reader *r, const struct sfe_key *key)
{
	const char *set = r->set[key - sfe_keys], *text = set ? strchr(set, '=') + 1 : NULL;
	const struct sfe_tree *tree = sfe_tree_get(r->tree, key->path);
	SFE_TREE_AUTO struct sfe_tree *own = NULL;
	struct sfe_error cause = {0};
	char place[128];
	int ret = set_rule(r->s, key->preset, &cause);

	if (!ret && tree && tree->kind == SFE_TREE_MAPPING && (!text || *text != '{'))
		ret = sfe_placement_read(tree, r->file, r->folder, r->s, set_rule, r->err);
	else if (!ret && tree && tree->kind == SFE_TREE_VALUE && !text)
		text = tree->text;
	if (ret || !text)
		return ret;
	if (*text != '{')
		return set_rule(r->s, text, &cause) ? sfe_reader_add_place(r, key->path, &cause)
						    : 0;
	snprintf(place, sizeof(place), "--set %s", key->path);
	ret = sfe_tree_read(text, strlen(text), place, 0, &own, r->err);
	return ret ? ret : sfe_placement_read(own, place, r->set_folder, r->s, set_rule, r->err);
}

static int convert(struct sfe_scenario_reader *r)
{
	for (unsigned i = 0; i < sfe_n_keys; i++) {
		const struct sfe_key *key = &sfe_keys[i];
		struct sfe_error cause = {0};
		const char *text = r->set[i] ? strchr(r->set[i], '=') + 1 : r->texts->text[i];
		char *name = NULL;
		int ret;

		if (key->type == SFE_KEY_STRATEGIES) {
			if ((ret = convert_strategies(r, key)))
				return ret;
			continue;
		}
		if (key->type == SFE_KEY_PLACEMENT) {
			if ((ret = convert_placement(r, key)))
				return ret;
			continue;
		}
		if (text && !r->set[i] && !strcmp(key->path, "results"))
			r->s->results_by_file = true;
		if (!text && key->preset)
			text = key->preset;
		if (!text && !(text = name = name_of(r->file)))
			return sfe_reader_no_memory(r);
		ret = sfe_key_set(key, text, r->set[i] ? r->set_folder : r->folder, r->s, &cause);
		free(name);
		if (ret)
			return sfe_reader_add_place(r, key->path, &cause);
	}
	return 0;
}

/* The last --set of a section; NULL: none. */
static const char *set_of_section(const struct sfe_scenario_reader *r, const char *path)
{
	size_t len = strlen(path);

	for (uint32_t i = r->n_sets; i-- > 0;)
		if (!strncmp(r->sets[i], path, len) && r->sets[i][len] == '=')
			return r->sets[i] + len + 1;
	return NULL;
}

static int read_section(const struct sfe_scenario_reader *r, const struct sfe_section *section)
{
	const struct sfe_tree *tree = sfe_tree_find(r->tree, section->path);
	const char *set = set_of_section(r, section->path);
	SFE_TREE_AUTO struct sfe_tree *own = NULL;
	char place[128];
	int ret;

	if (!set)
		return tree ? section->read(tree, r->file, r->folder, r->s, r->err) : 0;
	if (!*set) /* an empty --set removes the file's section */
		return 0;
	snprintf(place, sizeof(place), "--set %s", section->path);
	ret = sfe_tree_read(set, strlen(set), place, SFE_TREE_ANY_ROOT, &own, r->err);
	return ret ? ret : section->read(own, place, r->set_folder, r->s, r->err);
}

static int read_sections(const struct sfe_scenario_reader *r)
{
	int ret = 0;

	for (const struct sfe_section *s = sfe_sections; s->path && !ret; s++)
		ret = read_section(r, s);
	return ret;
}

static int read_all(struct sfe_scenario_reader *r, const char *const *sets, uint32_t n_sets)
{
	int ret;

	if ((!r->text && (ret = read_text(r))) || (ret = find_folder(r)) ||
		(ret = sfe_tree_read(r->text, r->len, r->file, 0, &r->tree, r->err)) ||
		(ret = sfe_scenario_check_keys(r)) ||
		(ret = sfe_scenario_texts_load(r->text, r->len, r->file, &r->texts, r->err)))
		return ret;
	r->sets = sets;
	r->n_sets = n_sets;
	for (uint32_t i = 0; i < n_sets; i++)
		if ((ret = read_set(r, sets[i])))
			return ret;
	r->s = calloc(1, sizeof(*r->s));
	if (!r->s || !(r->s->file = strdup(r->file)) || !(r->s->inputs = sfe_inputs_new()))
		return sfe_reader_no_memory(r);
	r->s->files.names_only = r->names_only;
	ret = convert(r);
	ret = ret ? ret : read_sections(r);
	return ret ? ret : sfe_scenario_check_rules(r);
}

static int read_scenario(struct sfe_scenario_reader *r, const char *const *sets, uint32_t n_sets,
	struct sfe_scenario **out)
{
	struct sfe_error ignored;

	*out = NULL;
	if (!r->err)
		r->err = &ignored;
	int ret = read_all(r, sets, n_sets);
	free(r->folder);
	free(r->yaml);
	sfe_tree_free(r->tree);
	sfe_scenario_texts_free(r->texts);
	if (ret)
		sfe_scenario_free(r->s);
	else
		*out = r->s;
	return ret;
}

int sfe_scenario_read_sets(const char *file, const char *set_folder, const char *const *sets,
	uint32_t n_sets, struct sfe_scenario **out, struct sfe_error *err)
{
	struct sfe_scenario_reader r = {.file = file, .set_folder = set_folder, .err = err};

	return read_scenario(&r, sets, n_sets, out);
}

int sfe_scenario_read(const char *file, const char *const *sets, uint32_t n_sets,
	struct sfe_scenario **out, struct sfe_error *err)
{
	return sfe_scenario_read_sets(file, ".", sets, n_sets, out, err);
}

int sfe_scenario_parse(const char *text, size_t len, const char *file, const char *const *sets,
	uint32_t n_sets, struct sfe_scenario **out, struct sfe_error *err)
{
	struct sfe_scenario_reader r = {
		.file = file, .set_folder = ".", .text = text, .len = len, .err = err};

	return read_scenario(&r, sets, n_sets, out);
}

int sfe_scenario_parse_named(const char *text, size_t len, const char *file,
	const char *const *sets, uint32_t n_sets, struct sfe_scenario **out, struct sfe_error *err)
{
	struct sfe_scenario_reader r = {.file = file,
		.set_folder = ".",
		.text = text,
		.len = len,
		.names_only = true,
		.err = err};

	return read_scenario(&r, sets, n_sets, out);
}

void sfe_scenario_free(struct sfe_scenario *s)
{
	if (!s)
		return;
	for (unsigned i = 0; i < sfe_n_keys; i++)
		sfe_key_clear(&sfe_keys[i], s);
	for (const struct sfe_section *x = sfe_sections; x->path; x++)
		x->clear(s);
	sfe_link_files_free(&s->files);
	sfe_inputs_free(s->inputs);
	free(s->file);
	free(s);
}
