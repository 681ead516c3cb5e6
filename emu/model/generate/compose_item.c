/* SPDX-License-Identifier: MIT */
/* An element of a composition: its kind, its keys, the defined cell it refers to. */
#include <errno.h>
#include <string.h>

#include "emu/model/generate/composer.h"

#define BIT(kind) (1u << (kind))
#define CELLS (BIT(SFE_ITEM_LAN) | BIT(SFE_ITEM_SHARED) | BIT(SFE_ITEM_CLOUDLET))
#define ALL (CELLS | BIT(SFE_ITEM_NODE) | BIT(SFE_ITEM_GROUP))

static const struct {
	const char *key;
	unsigned kinds; /* kinds that may have the key */
} fields[SFE_FIELDS] = {
	[SFE_FIELD_COUNT] = {"count", ALL},
	[SFE_FIELD_NAME] = {"name", CELLS | BIT(SFE_ITEM_NODE)},
	[SFE_FIELD_UPLINK] = {"uplink", CELLS},
	[SFE_FIELD_TO] = {"to", CELLS | BIT(SFE_ITEM_NODE)},
	[SFE_FIELD_RATE] = {"rate", BIT(SFE_ITEM_SHARED) | BIT(SFE_ITEM_NODE)},
	[SFE_FIELD_LATENCY] = {"latency", CELLS | BIT(SFE_ITEM_NODE)},
	[SFE_FIELD_DRAW] = {"draw", CELLS | BIT(SFE_ITEM_GROUP)},
	[SFE_FIELD_CPU] = {"cpu_millis", BIT(SFE_ITEM_NODE)},
	[SFE_FIELD_MEMORY] = {"memory", BIT(SFE_ITEM_NODE)},
};

static const struct {
	const char *key;
	enum sfe_item_kind kind;
} kinds[] = {
	{"node", SFE_ITEM_NODE},
	{"lan", SFE_ITEM_LAN},
	{"box", SFE_ITEM_LAN}, /* Ether's IoT compute box is a LAN */
	{"shared", SFE_ITEM_SHARED},
	{"cloudlet", SFE_ITEM_CLOUDLET},
	{"group", SFE_ITEM_GROUP},
};
#define KIND_KEYS "node, lan, box, shared, cloudlet, group, cell"

static const struct sfe_tree *kind_of(const struct sfe_tree *t, enum sfe_item_kind *kind)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (sfe_tree_get(t, kinds[i].key)) {
			*kind = kinds[i].kind;
			return sfe_tree_get(t, kinds[i].key);
		}
	return NULL;
}

/* Reads the fields of t, which override those of the defined cell. */
static int read_fields(struct sfe_composer *c, const struct sfe_tree *t, struct sfe_item *item)
{
	unsigned n_kinds = 0;

	for (unsigned i = 0; i < t->n; i++) {
		const struct sfe_tree *child = t->child[i];
		bool kind = !strcmp(child->key, "cell");
		unsigned f = 0;

		for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
			kind |= !strcmp(child->key, kinds[k].key);
		n_kinds += kind;
		if (n_kinds > 1)
			return sfe_compose_fail(c, child, "make two elements of it",
				"%s: there is another kind beside it", child->key);
		if (kind)
			continue;
		while (f < SFE_FIELDS && strcmp(child->key, fields[f].key))
			f++;
		if (f == SFE_FIELDS)
			return sfe_compose_fail(c, child,
				"the keys are one of " KIND_KEYS
				" and any of count, name, uplink, to, rate, latency, draw, "
				"cpu_millis, memory",
				"unknown key '%.100s'", child->key);
		item->field[f] = child;
	}
	return 0;
}

/* Checks the keys against the element's kind. */
static int check_fields(struct sfe_composer *c, const struct sfe_item *item)
{
	char todo[256] = "it may have ";
	size_t used = strlen(todo), start = used;

	for (unsigned f = 0; f < SFE_FIELDS; f++)
		if (fields[f].kinds & BIT(item->kind))
			used += (size_t)snprintf(todo + used, sizeof(todo) - used, "%s%s",
				used > start ? ", " : "", fields[f].key);
	for (unsigned f = 0; f < SFE_FIELDS; f++)
		if (item->field[f] && !(fields[f].kinds & BIT(item->kind)))
			return sfe_compose_fail(
				c, item->field[f], todo, "%s: not here", fields[f].key);
	return 0;
}

static int open_defined(
	struct sfe_composer *c, const struct sfe_tree *t, const char *name, struct sfe_item *item)
{
	char chain[256];
	size_t used = 0;
	const struct sfe_tree *defined = sfe_tree_get(c->define, name);

	if (!defined)
		return sfe_compose_fail(c, t,
			"use one of rpi3, rpi4, rockpi, coral, nano, tx2, nx, nuc, vm, server, or "
			"write the cell below define",
			"'%.64s' is neither a node of Ether's nor a defined cell", name);
	for (unsigned i = 0; i < c->n_open; i++) {
		if (strcmp(c->open[i], name))
			continue;
		for (unsigned j = i; j < c->n_open && used < sizeof(chain); j++)
			used += (size_t)snprintf(
				chain + used, sizeof(chain) - used, "%s -> ", c->open[j]);
		return sfe_compose_fail(c, t, "take it out of itself",
			"the cell %.64s contains itself: %.200s%.64s", name, chain, name);
	}
	if (c->n_open == SFE_COMPOSE_MAX_OPEN)
		return sfe_compose_fail(c, t, "nest fewer", "more than %u defined cells nested",
			SFE_COMPOSE_MAX_OPEN);
	c->open[c->n_open++] = name;
	item->opened++;
	return sfe_item_open(c, defined, item);
}

static int open_name(struct sfe_composer *c, const struct sfe_tree *t, struct sfe_item *item)
{
	item->block = sfe_node_block_find(t->text);
	if (!item->block)
		return open_defined(c, t, t->text, item);
	item->kind = SFE_ITEM_NODE;
	return 0;
}

int sfe_item_open(struct sfe_composer *c, const struct sfe_tree *t, struct sfe_item *item)
{
	item->at = t;
	if (c->b->rc)
		return c->b->rc;
	if (t->kind == SFE_TREE_VALUE)
		return open_name(c, t, item);
	if (t->kind == SFE_TREE_LIST) { /* a list is a group */
		item->kind = SFE_ITEM_GROUP;
		item->body = t;
		return 0;
	}
	const struct sfe_tree *cell = sfe_tree_get(t, "cell");
	const struct sfe_tree *body = kind_of(t, &item->kind);
	if (!cell && !body)
		return sfe_compose_fail(
			c, t, "give it one of the keys " KIND_KEYS, "an element without a kind");
	if (cell) {
		const char *name = sfe_compose_text(c, cell, "cell");
		if (!name || open_defined(c, cell, name, item))
			return c->b->rc;
		item->at = t;
	} else {
		item->body = body;
	}
	if (read_fields(c, t, item))
		return c->b->rc;
	if (!cell && item->kind == SFE_ITEM_NODE) {
		const char *name = sfe_compose_text(c, body, "node");
		if (name && !(item->block = sfe_node_block_find(name)))
			return sfe_compose_fail(
				c, body, SFE_BLOCK_NAMES, "'%.64s' is no node of Ether's", name);
	}
	return c->b->rc ? c->b->rc : check_fields(c, item);
}

void sfe_item_close(struct sfe_composer *c, const struct sfe_item *item)
{
	c->n_open -= item->opened;
}
