/* SPDX-License-Identifier: MIT */
/* The section `programs`: what runs in nodes beside the jobs. */
#include "emu/model/scenario/scenario_programs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/scenario/scenario_window.h"

#define MAX_COMMAND 4000u /* bytes of all words: they become one line of commands.csv */

static void free_programs(struct sfe_programs *p)
{
	for (uint32_t i = 0; i < p->n; i++) {
		struct sfe_program *program = &p->program[i];
		for (uint32_t k = 0; k < program->n_words; k++)
			free(program->word[k]);
		free(program->word);
		free(program->node);
	}
	free(p->program);
	free(p->file);
	*p = (struct sfe_programs){0};
}

void sfe_section_programs_clear(struct sfe_scenario *s)
{
	free_programs(&s->programs);
}

static int add_word(struct sfe_program *p, const struct sfe_tree *t, const char *file, size_t *len,
	struct sfe_error *err)
{
	const char *text = sfe_tree_text(t, file, "run", err);

	if (!text)
		return -EINVAL;
	if (!p->n_words && !text[strspn(text, " ")])
		return sfe_tree_fail(t, file,
			"write run: COMMAND, or run: [PROGRAM, ARGUMENT, ...]", err,
			"programs: run: names no program");
	*len += strlen(text) + 1;
	if (*len > MAX_COMMAND)
		return sfe_tree_fail(t, file, "put it into a script", err,
			"programs: run: more than %u bytes", MAX_COMMAND);
	if (!(p->word[p->n_words] = strdup(text)))
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	p->n_words++;
	return 0;
}

/* A command line, or a list of words. */
static int read_run(
	struct sfe_program *p, const struct sfe_tree *t, const char *file, struct sfe_error *err)
{
	unsigned n = t->kind == SFE_TREE_LIST ? t->n : 1;
	size_t len = 0;
	int r = 0;

	if (t->kind == SFE_TREE_MAPPING || !n)
		return sfe_tree_fail(t, file,
			"write run: COMMAND, or run: [PROGRAM, ARGUMENT, ...]", err,
			"programs: run: is neither a command line nor a list of words");
	p->shell = t->kind == SFE_TREE_VALUE;
	p->word = calloc(n + 1, sizeof(*p->word));
	if (!p->word)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	for (unsigned i = 0; i < n && !r; i++)
		r = add_word(p, p->shell ? t : t->child[i], file, &len, err);
	return r;
}

static int read_key(
	struct sfe_program *p, const struct sfe_tree *t, const char *file, struct sfe_error *err)
{
	if (!strcmp(t->key, "node"))
		return sfe_window_nodes(t, file, "programs", &p->node, err);
	if (!strcmp(t->key, "run"))
		return read_run(p, t, file, err);
	if (!strcmp(t->key, "at"))
		return sfe_window_time(t, file, "programs", &p->at_ns, err);
	return sfe_window_until(t, file, "programs", &p->until_ns, err);
}

static int read_program(
	struct sfe_program *p, const struct sfe_tree *t, const char *file, struct sfe_error *err)
{
	static const char *const keys[] = {"node", "run", "at", "until", NULL};
	int r;

	*p = (struct sfe_program){.until_ns = SFE_NEVER, .line = t->line};
	if (t->kind != SFE_TREE_MAPPING)
		return sfe_tree_fail(t, file, "write {node: server_0, run: COMMAND}", err,
			"programs: an element is not a group of keys");
	r = sfe_tree_check_keys(t, file, keys, err);
	for (unsigned i = 0; i < t->n && !r; i++)
		r = read_key(p, t->child[i], file, err);
	if (!r && (!p->node || !p->n_words))
		r = sfe_tree_fail(t, file, "write {node: server_0, run: COMMAND}", err,
			"programs: an element has no %s", p->node ? "run" : "node");
	return r ? r : sfe_window_check(t, file, "programs", p->at_ns, p->until_ns, err);
}

int sfe_section_programs_read(const struct sfe_tree *tree, const char *file, const char *folder,
	struct sfe_scenario *s, struct sfe_error *err)
{
	struct sfe_programs all = {0};
	int r = 0;

	(void)folder;
	if (tree->kind != SFE_TREE_LIST)
		return sfe_tree_fail(tree, file, "write - {node: server_0, run: COMMAND} below it",
			err, "programs: is not a list");
	if (tree->n > SFE_MAX_PROGRAMS)
		return sfe_tree_fail(tree, file, "use patterns, or a script", err,
			"programs: has more than %u elements", SFE_MAX_PROGRAMS);
	all.program = calloc(tree->n + 1, sizeof(*all.program));
	all.file = strdup(file);
	if (!all.program || !all.file)
		r = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	while (all.n < tree->n && !r) {
		r = read_program(&all.program[all.n], tree->child[all.n], file, err);
		all.n++;
	}
	if (r) {
		free_programs(&all);
		return r;
	}
	free_programs(&s->programs);
	s->programs = all;
	return 0;
}

bool sfe_section_programs_are_set(const struct sfe_scenario *s)
{
	return s->programs.n;
}

static void print_run(const struct sfe_program *p, FILE *out)
{
	if (!p->shell)
		fputc('[', out);
	for (uint32_t i = 0; i < p->n_words; i++) {
		fputs(i ? ", " : "", out);
		sfe_tree_print_text(p->word[i], out);
	}
	if (!p->shell)
		fputc(']', out);
}

void sfe_section_programs_print(const struct sfe_scenario *s, FILE *out)
{
	for (uint32_t i = 0; i < s->programs.n; i++) {
		const struct sfe_program *p = &s->programs.program[i];
		fputs(i ? ", {node: " : "[{node: ", out);
		sfe_tree_print_text(p->node, out);
		fputs(", run: ", out);
		print_run(p, out);
		sfe_window_print(p->at_ns, p->until_ns, out);
		fputc('}', out);
	}
	fputc(']', out);
}
