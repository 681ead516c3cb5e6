/* SPDX-License-Identifier: MIT */
#include "emu/model/scenario/scenario_functions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/name_check.h"
#include "sfemu/units.h"

#define DEFAULT_TIMEOUT_NS 60000000000u
#define MAX_TIMEOUT_NS (8760ull * 3600 * 1000000000)

struct reader { /* of one function */
	const char *file, *folder;
	bool names_only;
	struct sfe_function_spec *f;
	struct sfe_error *err;
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int no_memory(struct sfe_error *err)
{
	return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
}

static int fail_at(const struct reader *r, const struct sfe_tree *t, const struct sfe_error *cause)
{
	return sfe_tree_fail(t, r->file, cause->todo, r->err, "functions.%s.%s: %s", r->f->name,
		t->key ? t->key : "exec", cause->what);
}

/* Adds a word and takes the texts over. written: NULL unless a file was found. */
static int add_word(const struct reader *r, char *text, char *written, bool file)
{
	struct sfe_function_spec *f = r->f;
	struct sfe_function_word *more =
		reallocarray(f->words, (size_t)f->n_words + 1, sizeof(*more));

	if (more)
		f->words = more;
	if (!more || !text) {
		free(text);
		free(written);
		return no_memory(r->err);
	}
	f->words[f->n_words++] = (struct sfe_function_word){text, file, written};
	return 0;
}

/* Adds a file that was found by the scenario's text, and takes its full path over. */
static int add_found(const struct reader *r, const char *text, char *full, bool file)
{
	char *written = sfe_text_as_written(text, r->folder);

	if (written)
		return add_word(r, full, written, file);
	free(full);
	return no_memory(r->err);
}

/* The plugin: the path of a file, which is opened when the experiment is made. */
static int read_plugin(const struct reader *r, const struct sfe_tree *t)
{
	const char *text = sfe_tree_text(t, r->file, "plugin", r->err);
	struct sfe_error cause = {0};
	char *full;

	if (!text)
		return -EINVAL;
	if (r->names_only)
		return add_word(r, strdup(text), NULL, true);
	if (sfe_text_find(text, r->folder, &full, &cause))
		return fail_at(r, t, &cause);
	return add_found(r, text, full, true);
}

bool sfe_function_of_system(const char *path)
{
	static const char *const folders[] = {"/usr/", "/bin/", "/sbin/", "/lib/", "/lib32/",
		"/lib64/", "/libx32/", "/etc/", "/opt/", "/proc/", "/sys/", "/dev/"};

	/* Everybody may write there, and .. leads anywhere. */
	if (!strncmp(path, "/dev/shm/", 9) || strstr(path, "/../"))
		return false;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (!strncmp(path, folders[i], strlen(folders[i])))
			return true;
	return false;
}

/* A word that names a file beside the scenario, or elsewhere outside of the system's folders, is a
 * file of the scenario. */
static int read_word(const struct reader *r, const struct sfe_tree *t)
{
	const char *text = sfe_tree_text(t, r->file, "exec", r->err);
	struct sfe_error cause = {0};
	char *full = NULL;

	if (!text)
		return -EINVAL;
	if (!r->f->n_words && !*text)
		return sfe_tree_fail(t, r->file, "write a list, such as [python3, count.py]",
			r->err, "functions.%s.exec: the program has no name", r->f->name);
	if (r->names_only || sfe_function_of_system(text) ||
		sfe_text_find(text, r->folder, &full, &cause))
		return add_word(r, strdup(text), NULL, false);
	for (uint32_t i = 0; i < r->f->n_words; i++)
		if (r->f->words[i].file &&
			!strcmp(base_name(r->f->words[i].text), base_name(full)) &&
			strcmp(r->f->words[i].text, full)) {
			free(full);
			return sfe_tree_fail(t, r->file, "rename one of them", r->err,
				"functions.%s.exec: two files of the name %.80s", r->f->name,
				base_name(text));
		}
	return add_found(r, text, full, !sfe_function_of_system(full));
}

static int read_exec(const struct reader *r, const struct sfe_tree *t)
{
	int ret = 0;

	if (t->kind == SFE_TREE_VALUE)
		return read_word(r, t);
	if (t->kind != SFE_TREE_LIST || !t->n || t->n > SFE_MAX_FUNCTION_WORDS)
		return sfe_tree_fail(t, r->file, "write a list, such as [python3, count.py]",
			r->err, "functions.%s.exec: is not a list of 1 to %u words", r->f->name,
			SFE_MAX_FUNCTION_WORDS);
	for (unsigned i = 0; i < t->n && !ret; i++)
		ret = read_word(r, t->child[i]);
	return ret;
}

static int read_law(const struct reader *r, const struct sfe_tree *t, enum sfe_law_unit unit,
	struct sfe_law *law)
{
	const char *text = sfe_tree_text(t, r->file, t->key, r->err);
	struct sfe_error cause = {0};

	if (!text)
		return -EINVAL;
	return sfe_law_parse(text, unit, law, &cause) ? fail_at(r, t, &cause) : 0;
}

static int read_timeout(const struct reader *r, const struct sfe_tree *t)
{
	const char *text = sfe_tree_text(t, r->file, t->key, r->err);
	struct sfe_error cause = {0};

	if (!text)
		return -EINVAL;
	if (sfe_parse_time(text, &r->f->timeout_ns, &cause))
		return fail_at(r, t, &cause);
	if (!r->f->timeout_ns || r->f->timeout_ns > MAX_TIMEOUT_NS)
		return sfe_tree_fail(t, r->file, "write a time from 1ns to 8760h", r->err,
			"functions.%s.timeout: %s is out of range", r->f->name, text);
	return 0;
}

static int read_affinity(const struct reader *r, const struct sfe_tree *t)
{
	unsigned n = t->kind == SFE_TREE_LIST ? t->n : 1;

	if (!n || t->kind == SFE_TREE_MAPPING)
		return sfe_tree_fail(t, r->file, "write a model of nodes, CPU or GPU, or a list",
			r->err, "functions.%s.affinity: is neither a name nor a list of names",
			r->f->name);
	r->f->affinity = calloc(n, sizeof(*r->f->affinity));
	if (!r->f->affinity)
		return no_memory(r->err);
	while (r->f->n_affinity < n) {
		const struct sfe_tree *at =
			t->kind == SFE_TREE_LIST ? t->child[r->f->n_affinity] : t;
		const char *text = sfe_tree_text(at, r->file, "affinity", r->err);
		struct sfe_error cause = {0};
		if (!text)
			return -EINVAL;
		if (sfe_pattern_check(text, &cause))
			return fail_at(r, t, &cause);
		if (!(r->f->affinity[r->f->n_affinity] = strdup(text)))
			return no_memory(r->err);
		r->f->n_affinity++;
	}
	return 0;
}

static const char *const all_keys[] = {
	"plugin", "exec", "output", "ops", "timeout", "affinity", NULL};

/* What runs follows from which of the keys is there. */
static int find_kind(const struct reader *r, const struct sfe_tree *t)
{
	static const char *const allowed[][6] = {
		[SFE_FUNCTION_SYNTHETIC] = {"output", "ops", "affinity", NULL},
		[SFE_FUNCTION_PLUGIN] = {"plugin", "output", "ops", "affinity", NULL},
		[SFE_FUNCTION_EXEC] = {"exec", "output", "ops", "timeout", "affinity", NULL},
	};
	int ret = sfe_tree_check_keys(t, r->file, all_keys, r->err);

	if (ret)
		return ret;
	r->f->kind = sfe_tree_get(t, "plugin") ? SFE_FUNCTION_PLUGIN
		     : sfe_tree_get(t, "exec") ? SFE_FUNCTION_EXEC
					       : SFE_FUNCTION_SYNTHETIC;
	if (r->f->kind == SFE_FUNCTION_SYNTHETIC &&
		(!sfe_tree_get(t, "output") || !sfe_tree_get(t, "ops")))
		return sfe_tree_fail(t, r->file,
			"write {ops: 2e8, output: 40kB}, {plugin: FILE.so} or {exec: [PROGRAM, "
			"ARGUMENT, ...]}",
			r->err, "functions.%s: it is not said what runs", r->f->name);
	return sfe_tree_check_keys(t, r->file, allowed[r->f->kind], r->err);
}

static int read_keys(const struct reader *r, const struct sfe_tree *t)
{
	int ret = find_kind(r, t);

	r->f->says_ops = sfe_tree_get(t, "ops");
	r->f->says_output = sfe_tree_get(t, "output");
	for (unsigned i = 0; i < t->n && !ret; i++) {
		const struct sfe_tree *c = t->child[i];
		if (!strcmp(c->key, "plugin"))
			ret = read_plugin(r, c);
		else if (!strcmp(c->key, "exec"))
			ret = read_exec(r, c);
		else if (!strcmp(c->key, "ops"))
			ret = read_law(r, c, SFE_LAW_OPERATIONS, &r->f->ops);
		else if (!strcmp(c->key, "output"))
			ret = read_law(r, c, SFE_LAW_BYTES, &r->f->output);
		else if (!strcmp(c->key, "affinity"))
			ret = read_affinity(r, c);
		else
			ret = read_timeout(r, c);
	}
	return ret;
}

static int read_function(const struct reader *r, const struct sfe_tree *t)
{
	const struct sfe_span name = {t->key, strlen(t->key)};
	struct sfe_error cause = {0};

	if (sfe_name_check(name, &cause))
		return sfe_tree_fail(t, r->file, cause.todo, r->err, "functions: %s", cause.what);
	r->f->name = strdup(t->key);
	if (!r->f->name || asprintf(&r->f->where, "%s:%u", r->file, t->line) < 0)
		return no_memory(r->err);
	if (t->kind != SFE_TREE_MAPPING)
		return sfe_tree_fail(t, r->file,
			"write {ops: 2e8, output: 40kB}, {plugin: FILE.so} or {exec: [PROGRAM, "
			"ARGUMENT, ...]}",
			r->err, "functions.%s: is not a group of keys", t->key);
	r->f->timeout_ns = DEFAULT_TIMEOUT_NS;
	return read_keys(r, t);
}

static int by_name(const void *a, const void *b)
{
	const struct sfe_function_spec *x = a, *y = b;

	return strcmp(x->name, y->name);
}

int sfe_section_functions_read(const struct sfe_tree *tree, const char *file, const char *folder,
	struct sfe_scenario *s, struct sfe_error *err)
{
	int ret = 0;

	sfe_section_functions_clear(s);
	if (tree->kind != SFE_TREE_MAPPING || tree->n > SFE_MAX_FUNCTIONS)
		return sfe_tree_fail(tree, file,
			"write functions: {NAME: {ops: 2e8, output: 40kB}}", err,
			"functions: is not a group of at most %u functions", SFE_MAX_FUNCTIONS);
	s->functions.of = calloc((size_t)tree->n + 1, sizeof(*s->functions.of));
	if (!s->functions.of)
		return no_memory(err);
	while (s->functions.n < tree->n && !ret) {
		const struct reader r = {
			file, folder, s->files.names_only, &s->functions.of[s->functions.n], err};
		ret = read_function(&r, tree->child[s->functions.n++]);
	}
	if (!ret)
		qsort(s->functions.of, s->functions.n, sizeof(*s->functions.of), by_name);
	return ret;
}

bool sfe_section_functions_are_set(const struct sfe_scenario *s)
{
	return s->functions.n;
}

static void print_words(const struct sfe_function_spec *f, FILE *out)
{
	if (f->kind == SFE_FUNCTION_PLUGIN) {
		fputs("plugin: ", out);
		sfe_tree_print_text(f->words[0].text, out);
	} else if (f->kind == SFE_FUNCTION_EXEC) {
		char timeout[SFE_UNIT_TEXT];
		fputs("exec: [", out);
		for (uint32_t i = 0; i < f->n_words; i++) {
			fputs(i ? ", " : "", out);
			sfe_tree_print_text(f->words[i].text, out);
		}
		fprintf(out, "], timeout: %s", sfe_format_time(f->timeout_ns, timeout));
	}
}

static void print_laws(const struct sfe_function_spec *f, FILE *out)
{
	char law[SFE_LAW_TEXT];

	if (f->says_output)
		fprintf(out, "%soutput: %s", f->kind == SFE_FUNCTION_SYNTHETIC ? "" : ", ",
			sfe_law_format(&f->output, SFE_LAW_BYTES, law));
	if (f->says_ops)
		fprintf(out, ", ops: %s", sfe_law_format(&f->ops, SFE_LAW_OPERATIONS, law));
}

void sfe_section_functions_print(const struct sfe_scenario *s, FILE *out)
{
	for (uint32_t i = 0; i < s->functions.n; i++) {
		const struct sfe_function_spec *f = &s->functions.of[i];
		fputs(i ? ", " : "{", out);
		sfe_tree_print_text(f->name, out);
		fputs(": {", out);
		print_words(f, out);
		print_laws(f, out);
		for (uint32_t k = 0; k < f->n_affinity; k++) {
			fputs(k ? ", " : ", affinity: [", out);
			sfe_tree_print_text(f->affinity[k], out);
		}
		fputs(f->n_affinity ? "]}" : "}", out);
	}
	fputc('}', out);
}

void sfe_section_functions_clear(struct sfe_scenario *s)
{
	for (uint32_t i = 0; i < s->functions.n; i++) {
		struct sfe_function_spec *f = &s->functions.of[i];
		for (uint32_t k = 0; k < f->n_words; k++) {
			free(f->words[k].text);
			free(f->words[k].written);
		}
		free(f->words);
		for (uint32_t k = 0; k < f->n_affinity; k++)
			free(f->affinity[k]);
		free(f->affinity);
		free(f->name);
		free(f->where);
	}
	free(s->functions.of);
	memset(&s->functions, 0, sizeof(s->functions));
}

const struct sfe_function_spec *sfe_scenario_function(
	const struct sfe_scenario *s, const char *name)
{
	const struct sfe_function_spec key = {.name = (char *)name};

	return s->functions.n ? bsearch(&key, s->functions.of, s->functions.n, sizeof(key), by_name)
			      : NULL;
}
