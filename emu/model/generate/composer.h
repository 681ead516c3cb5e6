/* SPDX-License-Identifier: MIT */
/* What the files of the composer share. */
#ifndef SFE_GENERATE_COMPOSER_H
#define SFE_GENERATE_COMPOSER_H

#include "emu/model/base/yaml_tree.h"
#include "emu/model/topology/topology_builder.h"
#include "sfemu/random.h"

#define SFE_COMPOSE_MAX_OPEN 64u /* defined cells within defined cells */

enum sfe_item_kind {
	SFE_ITEM_NODE,
	SFE_ITEM_LAN,
	SFE_ITEM_SHARED,
	SFE_ITEM_CLOUDLET,
	SFE_ITEM_GROUP
};
enum sfe_item_field {
	SFE_FIELD_COUNT,
	SFE_FIELD_NAME,
	SFE_FIELD_UPLINK,
	SFE_FIELD_TO,
	SFE_FIELD_RATE,
	SFE_FIELD_LATENCY,
	SFE_FIELD_DRAW,
	SFE_FIELD_CPU,
	SFE_FIELD_MEMORY,
	SFE_FIELDS
};

/* One element of a list of cells and nodes, defined cells resolved. */
struct sfe_item {
	const struct sfe_tree *at; /* where it stands */
	enum sfe_item_kind kind;
	const struct sfe_tree
		*body; /* what the key of its kind says; NULL for a bare name of a node */
	const struct sfe_node_block *block;
	const struct sfe_tree *field[SFE_FIELDS];
	unsigned opened; /* how many defined cells it is */
};

/* What was drawn for the cells around. */
struct sfe_scope {
	const struct sfe_scope *around;
	const char *name;
	uint64_t value;
};

/* Numbers of names and streams of draws, by name. */
struct sfe_tally {
	const char *name;
	uint32_t next;
	struct sfe_stream stream;
};

struct sfe_tallies {
	struct sfe_tally *at;
	uint32_t n, cap;
};

struct sfe_made_edge {
	sfe_ref from, to;
	const struct sfe_delay *latency; /* one of the pool; NULL: none */
};

struct sfe_latency_pool {
	struct sfe_latency_pool *next;
	struct sfe_delay latency;
};

struct sfe_composer {
	struct sfe_topology_builder *b;
	uint64_t seed;
	bool ether; /* Ether's latencies where nothing else is said */
	const struct sfe_tree *define;
	const char *open[SFE_COMPOSE_MAX_OPEN]; /* the defined cells that are being made */
	unsigned n_open;
	uint64_t instances;
	struct sfe_tallies names, streams;
	struct sfe_latency_pool *latencies;
	/* Edges as they are made; the rows of their sources come in the order of first sight. */
	struct sfe_made_edge *edges;
	uint32_t n_edges, cap_edges;
	uint32_t *seen[3], cap_seen[3], n_seen; /* by kind and number: from 1; 0: not yet */
};

/* All return c->b->rc. Fails at the line of t. */
int sfe_compose_fail(struct sfe_composer *c, const struct sfe_tree *t, const char *todo,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* The text of a value; NULL after an error. */
const char *sfe_compose_text(struct sfe_composer *c, const struct sfe_tree *t, const char *what);

/* compose_item.c. The item is done with sfe_item_close, whatever this returns. */
int sfe_item_open(struct sfe_composer *c, const struct sfe_tree *t, struct sfe_item *item);
void sfe_item_close(struct sfe_composer *c, const struct sfe_item *item);

/* compose_values.c: counts, draws, rates and latencies. t may be NULL: the preset. */
int sfe_compose_count(struct sfe_composer *c, const struct sfe_tree *t,
	const struct sfe_scope *scope, uint64_t preset, uint64_t *out);
/* A draw of its own for what t says below `draw`. */
int sfe_compose_draw(struct sfe_composer *c, const struct sfe_tree *t, uint64_t *out);
int sfe_compose_rate(
	struct sfe_composer *c, const struct sfe_tree *t, double preset_mbps, double *mbps);
/* ether: the name of the law that Ether has there, NULL for none. */
int sfe_compose_latency(
	struct sfe_composer *c, const struct sfe_tree *t, const char *ether, struct sfe_delay *out);
/* A node's own speed and memory, where the item says them. */
int sfe_compose_figures(
	struct sfe_composer *c, const struct sfe_item *item, struct sfe_node_row *row);
/* By name, added if it is not there; NULL after an error. */
struct sfe_tally *sfe_compose_tally(
	struct sfe_composer *c, struct sfe_tallies *tallies, const char *name);

/* compose_edges.c */
int sfe_compose_connect(struct sfe_composer *c, sfe_ref from, sfe_ref to,
	const struct sfe_delay *latency, bool both);
/* Hands the edges to the builder. */
int sfe_compose_flush(struct sfe_composer *c);
int sfe_compose_backbone(struct sfe_composer *c, const struct sfe_tree *t);

#endif
