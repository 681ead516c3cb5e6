/* SPDX-License-Identifier: MIT */
/*
 * A scenario from its file and from --set. The tree with lines finds what is not a scenario at all
 * and says where; libcyaml loads the texts of the flat keys; the last text given for a key, by the
 * file or by a
 * --set, is converted; the sections read their part of the tree; then come the rules between keys.
 */
#include "sfemu/scenario.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/input.h"
#include "emu/model/base/name.h"
#include "emu/model/base/yaml_tree.h"
#include "emu/model/scenario/scenario_keys.h"
#include "emu/model/scenario/scenario_schema.h"
#include "emu/model/scenario/scenario_sections.h"

#define MAX_FILE (1u << 20)
#define MAX_RATE_BPS 100000000000u

struct reader {
	const char *file;
	char *folder;           /* of the file */
	const char *set_folder; /* where relative files of the sets start */
	char *yaml;             /* read from the file, or NULL */
	const char *text;       /* of the scenario */
	bool names_only;        /* no file that it names is looked for */
	size_t len;
	struct sfe_tree *tree;
	struct sfe_scenario_texts *texts;
	const char *set[SFE_MAX_KEYS]; /* the last --set of each key */
	const char *const *sets;       /* all of them, for the sections */
	uint32_t n_sets;
	struct sfe_scenario *s;
	struct sfe_error *err;
};

static int no_memory(const struct reader *r)
{
	return sfe_fail(r->err, -ENOMEM, r->file, NULL, "out of memory");
}

/* Fails at the place where the key was given: its --set, its line, or that of the nearest group. */
__attribute__((format(printf, 4, 5))) static int fail_key(
	const struct reader *r, const char *path, const char *todo, const char *fmt, ...)
{
	const struct sfe_key *key = sfe_key_find(path);
	const struct sfe_tree *entry;
	char what[sizeof(r->err->what)], where[sizeof(r->err->where)], group[64];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	if (key && r->set[key - sfe_keys]) {
		snprintf(where, sizeof(where), "--set %s", r->set[key - sfe_keys]);
		return sfe_fail(r->err, -EINVAL, where, todo, "%s: %s", path, what);
	}
	snprintf(group, sizeof(group), "%s", path);
	while (!(entry = sfe_tree_find(r->tree, group))) {
		char *dot = strrchr(group, '.');
		if (!dot)
			break;
		*dot = '\0';
	}
	return sfe_fail_at(
		r->err, -EINVAL, r->file, entry ? entry->line : 1, todo, "%s: %s", path, what);
}

/* The converters fill the error without a place. */
static int add_place(const struct reader *r, const char *path, const struct sfe_error *cause)
{
	if (cause->code == -ENOMEM)
		return no_memory(r);
	return fail_key(r, path, cause->todo, "%s", cause->what);
}

static int read_text(struct reader *r)
{
	r->text = r->yaml = malloc(MAX_FILE + 1);
	if (!r->yaml)
		return no_memory(r);
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

static int find_folder(struct reader *r)
{
	const char *slash = strrchr(r->file, '/');

	r->folder = slash ? strndup(r->file, slash == r->file ? 1 : (size_t)(slash - r->file))
			  : strdup(".");
	if (!r->folder)
		return no_memory(r);
	if (r->len > MAX_FILE)
		return sfe_fail(r->err, -EINVAL, r->file, "give the path of a scenario",
			"is larger than 1 MiB");
	return 0;
}

/* Says which keys there are in the group where an unknown one was looked for. */
static int fail_unknown(const struct reader *r, const char *path, const char *where, unsigned line)
{
	char group[64], keys[160], todo[sizeof(keys) + sizeof(group) + 32];

	snprintf(group, sizeof(group), "%s", path);
	do {
		char *dot = strrchr(group, '.');
		*(dot ? dot : group) = '\0';
	} while (!sfe_key_list(group, keys, sizeof(keys)) && *group);
	if (*group)
		snprintf(todo, sizeof(todo), "the keys of %s are %s", group, keys);
	else
		snprintf(todo, sizeof(todo), "the keys are %s", keys);
	if (line)
		return sfe_fail_at(
			r->err, -EINVAL, where, line, todo, "unknown key '%.100s'", path);
	return sfe_fail(r->err, -EINVAL, where, todo, "unknown key '%.100s'", path);
}

static int check_strategies(const struct reader *r, const struct sfe_tree *t)
{
	if (t->kind != SFE_TREE_LIST)
		return sfe_tree_fail(t, r->file, "write a list, such as [PureFaaS, StateLocal]",
			r->err, "strategies: is not a list");
	for (unsigned i = 0; i < t->n; i++)
		if (t->child[i]->kind != SFE_TREE_VALUE)
			return sfe_tree_fail(t->child[i], r->file,
				"write names, such as [PureFaaS, StateLocal]", r->err,
				"strategies: an element is not a name");
	return 0;
}

static int check_entry(const struct reader *r, const struct sfe_tree *t, const char *path);

/* Are all keys of a group known, and a value, a group or a list where one belongs? */
static int check_group(const struct reader *r, const struct sfe_tree *t, const char *path)
{
	char *child;
	int ret = 0;

	for (unsigned i = 0; i < t->n && !ret; i++) {
		if (asprintf(&child, "%s%s%s", path, *path ? "." : "", t->child[i]->key) < 0)
			return no_memory(r);
		ret = check_entry(r, t->child[i], child);
		free(child);
	}
	return ret;
}

static int check_entry(const struct reader *r, const struct sfe_tree *t, const char *path)
{
	const struct sfe_key *key = sfe_key_find(path);
	char keys[160], todo[sizeof(keys) + 32];

	if (sfe_section_find(path))
		return 0; /* its reader checks it */
	if (key && key->type == SFE_KEY_STRATEGIES)
		return check_strategies(r, t);
	if (key && t->kind == SFE_TREE_VALUE)
		return 0;
	if (key)
		return sfe_tree_fail(t, r->file, "write 'key: value'", r->err,
			"%s: is %s where one value belongs", path,
			t->kind == SFE_TREE_LIST ? "a list" : "a group of keys");
	if (!sfe_key_list(path, keys, sizeof(keys)))
		return fail_unknown(r, path, r->file, t->line);
	if (t->kind == SFE_TREE_MAPPING)
		return check_group(r, t, path);
	snprintf(todo, sizeof(todo), "write one or more of %s below it", keys);
	return sfe_tree_fail(t, r->file, todo, r->err, "%s: is %s where a group of keys belongs",
		path, t->kind == SFE_TREE_LIST ? "a list" : "one value");
}

static int read_set(struct reader *r, const char *set)
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
		return 0; /* read_sections takes it */
	if (!sfe_key_list(path, keys, sizeof(keys)))
		return fail_unknown(r, path, where, 0);
	char todo[sizeof(keys) + 32];
	snprintf(todo, sizeof(todo), "set one of its keys %s", keys);
	return sfe_fail(r->err, -EINVAL, where, todo, "'%s' is a group of keys", path);
}

static int add_strategy(const struct reader *r, const char *text, unsigned line)
{
	struct sfe_error cause = {0};

	if (!sfe_key_add_strategy(r->s, text, &cause))
		return 0;
	if (line)
		return sfe_fail_at(
			r->err, -EINVAL, r->file, line, cause.todo, "strategies: %s", cause.what);
	return add_place(r, "strategies", &cause);
}

/* "A, B" or "[A, B]", as in --set and in the table's default. */
static int add_strategies_of(const struct reader *r, const char *text)
{
	size_t len = strlen(text);
	int ret = 0;

	if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	char *copy = strndup(text, len), *rest = copy, *word;
	if (!copy)
		return no_memory(r);
	while (!ret && len && (word = strsep(&rest, ","))) {
		word += strspn(word, " ");
		for (size_t n = strlen(word); n && word[n - 1] == ' '; n--)
			word[n - 1] = '\0';
		ret = add_strategy(r, word, 0);
	}
	free(copy);
	return ret;
}

static int convert_strategies(const struct reader *r, const struct sfe_key *key)
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
		return fail_key(r, key->path, "name at least one strategy, such as [PureFaaS]",
			"the list is empty");
	return ret;
}

/* The file's base name without suffix, made a name. */
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

static int convert(struct reader *r)
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
		if (text && !r->set[i] && !strcmp(key->path, "results"))
			r->s->results_by_file = true;
		if (!text && key->preset)
			text = key->preset;
		if (!text && !(text = name = name_of(r->file)))
			return no_memory(r);
		ret = sfe_key_set(key, text, r->set[i] ? r->set_folder : r->folder, r->s, &cause);
		free(name);
		if (ret)
			return add_place(r, key->path, &cause);
	}
	return 0;
}

/* The last --set of a section, NULL if there is none. */
static const char *set_of_section(const struct reader *r, const char *path)
{
	size_t len = strlen(path);

	for (uint32_t i = r->n_sets; i-- > 0;)
		if (!strncmp(r->sets[i], path, len) && r->sets[i][len] == '=')
			return r->sets[i] + len + 1;
	return NULL;
}

static int read_section(const struct reader *r, const struct sfe_section *section)
{
	const struct sfe_tree *tree = sfe_tree_find(r->tree, section->path);
	const char *set = set_of_section(r, section->path);
	SFE_TREE_AUTO struct sfe_tree *own = NULL;
	char place[128];
	int ret;

	if (!set)
		return tree ? section->read(tree, r->file, r->folder, r->s, r->err) : 0;
	if (!*set) /* --set section= takes the file's away */
		return 0;
	snprintf(place, sizeof(place), "--set %s", section->path);
	ret = sfe_tree_read(set, strlen(set), place, SFE_TREE_ANY_ROOT, &own, r->err);
	return ret ? ret : section->read(own, place, r->set_folder, r->s, r->err);
}

static int read_sections(const struct reader *r)
{
	int ret = 0;

	for (const struct sfe_section *s = sfe_sections; s->path && !ret; s++)
		ret = read_section(r, s);
	return ret;
}

static int check_topology(const struct reader *r)
{
	const struct {
		const char *key, *value;
	} files[] = {
		{"topology.nodes", r->s->topology.nodes},
		{"topology.links", r->s->topology.links},
		{"topology.edges", r->s->topology.edges},
	};
	unsigned given = 0;

	for (unsigned i = 0; i < 3; i++) {
		given += files[i].value != NULL;
		if (files[i].value && r->s->topology.generate)
			return fail_key(r, files[i].key,
				"keep topology.generate or the three files, not both",
				"a file together with topology.generate");
	}
	if (r->s->topology.compose && (given || r->s->topology.generate))
		return fail_key(r, given ? "topology.nodes" : "topology.generate",
			"keep one of topology.compose, topology.generate and the three files",
			"together with topology.compose");
	if (!given && !r->s->topology.generate && !r->s->topology.compose)
		return fail_key(r, "topology",
			"write topology: {generate: iiot} or one of urban and cloud, or nodes, "
			"links and edges with files, or compose with cells",
			"there is no topology");
	for (unsigned i = 0; given && i < 3; i++)
		if (!files[i].value)
			return fail_key(r, files[i].key, "give nodes, links and edges",
				"this file of the topology is missing");
	return 0;
}

/* What one kind's keys say by themselves; where the topology gives the rate, the rest is seen with
 * it. */
static int check_link(const struct reader *r, const char *kind, const struct sfe_link_spec *link)
{
	struct sfe_error cause = {0};
	const char *attribute;
	char path[64];

	struct sfe_link_spec known = *link;

	if (!link->rate_bps && !link->queue_bytes)
		return 0;
	if (!link->rate_bps)
		known.rate_bps = MAX_RATE_BPS;
	if (!sfe_link_check(&known, r->s->tcp.mtu, &attribute, &cause))
		return 0;
	snprintf(path, sizeof(path), "link.%s.%s", kind, attribute);
	return fail_key(r, path, cause.todo, "%s", cause.what);
}

static int check_rules(const struct reader *r)
{
	static const char *const kinds[SFE_LINK_KINDS] = {
		[SFE_LINK_NODE] = "node",
		[SFE_LINK_SHARED] = "shared",
		[SFE_LINK_UPLINK] = "uplink",
		[SFE_LINK_DOWNLINK] = "downlink",
	};
	int ret = check_topology(r);

	for (unsigned i = 0; !ret && i < SFE_LINK_KINDS; i++)
		ret = check_link(r, kinds[i], &r->s->link[i]);
	if (ret)
		return ret;
	if (!r->s->workload.tasks)
		return fail_key(r, "workload.tasks", "write workload: {tasks: FILE}",
			"there is no file of tasks");
	if (r->s->invocation.retries && !r->s->invocation.deadline_ns)
		return fail_key(r, "invocation.retries",
			"write invocation.deadline, such as 2s, or leave the retries out",
			"without a deadline no attempt ends, so no other one follows");
	if (r->s->clock == SFE_CLOCK_VIRTUAL && r->s->substrate == SFE_SUBSTRATE_NATIVE)
		return fail_key(r, "clock", "write substrate: vm, or clock: real",
			"a virtual clock needs the substrate vm");
	return 0;
}

static int read_all(struct reader *r, const char *const *sets, uint32_t n_sets)
{
	int ret;

	if ((!r->text && (ret = read_text(r))) || (ret = find_folder(r)) ||
		(ret = sfe_tree_read(r->text, r->len, r->file, 0, &r->tree, r->err)) ||
		(ret = check_group(r, r->tree, "")) ||
		(ret = sfe_scenario_texts_load(r->text, r->len, r->file, &r->texts, r->err)))
		return ret;
	r->sets = sets;
	r->n_sets = n_sets;
	for (uint32_t i = 0; i < n_sets; i++)
		if ((ret = read_set(r, sets[i])))
			return ret;
	r->s = calloc(1, sizeof(*r->s));
	if (!r->s || !(r->s->file = strdup(r->file)) || !(r->s->inputs = sfe_inputs_new()))
		return no_memory(r);
	r->s->files.names_only = r->names_only;
	ret = convert(r);
	ret = ret ? ret : read_sections(r);
	return ret ? ret : check_rules(r);
}

static int read_scenario(
	struct reader *r, const char *const *sets, uint32_t n_sets, struct sfe_scenario **out)
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
	struct reader r = {.file = file, .set_folder = set_folder, .err = err};

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
	struct reader r = {.file = file, .set_folder = ".", .text = text, .len = len, .err = err};

	return read_scenario(&r, sets, n_sets, out);
}

int sfe_scenario_parse_named(const char *text, size_t len, const char *file,
	const char *const *sets, uint32_t n_sets, struct sfe_scenario **out, struct sfe_error *err)
{
	struct reader r = {.file = file,
		.set_folder = ".",
		.text = text,
		.len = len,
		.names_only = true,
		.err = err};

	return read_scenario(&r, sets, n_sets, out);
}

/* The sections of a group ("": of the top), after its keys. */
static void write_sections(
	const struct sfe_scenario *s, const char *group, size_t len, unsigned depth, FILE *out)
{
	for (const struct sfe_section *x = sfe_sections; x->path; x++) {
		const char *dot = strrchr(x->path, '.');
		if ((dot ? (size_t)(dot - x->path) : 0) != len || strncmp(x->path, group, len) ||
			!x->is_set(s))
			continue;
		fprintf(out, "%*s%s: ", 2 * (int)depth, "", dot ? dot + 1 : x->path);
		x->print(s, out);
		fputc('\n', out);
	}
}

/* Whether a key is the last of its group. */
static bool ends_group(unsigned key, size_t len)
{
	return key + 1 == sfe_n_keys ||
	       strncmp(sfe_keys[key].path, sfe_keys[key + 1].path, len + 1);
}

int sfe_scenario_write(const struct sfe_scenario *s, FILE *out)
{
	const char *before = "";

	fputs("# A scenario of sfemu " SFE_VERSION " as resolved: every key.\n", out);
	for (unsigned i = 0; i < sfe_n_keys; i++) {
		const char *path = sfe_keys[i].path, *part = path;
		/* Skip the groups that are open already, then open the others. */
		unsigned depth = 0;
		for (const char *dot; (dot = strchr(part, '.')); part = dot + 1, depth++)
			if (strncmp(before, path, (size_t)(dot + 1 - path)))
				fprintf(out, "%*s%.*s:\n", 2 * (int)depth, "", (int)(dot - part),
					part);
		fprintf(out, "%*s%s: ", 2 * (int)depth, "", part);
		sfe_key_print(&sfe_keys[i], s, out);
		fputc('\n', out);
		size_t group = part == path ? 0 : (size_t)(part - path - 1);
		if (group && ends_group(i, group))
			write_sections(s, path, group, depth, out);
		before = path;
	}
	write_sections(s, "", 0, 0, out);
	return ferror(out) ? -EIO : 0;
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
