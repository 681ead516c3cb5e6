/* SPDX-License-Identifier: MIT */
#include "emu/model/scenario/scenario_nodes.h"

#include <errno.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/known_names.h"
#include "emu/model/base/text.h"
#include "emu/model/scenario/scenario_window.h"

#define SECTION "nodes"
#define EXAMPLE "write {node: 'rpi3_*', cores: 4, concurrency: 2}"

static void free_elements(struct sfe_node_elements *all)
{
	for (uint32_t i = 0; i < all->n; i++) {
		free(all->of[i].node);
		free(all->of[i].model);
	}
	free(all->of);
	free(all->file);
	*all = (struct sfe_node_elements){0};
}

void sfe_section_nodes_clear(struct sfe_scenario *s)
{
	free_elements(&s->nodes);
}

/* A whole number of 1 or more. */
static int read_count(const struct sfe_tree *t, const char *file, uint32_t most, uint32_t *out,
	struct sfe_error *err)
{
	const char *text = sfe_tree_text(t, file, t->key, err);
	uint64_t n;

	if (!text)
		return -EINVAL;
	if (sfe_span_u64((struct sfe_span){text, strlen(text)}, &n) || !n || n > most)
		return sfe_tree_fail(t, file, "write a whole number, or leave the key out", err,
			SECTION ": %s: '%s' is not 1 to %" PRIu32, t->key, text, most);
	*out = (uint32_t)n;
	return 0;
}

static int read_memory(
	const struct sfe_tree *t, const char *file, uint64_t *out, struct sfe_error *err)
{
	const char *text = sfe_tree_text(t, file, t->key, err);
	struct sfe_error cause = {0};

	if (!text)
		return -EINVAL;
	if (sfe_parse_size(text, out, &cause))
		return sfe_tree_fail(
			t, file, cause.todo, err, SECTION ": %s: %s", t->key, cause.what);
	return *out ? 0
		    : sfe_tree_fail(t, file, "leave the key out for no limit", err,
			      SECTION ": memory: is 0");
}

static int read_key(struct sfe_node_element *e, const struct sfe_tree *t, const char *file,
	struct sfe_error *err)
{
	static const struct {
		const char *key;
		unsigned bit;
	} bits[] = {{"cores", SFE_NODE_CORES}, {"memory", SFE_NODE_MEMORY},
		{"concurrency", SFE_NODE_CONCURRENCY}, {"cold_start", SFE_NODE_COLD_START},
		{"keep_alive", SFE_NODE_KEEP_ALIVE}};

	if (!strcmp(t->key, "node"))
		return sfe_window_nodes(t, file, SECTION, &e->node, err);
	if (!strcmp(t->key, "model"))
		return sfe_window_nodes(t, file, SECTION, &e->model, err);
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		if (!strcmp(t->key, bits[i].key))
			e->keys |= bits[i].bit;
	if (!strcmp(t->key, "cores"))
		return read_count(t, file, SFE_MAX_CORES, &e->limits.cores, err);
	if (!strcmp(t->key, "concurrency"))
		return read_count(t, file, UINT32_MAX, &e->limits.concurrency, err);
	if (!strcmp(t->key, "memory"))
		return read_memory(t, file, &e->limits.memory, err);
	return sfe_window_time(t, file, SECTION,
		!strcmp(t->key, "cold_start") ? &e->limits.cold_start_ns : &e->limits.keep_alive_ns,
		err);
}

static int read_element(struct sfe_node_element *e, const struct sfe_tree *t, const char *file,
	struct sfe_error *err)
{
	static const char *const keys[] = {"node", "model", "cores", "memory", "concurrency",
		"cold_start", "keep_alive", NULL};
	int r;

	*e = (struct sfe_node_element){.line = t->line};
	if (t->kind != SFE_TREE_MAPPING)
		return sfe_tree_fail(
			t, file, EXAMPLE, err, SECTION ": an element is not a group of keys");
	r = sfe_tree_check_keys(t, file, keys, err);
	for (unsigned i = 0; i < t->n && !r; i++)
		r = read_key(e, t->child[i], file, err);
	if (!r && !e->node == !e->model)
		r = sfe_tree_fail(t, file, EXAMPLE, err, SECTION ": an element has %s",
			e->node ? "both node and model" : "neither node nor model");
	if (!r && !e->keys)
		r = sfe_tree_fail(t, file, EXAMPLE, err, SECTION ": an element says nothing");
	return r;
}

int sfe_section_nodes_read(const struct sfe_tree *tree, const char *file, const char *folder,
	struct sfe_scenario *s, struct sfe_error *err)
{
	struct sfe_node_elements all = {0};
	int r = 0;

	(void)folder;
	if (tree->kind != SFE_TREE_LIST)
		return sfe_tree_fail(tree, file, "write - {node: 'rpi3_*', cores: 4} below it", err,
			SECTION ": is not a list");
	if (tree->n > SFE_MAX_NODE_ELEMENTS)
		return sfe_tree_fail(tree, file, "use patterns", err,
			SECTION ": has more than %u elements", SFE_MAX_NODE_ELEMENTS);
	all.of = calloc(tree->n + 1, sizeof(*all.of));
	all.file = strdup(file);
	if (!all.of || !all.file)
		r = sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	while (all.n < tree->n && !r) {
		r = read_element(&all.of[all.n], tree->child[all.n], file, err);
		all.n++;
	}
	if (r) {
		free_elements(&all);
		return r;
	}
	free_elements(&s->nodes);
	s->nodes = all;
	return 0;
}

bool sfe_section_nodes_are_set(const struct sfe_scenario *s)
{
	return s->nodes.n;
}

static void print_element(const struct sfe_node_element *e, FILE *out)
{
	char text[SFE_UNIT_TEXT];

	fprintf(out, "{%s: ", e->node ? "node" : "model");
	sfe_tree_print_text(e->node ? e->node : e->model, out);
	if (e->keys & SFE_NODE_CORES)
		fprintf(out, ", cores: %" PRIu32, e->limits.cores);
	if (e->keys & SFE_NODE_MEMORY)
		fprintf(out, ", memory: %s", sfe_format_size(e->limits.memory, text));
	if (e->keys & SFE_NODE_CONCURRENCY)
		fprintf(out, ", concurrency: %" PRIu32, e->limits.concurrency);
	if (e->keys & SFE_NODE_COLD_START)
		fprintf(out, ", cold_start: %s", sfe_format_time(e->limits.cold_start_ns, text));
	if (e->keys & SFE_NODE_KEEP_ALIVE)
		fprintf(out, ", keep_alive: %s", sfe_format_time(e->limits.keep_alive_ns, text));
	fputc('}', out);
}

void sfe_section_nodes_print(const struct sfe_scenario *s, FILE *out)
{
	for (uint32_t i = 0; i < s->nodes.n; i++) {
		fputs(i ? ", " : "[", out);
		print_element(&s->nodes.of[i], out);
	}
	fputc(']', out);
}

static void apply(const struct sfe_node_element *e, struct sfe_node_limits *to)
{
	if (e->keys & SFE_NODE_CORES)
		to->cores = e->limits.cores;
	if (e->keys & SFE_NODE_MEMORY)
		to->memory = e->limits.memory;
	if (e->keys & SFE_NODE_CONCURRENCY)
		to->concurrency = e->limits.concurrency;
	if (e->keys & SFE_NODE_COLD_START)
		to->cold_start_ns = e->limits.cold_start_ns;
	if (e->keys & SFE_NODE_KEEP_ALIVE)
		to->keep_alive_ns = e->limits.keep_alive_ns;
}

static const char *node_name(const void *topology, uint32_t i)
{
	return ((const struct sfe_topology *)topology)->nodes[i].name;
}

static const char *node_model(const void *topology, uint32_t i)
{
	return ((const struct sfe_topology *)topology)->nodes[i].model;
}

static int apply_to_all(const struct sfe_node_element *e, const char *file,
	const struct sfe_topology *t, struct sfe_node_limits *limits, struct sfe_error *err)
{
	bool found = false;

	for (uint32_t n = 0; n < t->n_nodes; n++) {
		const struct sfe_node *node = &t->nodes[n];
		if (e->node ? fnmatch(e->node, node->name, 0) : fnmatch(e->model, node->model, 0))
			continue;
		apply(e, &limits[n]);
		found = true;
	}
	char todo[SFE_ADVICE];
	return found ? 0
		     : sfe_fail_at(err, -EINVAL, file, e->line,
			       e->node ? sfe_known_names(todo, "name nodes of `sfemu topology dot`",
						 e->node, node_name, t, t->n_nodes)
				       : sfe_known_names(todo,
						 "name models of `sfemu topology show`", e->model,
						 node_model, t, t->n_nodes),
			       SECTION ": no node matches '%s'", e->node ? e->node : e->model);
}

int sfe_scenario_node_limits(const struct sfe_scenario *s, const struct sfe_topology *t,
	struct sfe_node_limits **out, struct sfe_error *err)
{
	int r = 0;

	*out = NULL;
	if (!s->nodes.n)
		return 0;
	struct sfe_node_limits *limits = calloc((size_t)t->n_nodes + 1, sizeof(*limits));
	if (!limits)
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory");
	for (uint32_t n = 0; n < t->n_nodes; n++)
		limits[n].keep_alive_ns = SFE_KEEP_ALIVE_NS;
	for (uint32_t i = 0; i < s->nodes.n && !r; i++)
		r = apply_to_all(&s->nodes.of[i], s->nodes.file, t, limits, err);
	if (r) {
		free(limits);
		return r;
	}
	*out = limits;
	return 0;
}
