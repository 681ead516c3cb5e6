/* SPDX-License-Identifier: MIT */
#include "emu/model/topology/block_paths.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/text.h"

/* Trees are dropped, all at once, before they take more. */
#define MOST_TREE_BYTES (256u << 20)

/* The edges of a vertex and its entry in a block of two: such a block needs no tree. */
#define DOWN 1u /* in the graph: from the entry to the vertex; a path leads up */
#define UP 2u

struct tree { /* key, and by member of the block the index of the next one; NULL: a free slot */
	uint32_t block, root;
	float distance;
	bool forwards;
	uint32_t *next;
};

struct list {
	uint32_t *v, n, cap;
};

struct sfe_block_paths {
	const struct sfe_routing_graph *g;
	struct sfe_blocks blocks;
	uint8_t *edges;                  /* by vertex: DOWN, UP */
	struct sfe_routing_graph **part; /* by block: its graph; NULL before first use */
	struct tree *tree;               /* a hash table */
	uint32_t n_trees, n_slots;       /* slots: 0 or a power of two */
	size_t tree_bytes;
	struct list climb_to, climb_from; /* cut vertices, from an end towards the root */
	struct list path;                 /* while it is made, from its end to its start */
};

static int append(struct list *l, uint32_t v)
{
	if (sfe_grow(&l->v, &l->cap, l->n + 1, sizeof(*l->v)))
		return -ENOMEM;
	l->v[l->n++] = v;
	return 0;
}

/* Notes the edges between each vertex and the entry of the block above it. */
static void note_edges(struct sfe_block_paths *p)
{
	const struct sfe_routing_graph *g = p->g;
	const struct sfe_blocks *b = &p->blocks;

	for (uint32_t v = 0; v < g->n; v++)
		for (uint32_t e = g->begin[v]; e < g->begin[v + 1]; e++) {
			uint32_t u = g->to[e];
			if (b->above[v] != SFE_NONE && sfe_block_up(b, v) == u)
				p->edges[v] |= UP;
			if (b->above[u] != SFE_NONE && sfe_block_up(b, u) == v)
				p->edges[u] |= DOWN;
		}
}

int sfe_block_paths_new(const struct sfe_routing_graph *g, struct sfe_block_paths **out)
{
	struct sfe_block_paths *p = calloc(1, sizeof(*p));

	if (p) {
		p->g = g;
		p->edges = calloc((size_t)g->n + 1, sizeof(*p->edges));
	}
	if (!p || !p->edges || sfe_blocks_init(&p->blocks, g) ||
		!(p->part = calloc(
			  (size_t)p->blocks.n_blocks + 1, sizeof(struct sfe_routing_graph *)))) {
		sfe_block_paths_free(p);
		return -ENOMEM;
	}
	note_edges(p);
	*out = p;
	return 0;
}

uint32_t sfe_block_paths_vertices(const struct sfe_block_paths *p)
{
	return p->g->n;
}

static void drop_trees(struct sfe_block_paths *p)
{
	for (uint32_t i = 0; i < p->n_slots; i++) {
		free(p->tree[i].next);
		p->tree[i].next = NULL;
	}
	p->n_trees = 0;
	p->tree_bytes = 0;
}

static void free_part(struct sfe_routing_graph *part)
{
	if (part)
		sfe_routing_graph_clear(part);
	free(part);
}

void sfe_block_paths_free(struct sfe_block_paths *p)
{
	if (!p)
		return;
	drop_trees(p);
	for (uint32_t i = 0; p->part && i < p->blocks.n_blocks; i++)
		free_part(p->part[i]);
	sfe_blocks_clear(&p->blocks);
	free(p->edges);
	free(p->part);
	free(p->tree);
	free(p->climb_to.v);
	free(p->climb_from.v);
	free(p->path.v);
	free(p);
}

/* ---- the tree of a block */

/* Copies the block's edges. Its members are ascending, so that of equal distances the same vertex
 * comes first as in the whole graph. */
static void copy_edges(
	const struct sfe_block_paths *p, uint32_t block, struct sfe_routing_graph *part)
{
	const struct sfe_routing_graph *g = p->g;
	const uint32_t *member = p->blocks.member + p->blocks.begin[block];

	part->n_edges = 0;
	for (uint32_t i = 0; i < part->n; i++) {
		uint32_t v = member[i];
		for (uint32_t e = g->begin[v]; e < g->begin[v + 1]; e++) {
			if (!sfe_block_has_edge(&p->blocks, block, v, g->to[e]))
				continue;
			if (part->to)
				part->to[part->n_edges] =
					sfe_block_place(&p->blocks, block, g->to[e]);
			part->n_edges++;
		}
		part->begin[i + 1] = part->n_edges;
		part->weight[i] = g->weight[v];
		part->n_nodes += !part->to && v < g->n_nodes;
	}
}

static const struct sfe_routing_graph *part_of(struct sfe_block_paths *p, uint32_t block)
{
	struct sfe_routing_graph *part = p->part[block];

	if (part)
		return part;
	part = calloc(1, sizeof(*part));
	if (!part)
		return NULL;
	part->nodes_forward = p->g->nodes_forward;
	part->n = sfe_block_size(&p->blocks, block);
	part->begin = calloc((size_t)part->n + 1, sizeof(*part->begin));
	part->weight = calloc(part->n, sizeof(*part->weight));
	if (part->begin && part->weight) {
		copy_edges(p, block, part); /* counts them */
		part->to = calloc((size_t)part->n_edges + 1, sizeof(*part->to));
	}
	if (!part->begin || !part->weight || !part->to) {
		free_part(part);
		return NULL;
	}
	copy_edges(p, block, part);
	return p->part[block] = part;
}

static int has_one_way(struct sfe_block_paths *p, uint32_t block, bool *one_way)
{
	*one_way = true;
	if (sfe_block_size(&p->blocks, block) <= 2)
		return 0;
	const struct sfe_routing_graph *part = part_of(p, block);
	if (!part)
		return -ENOMEM;
	for (uint32_t i = 0; i < part->n; i++)
		*one_way &= part->begin[i + 1] - part->begin[i] <= 1;
	return 0;
}

int sfe_block_one_way_up(struct sfe_block_paths *p, uint32_t v, uint32_t *up)
{
	uint32_t block = p->blocks.above[v];
	bool one_way = false;
	int rc = block == SFE_NONE ? 0 : has_one_way(p, block, &one_way);

	*up = one_way ? sfe_block_up(&p->blocks, v) : SFE_NONE;
	return rc;
}

static uint32_t bits(float f)
{
	uint32_t u;

	memcpy(&u, &f, sizeof(u));
	return u;
}

static struct tree *find_slot(const struct sfe_block_paths *p, const struct tree *key)
{
	uint64_t x = ((uint64_t)key->block << 32 | key->root) * 0x9e3779b97f4a7c15ull;
	x = (x ^ (x >> 29) ^ bits(key->distance) ^ key->forwards) * 0xbf58476d1ce4e5b9ull;
	uint32_t i = (uint32_t)(x >> 32) & (p->n_slots - 1);

	for (;; i = (i + 1) & (p->n_slots - 1)) {
		const struct tree *t = &p->tree[i];
		if (!t->next || (t->block == key->block && t->root == key->root &&
					bits(t->distance) == bits(key->distance) &&
					t->forwards == key->forwards))
			return &p->tree[i];
	}
}

static int more_slots(struct sfe_block_paths *p)
{
	struct tree *old = p->tree;
	uint32_t n = p->n_slots;

	if (n > UINT32_MAX / 4)
		return -ENOMEM;
	p->tree = calloc(n ? 2 * (size_t)n : 64, sizeof(*p->tree));
	if (!p->tree) {
		p->tree = old;
		return -ENOMEM;
	}
	p->n_slots = n ? 2 * n : 64;
	for (uint32_t i = 0; i < n; i++)
		if (old[i].next)
			*find_slot(p, &old[i]) = old[i];
	free(old);
	return 0;
}

/* The tree of a key, which is in key->next afterwards. */
static int grow_tree(struct sfe_block_paths *p, struct tree *key)
{
	const struct sfe_routing_root root = {key->root, key->distance, key->forwards};
	const struct sfe_routing_graph *part = part_of(p, key->block);
	struct sfe_routing_tree made = {0};
	size_t bytes = part ? part->n * sizeof(*key->next) : 0;

	if (!part || sfe_routing_tree_init(&made, part)) {
		sfe_routing_tree_clear(&made);
		return -ENOMEM;
	}
	sfe_routing_tree_grow(&made, part, &root);
	key->next = made.next;
	made.next = NULL;
	sfe_routing_tree_clear(&made);
	if (p->tree_bytes + bytes > MOST_TREE_BYTES)
		drop_trees(p);
	if (p->n_trees >= p->n_slots / 2 && more_slots(p)) {
		free(key->next);
		return -ENOMEM;
	}
	p->tree_bytes += bytes;
	p->n_trees++;
	*find_slot(p, key) = *key;
	return 0;
}

static int tree_of(struct sfe_block_paths *p, struct tree *key)
{
	const struct tree *known = p->n_slots ? find_slot(p, key) : NULL;

	if (!known || !known->next)
		return grow_tree(p, key);
	key->next = known->next;
	return 0;
}

/* ---- paths */

static bool forwards(const struct sfe_block_paths *p, uint32_t v, uint32_t to)
{
	return v == to || v >= p->g->n_nodes || p->g->nodes_forward;
}

/* Extends the path from x to y, both in a block of two. */
static int cross_bridge(struct sfe_block_paths *p, uint32_t x, uint32_t y, bool *found)
{
	bool x_below = p->blocks.above[x] != SFE_NONE && sfe_block_up(&p->blocks, x) == y;

	*found = x_below ? p->edges[x] & UP : p->edges[y] & DOWN;
	return *found ? append(&p->path, y) : 0;
}

static void reverse(uint32_t *v, uint32_t n)
{
	for (uint32_t i = 0; i < n / 2; i++) {
		uint32_t kept = v[i];
		v[i] = v[n - 1 - i];
		v[n - 1 - i] = kept;
	}
}

/* Extends the path from x, at that distance of its end, to y: on the tree from y to x, backwards.
 */
static int cross_block(struct sfe_block_paths *p, uint32_t block, uint32_t x, uint32_t y,
	float distance, bool *found)
{
	struct tree t = {block, sfe_block_place(&p->blocks, block, x), distance,
		forwards(p, x, p->path.v[0]), NULL};
	const uint32_t *member = p->blocks.member + p->blocks.begin[block];
	uint32_t before = p->path.n;
	int rc = tree_of(p, &t);

	if (rc)
		return rc;
	for (uint32_t i = sfe_block_place(&p->blocks, block, y); i != t.root && !rc;
		i = t.next[i]) {
		if (i == SFE_NONE) {
			*found = false;
			return 0;
		}
		rc = append(&p->path, member[i]);
	}
	*found = true;
	reverse(p->path.v + before, p->path.n - before);
	return rc;
}

/* Extends the path to y, in the same block, and adds to the distance as the search does. */
static int cross(
	struct sfe_block_paths *p, uint32_t block, uint32_t y, float *distance, bool *found)
{
	const float *w = p->g->weight;
	uint32_t before = p->path.n, x = p->path.v[before - 1];
	int rc = 0;

	*found = false;
	if (sfe_block_size(&p->blocks, block) > 2)
		rc = cross_block(p, block, x, y, *distance, found);
	else if (forwards(p, x, p->path.v[0]))
		rc = cross_bridge(p, x, y, found);
	for (uint32_t i = before; *found && !rc && i < p->path.n; i++)
		*distance = *distance + (w[p->path.v[i - 1]] + w[p->path.v[i]]);
	return rc;
}

/*
 * Climbs from both ends until they are one vertex, or in one block: *shared, else SFE_NONE.
 * *connected: they are.
 */
static int climb(
	struct sfe_block_paths *p, uint32_t from, uint32_t to, uint32_t *shared, bool *connected)
{
	const struct sfe_blocks *b = &p->blocks;
	uint32_t x = to, y = from;
	int rc;

	p->climb_to.n = p->climb_from.n = 0;
	rc = append(&p->climb_to, x);
	rc = rc ? rc : append(&p->climb_from, y);
	*shared = SFE_NONE;
	*connected = true;
	while (x != y && !rc) {
		uint32_t depth_x = b->depth[x], depth_y = b->depth[y];
		if (b->above[x] == b->above[y]) {
			*shared = b->above[x];
			*connected = *shared != SFE_NONE; /* else two roots */
			return 0;
		}
		if (depth_x >= depth_y)
			rc = append(&p->climb_to, x = sfe_block_up(b, x));
		if (depth_y >= depth_x && !rc)
			rc = append(&p->climb_from, y = sfe_block_up(b, y));
	}
	return rc;
}

int sfe_block_climb(
	struct sfe_block_paths *p, uint32_t from, uint32_t to, struct sfe_block_climb *out)
{
	uint32_t shared;
	bool connected;
	int rc = climb(p, from, to, &shared, &connected);

	if (rc)
		return rc;
	*out = (struct sfe_block_climb){.steps_from = p->climb_from.n - 1,
		.steps_to = p->climb_to.n - 1,
		.one_vertex = connected && shared == SFE_NONE};
	return 0;
}

int sfe_block_path(
	struct sfe_block_paths *p, uint32_t from, uint32_t to, struct sfe_block_path *path)
{
	const struct sfe_blocks *b = &p->blocks;
	uint32_t shared;
	float distance = 0;
	bool found;
	int rc = climb(p, from, to, &shared, &found);

	*path = (struct sfe_block_path){0};
	p->path.n = 0;
	rc = rc ? rc : append(&p->path, to);
	for (uint32_t i = 1; i < p->climb_to.n && found && !rc; i++)
		rc = cross(p, b->above[p->climb_to.v[i - 1]], p->climb_to.v[i], &distance, &found);
	uint32_t i = p->climb_from.n - 1;
	if (shared != SFE_NONE && found && !rc)
		rc = cross(p, shared, p->climb_from.v[i], &distance, &found);
	for (; i-- > 0 && found && !rc;)
		rc = cross(p, b->above[p->climb_from.v[i]], p->climb_from.v[i], &distance, &found);
	if (rc || !found)
		return rc;
	reverse(p->path.v, p->path.n);
	*path = (struct sfe_block_path){p->path.v, p->path.n};
	return 0;
}
