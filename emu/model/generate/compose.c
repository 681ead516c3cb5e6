/* SPDX-License-Identifier: MIT */
/*
 * Builds cells. Names, numbers and order are those of Ether (its cell.py): a cell takes its number
 * first, then its contents are built, then its uplink, then the inner sites that have an uplink of
 * their own.
 */
#include "emu/model/generate/compose.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/generate/composer.h"
#include "emu/model/generate/ether_links.h"
#include "sfemu/generate.h"

#define INSTANCES_PER_VERTEX 4ull /* per vertex that the topology may have */
#define NAME_ROOM                                                                                  \
	(2 * SFE_MAX_NAME +                                                                        \
		32) /* longer than any name, so that longer ones are refused by the name check */
#define ACCESS_MBPS 1000
#define SHARED_MBPS 300
#define RACKS 1
#define SERVERS 5 /* per rack */

/* Where things are attached: a switch, or a shared link, which is created by its first member. */
struct place {
	const struct sfe_tree *at;
	char name[NAME_ROOM];
	bool shared, known;
	double mbps; /* of a shared link */
	struct sfe_delay latency;
	sfe_ref ref;
};

static struct sfe_span span(const char *text)
{
	return (struct sfe_span){text, strlen(text)};
}

static int make_place(struct sfe_composer *c, struct place *p)
{
	if (p->known || c->b->rc)
		return c->b->rc;
	c->b->line = p->at->line;
	if (p->shared)
		sfe_builder_add_link(
			c->b, span(p->name), SFE_LINK_SHARED, p->mbps, (float)p->mbps, &p->latency);
	p->known = !sfe_builder_ref(c->b, span(p->name), &p->ref);
	return c->b->rc;
}

/* Finds the junction or shared link that the text names. */
static int named_place(struct sfe_composer *c, const struct sfe_tree *t, struct place *p)
{
	const char *name = sfe_compose_text(c, t, "to");

	if (!name)
		return c->b->rc;
	*p = (struct place){.at = t};
	c->b->line = t->line;
	if (sfe_builder_ref(c->b, span(name), &p->ref))
		return c->b->rc;
	if (sfe_ref_kind(p->ref) != SFE_VERTEX_JUNCTION && !sfe_builder_is_shared(c->b, p->ref))
		return sfe_compose_fail(c, t, "name a junction, such as internet_a",
			"to: %.64s is neither a junction nor a shared link", name);
	snprintf(p->name, sizeof(p->name), "%s", name);
	p->known = true;
	return 0;
}

/* "NAME_N" with the next N of that name. */
static int next_name(struct sfe_composer *c, const struct sfe_item *item, const char *preset,
	char name[NAME_ROOM])
{
	const struct sfe_tree *field = item ? item->field[SFE_FIELD_NAME] : NULL;
	const char *what = field ? sfe_compose_text(c, field, "name") : preset;
	struct sfe_tally *tally = what ? sfe_compose_tally(c, &c->names, what) : NULL;

	if (tally)
		snprintf(name, NAME_ROOM, "%.*s_%u", 2 * SFE_MAX_NAME, what, tally->next++);
	return c->b->rc;
}

static int attach_node(struct sfe_composer *c, const struct sfe_tree *at,
	const struct sfe_node_row *row, double mbps, const struct sfe_delay *latency,
	struct place *to)
{
	char link_name[NAME_ROOM];
	sfe_ref node, link;

	c->b->line = at->line;
	snprintf(link_name, sizeof(link_name), "link_%.*s", (int)row->name.len, row->name.at);
	if (sfe_builder_add_node(c->b, row) || sfe_builder_ref(c->b, row->name, &node) ||
		sfe_builder_add_link(
			c->b, span(link_name), SFE_LINK_NODE, mbps, (float)mbps, latency) ||
		sfe_builder_ref(c->b, span(link_name), &link) ||
		sfe_compose_connect(c, node, link, NULL, true) || make_place(c, to))
		return c->b->rc;
	return sfe_compose_connect(c, link, to->ref, NULL, true);
}

static struct sfe_node_row row_of(const struct sfe_node_block *block, const char *name)
{
	return (struct sfe_node_row){
		.name = span(name),
		.arch = span(block->arch),
		.type = span(block->type),
		.memory_bytes = block->memory_bytes,
		.cpu_millis = block->cpu_millis,
		.block = block,
	};
}

static int make_node(struct sfe_composer *c, const struct sfe_item *item, struct place *parent)
{
	struct place named, *to = parent;
	struct sfe_delay latency;
	char name[NAME_ROOM];
	double mbps;

	if (item->field[SFE_FIELD_TO]) {
		if (named_place(c, item->field[SFE_FIELD_TO], &named))
			return c->b->rc;
		to = &named;
	}
	if (!to)
		return sfe_compose_fail(c, item->at, "put it in a cell, or write to: JUNCTION",
			"the node %s is attached to nothing", item->block->name);
	if (next_name(c, item, item->block->name, name) ||
		sfe_compose_rate(c, item->field[SFE_FIELD_RATE], ACCESS_MBPS, &mbps) ||
		sfe_compose_latency(c, item->field[SFE_FIELD_LATENCY], "lan", &latency))
		return c->b->rc;
	struct sfe_node_row row = row_of(item->block, name);
	if (sfe_compose_figures(c, item, &row))
		return c->b->rc;
	return attach_node(c, item->at, &row, mbps, &latency, to);
}

/* The keys of an uplink: rates, latency, destination. */
struct uplink {
	double up_mbps, down_mbps;
	struct sfe_delay latency;
	const struct sfe_tree *to;
};

static int read_uplink(struct sfe_composer *c, const struct sfe_tree *t, struct uplink *u)
{
	static const char *const keys[] = {"kind", "up", "down", "latency", "to", NULL};
	bool group = t->kind == SFE_TREE_MAPPING;
	const struct sfe_tree *kind = group ? sfe_tree_get(t, "kind") : t;
	const struct sfe_tree *up = sfe_tree_get(t, "up"), *down = sfe_tree_get(t, "down");
	const struct sfe_ether_uplink *ether = NULL;

	if (group && sfe_tree_check_keys(t, c->b->file, keys, &c->b->error))
		return c->b->rc = c->b->error.code;
	if (kind) {
		const char *name = sfe_compose_text(c, kind, "uplink");
		if (!name)
			return c->b->rc;
		if (!(ether = sfe_ether_uplink_find(name)))
			return sfe_compose_fail(c, kind,
				"use one of " SFE_ETHER_UPLINKS ", or {up: 50Mbit, down: 500Mbit}",
				"uplink: '%.64s' is not known", name);
	} else if (!up || !down) {
		return sfe_compose_fail(c, t,
			"write kind: one of " SFE_ETHER_UPLINKS ", or up and down with their rates",
			"uplink: %s",
			up     ? "no rate down"
			: down ? "no rate up"
			       : "no rates");
	}
	u->to = sfe_tree_get(t, "to");
	if (sfe_compose_rate(c, up, ether ? ether->up_mbps : 0, &u->up_mbps) ||
		sfe_compose_rate(c, down, ether ? ether->down_mbps : 0, &u->down_mbps))
		return c->b->rc;
	return sfe_compose_latency(
		c, sfe_tree_get(t, "latency"), ether ? ether->latency : NULL, &u->latency);
}

static int make_updown(struct sfe_composer *c, const char *name, const struct uplink *u,
	struct place *site, struct place *beyond)
{
	char up_name[NAME_ROOM], down_name[NAME_ROOM];
	sfe_ref up, down;

	snprintf(up_name, sizeof(up_name), "up_%.*s", 2 * SFE_MAX_NAME, name);
	snprintf(down_name, sizeof(down_name), "down_%.*s", 2 * SFE_MAX_NAME, name);
	if (make_place(c, site) ||
		sfe_builder_add_link(c->b, span(up_name), SFE_LINK_UPLINK, u->up_mbps,
			(float)u->up_mbps, &u->latency) ||
		sfe_builder_ref(c->b, span(up_name), &up) ||
		sfe_compose_connect(c, site->ref, up, NULL, false) ||
		sfe_builder_add_link(c->b, span(down_name), SFE_LINK_DOWNLINK, u->down_mbps,
			(float)u->down_mbps, &u->latency) ||
		sfe_builder_ref(c->b, span(down_name), &down) ||
		sfe_compose_connect(c, down, site->ref, NULL, false) || make_place(c, beyond) ||
		sfe_compose_connect(c, beyond->ref, down, NULL, false))
		return c->b->rc;
	return sfe_compose_connect(c, up, beyond->ref, NULL, false);
}

/* Connects a cell to the rest: by an uplink and a downlink, or by a cable to the place around
 * it. */
static int make_uplink_or_cable(struct sfe_composer *c, const struct sfe_item *item,
	const char *name, struct place *site, struct place *parent)
{
	const struct sfe_tree *field = item->field[SFE_FIELD_UPLINK];
	const struct sfe_tree *to = item->field[SFE_FIELD_TO];
	struct place named, *beyond = parent;
	struct sfe_delay latency;
	struct uplink u;

	if (field && read_uplink(c, field, &u))
		return c->b->rc;
	if (field && u.to)
		to = u.to;
	if (to) {
		if (named_place(c, to, &named))
			return c->b->rc;
		beyond = &named;
	}
	if (field) {
		if (!beyond)
			return sfe_compose_fail(c, field, "write to: JUNCTION, such as internet_a",
				"uplink: has no destination");
		c->b->line = field->line;
		return make_updown(c, name, &u, site, beyond);
	}
	/* A shared link has its latency in the medium; in Ether the cable from it has none. */
	if (!beyond ||
		(item->kind != SFE_ITEM_SHARED &&
			sfe_compose_latency(c, item->field[SFE_FIELD_LATENCY], "lan", &latency)))
		return c->b->rc;
	if (make_place(c, site) || make_place(c, beyond))
		return c->b->rc;
	return sfe_compose_connect(
		c, site->ref, beyond->ref, item->kind == SFE_ITEM_SHARED ? NULL : &latency, true);
}

static int make_list(struct sfe_composer *c, const struct sfe_tree *list, struct place *parent,
	const struct sfe_scope *scope, int uplinks);

static int make_cell(struct sfe_composer *c, const struct sfe_item *item, struct place *parent,
	const struct sfe_scope *scope)
{
	bool shared = item->kind == SFE_ITEM_SHARED;
	bool own_name = item->field[SFE_FIELD_NAME];
	struct place site = {.at = item->at, .shared = shared};
	char name[NAME_ROOM], *number;

	if (next_name(c, item, shared ? "shared" : "lan", name))
		return c->b->rc;
	if (!shared) {
		snprintf(site.name, sizeof(site.name), "switch_%.*s", 2 * SFE_MAX_NAME, name);
	} else {
		/* Ether calls it link_N. */
		number = strrchr(name, '_');
		snprintf(site.name, sizeof(site.name), own_name ? "%s%.*s" : "link%s%.*s",
			own_name ? "shared_" : number, 2 * SFE_MAX_NAME, own_name ? name : "");
		if (sfe_compose_rate(c, item->field[SFE_FIELD_RATE], SHARED_MBPS, &site.mbps) ||
			sfe_compose_latency(
				c, item->field[SFE_FIELD_LATENCY], "wlan", &site.latency))
			return c->b->rc;
	}
	if (make_list(c, item->body, &site, scope, 0) ||
		make_uplink_or_cable(c, item, name, &site, parent))
		return c->b->rc;
	return make_list(c, item->body, &site, scope, 1);
}

static int make_rack(struct sfe_composer *c, const struct sfe_tree *at,
	const struct sfe_node_block *block, uint64_t servers, struct place *cloudlet)
{
	struct place rack = {.at = at};
	struct sfe_delay latency;
	char name[NAME_ROOM];

	if (next_name(c, NULL, "lan", name) || sfe_compose_latency(c, NULL, "lan", &latency))
		return c->b->rc;
	snprintf(rack.name, sizeof(rack.name), "switch_%.*s", 2 * SFE_MAX_NAME, name);
	for (uint64_t i = 0; i < servers && !c->b->rc; i++) {
		if (next_name(c, NULL, block->name, name))
			return c->b->rc;
		struct sfe_node_row row = row_of(block, name);
		attach_node(c, at, &row, ACCESS_MBPS, &latency, &rack);
	}
	if (make_place(c, &rack) || make_place(c, cloudlet))
		return c->b->rc;
	return sfe_compose_connect(c, rack.ref, cloudlet->ref, &latency, true);
}

static int make_cloudlet(struct sfe_composer *c, const struct sfe_item *item, struct place *parent,
	const struct sfe_scope *scope)
{
	static const char *const keys[] = {"racks", "servers", "node", NULL};
	const struct sfe_tree *body = item->body, *node = sfe_tree_get(body, "node");
	const struct sfe_node_block *block = sfe_node_block_find("server");
	struct place site = {.at = item->at};
	uint64_t racks, servers;
	char name[NAME_ROOM];

	if (sfe_tree_check_keys(body, c->b->file, keys, &c->b->error))
		return c->b->rc = c->b->error.code;
	if (sfe_compose_count(c, sfe_tree_get(body, "racks"), scope, RACKS, &racks) ||
		sfe_compose_count(c, sfe_tree_get(body, "servers"), scope, SERVERS, &servers) ||
		next_name(c, item, "cloudlet", name) ||
		(node && !sfe_compose_text(c, node, "node")))
		return c->b->rc;
	if (node && !(block = sfe_node_block_find(node->text)))
		return sfe_compose_fail(c, node, SFE_BLOCK_NAMES,
			"node: '%.64s' is no node of Ether's", node->text);
	if (!racks || !servers)
		return sfe_compose_fail(c, body, "give it one or more of both",
			"a cloudlet without %s", racks ? "servers" : "racks");
	snprintf(site.name, sizeof(site.name), "switch_%.*s", 2 * SFE_MAX_NAME, name);
	for (uint64_t i = 0; i < racks && !c->b->rc; i++)
		make_rack(c, item->at, block, servers, &site);
	return c->b->rc ? c->b->rc : make_uplink_or_cable(c, item, name, &site, parent);
}

static int make_kind(struct sfe_composer *c, const struct sfe_item *item, struct place *parent,
	const struct sfe_scope *scope)
{
	switch (item->kind) {
	case SFE_ITEM_NODE:
		return make_node(c, item, parent);
	case SFE_ITEM_CLOUDLET:
		return make_cloudlet(c, item, parent, scope);
	case SFE_ITEM_GROUP:
		return make_list(c, item->body, parent, scope, -1);
	default:
		return make_cell(c, item, parent, scope);
	}
}

/* Evaluates the item's draws from the i-th on, then builds the item. */
static int make_drawn(struct sfe_composer *c, const struct sfe_item *item, struct place *parent,
	const struct sfe_scope *scope, unsigned i)
{
	const struct sfe_tree *draws = item->field[SFE_FIELD_DRAW];
	struct sfe_scope own = {.around = scope};

	if (!draws || (draws->kind == SFE_TREE_MAPPING && i == draws->n))
		return make_kind(c, item, parent, scope);
	if (draws->kind != SFE_TREE_MAPPING)
		return sfe_compose_fail(c, draws, "write {sensors: uniform 2 6}",
			"draw: is not a group of names with laws");
	own.name = draws->child[i]->key;
	if (sfe_compose_draw(c, draws->child[i], &own.value))
		return c->b->rc;
	return make_drawn(c, item, parent, &own, i + 1);
}

static int make_item(struct sfe_composer *c, const struct sfe_item *item, struct place *parent,
	const struct sfe_scope *scope)
{
	uint64_t n;

	if (sfe_compose_count(c, item->field[SFE_FIELD_COUNT], scope, 1, &n))
		return c->b->rc;
	for (uint64_t i = 0; i < n && !c->b->rc; i++) {
		if (++c->instances > INSTANCES_PER_VERTEX * c->b->max_vertices)
			return sfe_compose_fail(c, item->at, "use smaller counts",
				"more than %llu cells and nodes",
				INSTANCES_PER_VERTEX * c->b->max_vertices);
		make_drawn(c, item, parent, scope, 0);
	}
	return c->b->rc;
}

/* uplinks: 0 builds only items without an uplink of their own, 1 only those with one, -1 all. */
static int make_list(struct sfe_composer *c, const struct sfe_tree *list, struct place *parent,
	const struct sfe_scope *scope, int uplinks)
{
	if (c->b->rc)
		return c->b->rc;
	if (list->kind != SFE_TREE_LIST)
		return sfe_compose_fail(c, list,
			"write a list, such as [rpi3, {node: nuc, count: 2}]", "%s: is not a list",
			list->key ? list->key : "cells");
	for (unsigned i = 0; i < list->n && !c->b->rc; i++) {
		struct sfe_item item = {0};

		if (!sfe_item_open(c, list->child[i], &item) &&
			(uplinks < 0 || uplinks == (item.field[SFE_FIELD_UPLINK] != NULL)))
			make_item(c, &item, parent, scope);
		sfe_item_close(c, &item);
	}
	return c->b->rc;
}

static int make_all(struct sfe_composer *c, const struct sfe_tree *t)
{
	static const char *const keys[] = {"latency", "define", "cells", "backbone", NULL};
	const struct sfe_tree *cells = sfe_tree_get(t, "cells");
	const struct sfe_tree *latency = sfe_tree_get(t, "latency");

	if (sfe_tree_check_keys(t, c->b->file, keys, &c->b->error))
		return c->b->rc = c->b->error.code;
	if (!cells)
		return sfe_compose_fail(
			c, t, "write cells: and a list of them", "a composition without cells");
	if (latency) {
		const char *text = sfe_compose_text(c, latency, "latency");
		if (!text)
			return c->b->rc;
		c->ether = !strcmp(text, "ether");
		if (!c->ether && strcmp(text, "none"))
			return sfe_compose_fail(c, latency, "write ether or none",
				"latency: '%.64s' is not known", text);
	}
	c->define = sfe_tree_get(t, "define");
	if (c->define && c->define->kind != SFE_TREE_MAPPING)
		return sfe_compose_fail(c, c->define, "write {factory: {lan: [rpi3]}}",
			"define: is not a group of names with cells");
	for (unsigned i = 0; c->define && i < c->define->n; i++)
		if (sfe_node_block_find(c->define->child[i]->key))
			return sfe_compose_fail(c, c->define->child[i], "give it another name",
				"'%.64s' is the name of a node of Ether's",
				c->define->child[i]->key);
	if (make_list(c, cells, NULL, NULL, -1) ||
		sfe_compose_backbone(c, sfe_tree_get(t, "backbone")))
		return c->b->rc;
	return sfe_compose_flush(c);
}

int sfe_topology_compose(const char *yaml, const char *file, uint64_t seed,
	struct sfe_topology **out, struct sfe_error *err)
{
	SFE_TREE_AUTO struct sfe_tree *tree = NULL;
	int rc = sfe_tree_read(yaml, strlen(yaml), file, 0, &tree, err);

	return rc ? rc : sfe_compose(tree, file, seed, out, err);
}

int sfe_compose(const struct sfe_tree *tree, const char *file, uint64_t seed,
	struct sfe_topology **out, struct sfe_error *err)
{
	return sfe_compose_within(tree, file, seed, SFE_MAX_VERTICES, out, err);
}

int sfe_compose_within(const struct sfe_tree *tree, const char *file, uint64_t seed,
	uint32_t max_vertices, struct sfe_topology **out, struct sfe_error *err)
{
	struct sfe_composer c = {.b = sfe_build_new(), .seed = seed};

	if (!c.b)
		return sfe_fail(err, -ENOMEM, file, NULL, "out of memory");
	c.b->file = file;
	c.b->max_vertices = max_vertices;
	for (int kind = 0; kind < 3; kind++)
		c.b->files[kind] = file;
	make_all(&c, tree);
	free(c.names.at);
	free(c.streams.at);
	free(c.edges);
	for (int kind = 0; kind < 3; kind++)
		free(c.seen[kind]);
	while (c.latencies) {
		struct sfe_latency_pool *next = c.latencies->next;
		free(c.latencies);
		c.latencies = next;
	}
	return sfe_build_finish(c.b, out, err);
}
