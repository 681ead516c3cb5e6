/* SPDX-License-Identifier: MIT */
/* The shared state of the composer's files. */
#ifndef SFE_GENERATE_COMPOSER_H
#define SFE_GENERATE_COMPOSER_H

#include "emu/model/base/yaml_tree.h"
#include "emu/model/topology/topology_builder.h"
#include "sfemu/random.h"

#define SFE_COMPOSE_MAX_OPEN 64u /* nesting depth of defined cells */

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

/* An element of a list of cells and nodes, with defined cells resolved. */
struct sfe_item {
	const struct sfe_tree *at; /* its place */
	enum sfe_item_kind kind;
	const struct sfe_tree *body; /* value of its kind's key; NULL for a bare name of a node */
	const struct sfe_node_block *block;
	const struct sfe_tree *field[SFE_FIELDS];
	unsigned opened; /* number of defined cells it was resolved through */
};

/* The draws of the enclosing cells. */
struct sfe_scope {
	const struct sfe_scope *around;
	const char *name;
	uint64_t value;
};

/* Counters of names and random streams, by name. */
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
	const struct sfe_delay *latency; /* from the pool; NULL: none */
	unsigned line;
};

struct sfe_latency_pool {
	struct sfe_latency_pool *next;
	struct sfe_delay latency;
};

struct sfe_composer {
	struct sfe_topology_builder *b;
	uint64_t seed;
	bool ether; /* default to Ether's latencies */
	const struct sfe_tree *define;
	const char *open[SFE_COMPOSE_MAX_OPEN]; /* the defined cells being built, outermost first */
	unsigned n_open;
	uint64_t instances;
	struct sfe_tallies names, streams;
	struct sfe_latency_pool *latencies;
	/* Edges in the order they were made. The edges file has a row per source, in order of
	 * first appearance. */
	struct sfe_made_edge *edges;
	uint32_t n_edges, cap_edges;
	uint32_t *seen[3], cap_seen[3],
		n_seen; /* by kind and number: position from 1; 0: not seen */
};

/* All return c->b->rc. This one fails at the line of t. */
int sfe_compose_fail(struct sfe_composer *c, const struct sfe_tree *t, const char *todo,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* The text of a value; NULL after an error. */
const char *sfe_compose_text(struct sfe_composer *c, const struct sfe_tree *t, const char *what);

/* compose_item.c. Call sfe_item_close afterwards, also after an error. */
int sfe_item_open(struct sfe_composer *c, const struct sfe_tree *t, struct sfe_item *item);
void sfe_item_close(struct sfe_composer *c, const struct sfe_item *item);

/* compose_values.c: counts, draws, rates and latencies. t NULL: the default. */
int sfe_compose_count(struct sfe_composer *c, const struct sfe_tree *t,
	const struct sfe_scope *scope, uint64_t preset, uint64_t *out);
/* Evaluates an entry of `draw`. */
int sfe_compose_draw(struct sfe_composer *c, const struct sfe_tree *t, uint64_t *out);
int sfe_compose_rate(
	struct sfe_composer *c, const struct sfe_tree *t, double preset_mbps, double *mbps);
/* ether: the name of Ether's law for this place; NULL: none. */
int sfe_compose_latency(
	struct sfe_composer *c, const struct sfe_tree *t, const char *ether, struct sfe_delay *out);
/* A node's own speed and memory, if the item has them. */
int sfe_compose_figures(
	struct sfe_composer *c, const struct sfe_item *item, struct sfe_node_row *row);
/* By name; added if new. NULL after an error. */
struct sfe_tally *sfe_compose_tally(
	struct sfe_composer *c, struct sfe_tallies *tallies, const char *name);

/* compose_edges.c */
int sfe_compose_connect(struct sfe_composer *c, sfe_ref from, sfe_ref to,
	const struct sfe_delay *latency, bool both);
/* Passes the edges to the builder. */
int sfe_compose_flush(struct sfe_composer *c);
int sfe_compose_backbone(struct sfe_composer *c, const struct sfe_tree *t);

#endif
