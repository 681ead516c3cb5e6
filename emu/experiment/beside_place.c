/* SPDX-License-Identifier: MIT */
#include "emu/experiment/beside_place.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/known_names.h"

static int no_memory(struct sfe_error *err)
{
	return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
}

/* ---- programs */

static bool needs_quotes(const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "_-+=./:,@%^";

	return !*word || word[strspn(word, plain)];
}

static void print_word(const char *word, FILE *out)
{
	if (!needs_quotes(word)) {
		fputs(word, out);
		return;
	}
	fputc('\'', out);
	for (; *word; word++)
		fputs(*word == '\'' ? "'\\''" : (const char[]){*word, 0}, out);
	fputc('\'', out);
}

static char *text_of(const struct sfe_program *p, const char *node)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	fprintf(out, "%s:", node);
	for (uint32_t i = 0; i < p->n_words; i++) {
		fputc(' ', out);
		if (p->shell)
			fputs(p->word[i], out);
		else
			print_word(p->word[i], out);
	}
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

static const char *node_name(const void *topology, uint32_t i)
{
	return ((const struct sfe_topology *)topology)->nodes[i].name;
}

static int place_program(struct sfe_experiment *e, const struct sfe_program *p,
	struct sfe_placed_program *all, struct sfe_error *err)
{
	const struct sfe_topology *t = e->bare; /* not the cloud */
	const char *file = e->scenario->programs.file;
	uint32_t before = e->n_programs;

	for (uint32_t n = 0; n < t->n_nodes; n++) {
		if (fnmatch(p->node, t->nodes[n].name, 0))
			continue;
		if (e->n_programs == SFE_MAX_PROGRAMS)
			return sfe_fail_at(err, -EINVAL, file, p->line,
				"write a pattern that matches fewer nodes",
				"programs: more than %u in all nodes", SFE_MAX_PROGRAMS);
		char *text = text_of(p, t->nodes[n].name);
		if (!text)
			return no_memory(err);
		all[e->n_programs++] = (struct sfe_placed_program){p, n, text};
	}
	char todo[SFE_ADVICE];
	return e->n_programs == before
		       ? sfe_fail_at(err, -EINVAL, file, p->line,
				 sfe_known_names(todo, "name nodes of `sfemu topology dot`",
					 p->node, node_name, t, t->n_nodes),
				 "programs: no node matches '%s'", p->node)
		       : 0;
}

static int place_programs(struct sfe_experiment *e, struct sfe_error *err)
{
	const struct sfe_programs *p = &e->scenario->programs;
	int r = 0;

	if (!p->n)
		return 0;
	e->programs = calloc(SFE_MAX_PROGRAMS, sizeof(*e->programs));
	if (!e->programs)
		return no_memory(err);
	for (uint32_t i = 0; i < p->n && !r; i++)
		r = place_program(e, &p->program[i], e->programs, err);
	return r;
}

/* ---- traffic */

static uint32_t node_of(const struct sfe_topology *t, const char *name)
{
	for (uint32_t n = 0; n < t->n_nodes; n++)
		if (!strcmp(t->nodes[n].name, name))
			return n;
	return SFE_NONE;
}

/* A flow's random numbers depend on its element's number and its nodes, not on other elements. */
static char *stream_of(uint32_t element, const char *from, const char *to)
{
	char *name;

	return asprintf(&name, "traffic %u %s %s", element, from, to) < 0 ? NULL : name;
}

static int place_flow(struct sfe_experiment *e, uint32_t i, struct sfe_error *err)
{
	const struct sfe_flow_spec *f = &e->scenario->traffic.flow[i];
	const struct sfe_topology *t = e->bare; /* not the cloud */
	const char *file = e->scenario->traffic.file;
	uint32_t before = e->n_flows, to = node_of(t, f->to);
	char todo[SFE_ADVICE];

	if (to == SFE_NONE)
		return sfe_fail_at(err, -EINVAL, file, f->line,
			sfe_known_names(todo, "name a node of `sfemu topology dot`", f->to,
				node_name, t, t->n_nodes),
			"traffic: to: no node is named '%s'", f->to);
	for (uint32_t n = 0; n < t->n_nodes; n++) {
		/* A node sends nothing to itself, also where a pattern matches both. */
		if (n == to || fnmatch(f->from, t->nodes[n].name, 0))
			continue;
		if (e->n_flows == SFE_MAX_FLOWS)
			return sfe_fail_at(err, -EINVAL, file, f->line,
				"write a pattern that matches fewer nodes",
				"traffic: more than %u flows between nodes", SFE_MAX_FLOWS);
		char *stream = stream_of(i, t->nodes[n].name, f->to);
		if (!stream)
			return no_memory(err);
		e->flows[e->n_flows++] = (struct sfe_placed_flow){f, n, to, stream};
	}
	return e->n_flows == before
		       ? sfe_fail_at(err, -EINVAL, file, f->line,
				 sfe_known_names(todo, "name nodes of `sfemu topology dot`",
					 f->from, node_name, t, t->n_nodes),
				 "traffic: from: no node but the receiver matches '%s'", f->from)
		       : 0;
}

static int place_flows(struct sfe_experiment *e, struct sfe_error *err)
{
	const struct sfe_traffic *t = &e->scenario->traffic;
	int r = 0;

	if (!t->n)
		return 0;
	e->flows = calloc(SFE_MAX_FLOWS, sizeof(*e->flows));
	if (!e->flows)
		return no_memory(err);
	for (uint32_t i = 0; i < t->n && !r; i++)
		r = place_flow(e, i, err);
	return r;
}

int sfe_beside_place(struct sfe_experiment *e, struct sfe_error *err)
{
	int r = place_programs(e, err);

	return r ? r : place_flows(e, err);
}
