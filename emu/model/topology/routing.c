/* SPDX-License-Identifier: MIT */
/*
 * One tree of shortest ways for each destination, made when it is first asked for (a topology has
 * thousands of vertices of which few are destinations) and kept; or all pairs of nodes at once, as
 * ways.c has them. All distances are single precision, as published. Among ways of equal length
 * the one whose vertices come first by (distance, id) is taken, so that the same topology gives
 * the same ways everywhere.
 */
#include "sfemu/routing.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/topology/routing_tree.h"
#include "emu/model/topology/ways.h"

struct sfe_routing {
	const struct sfe_topology *t;
	enum sfe_direction direction;
	uint32_t n;
	/* What is walked away from the destination: the edges as written (SFE_STATESIM) or
	 * reversed. */
	uint32_t *begin, *to;
	float *weight; /* by vertex: 2/capacity of a link, 0 of anything else */
	/* By destination, NULL until asked for: the next vertex towards it, SFE_NONE if no way. */
	uint32_t **tree;
	struct sfe_ways ways;
	bool prepared; /* the ways are there */
};

struct item {
	float distance;
	uint32_t vertex;
};

struct sfe_routing_heap {
	uint32_t n;
	struct item items[]; /* room for one item an edge and the root: nothing is ever moved up in
				place */
};

static bool before(struct item a, struct item b)
{
	return a.distance < b.distance || (a.distance == b.distance && a.vertex < b.vertex);
}

static void push(struct sfe_routing_heap *h, struct item item)
{
	uint32_t i = h->n++;

	for (; i && before(item, h->items[(i - 1) / 2]); i = (i - 1) / 2)
		h->items[i] = h->items[(i - 1) / 2];
	h->items[i] = item;
}

static struct item pop(struct sfe_routing_heap *h)
{
	struct item first = h->items[0], last = h->items[--h->n];
	uint32_t i = 0;

	for (;;) {
		uint32_t child = 2 * i + 1;
		if (child >= h->n)
			break;
		if (child + 1 < h->n && before(h->items[child + 1], h->items[child]))
			child++;
		if (!before(h->items[child], last))
			break;
		h->items[i] = h->items[child];
		i = child;
	}
	h->items[i] = last;
	return first;
}

enum sfe_direction sfe_routing_direction(const struct sfe_routing *r)
{
	return r->direction;
}

const struct sfe_topology *sfe_routing_topology(const struct sfe_routing *r)
{
	return r->t;
}

const struct sfe_ways *sfe_routing_ways(const struct sfe_routing *r)
{
	return r->prepared ? &r->ways : NULL;
}

int sfe_routing_tree_init(struct sfe_routing_tree *tree, const struct sfe_routing *r)
{
	*tree = (struct sfe_routing_tree){
		.next = calloc(r->n, sizeof(*tree->next)),
		.order = calloc(r->n, sizeof(*tree->order)),
		.distance = calloc(r->n, sizeof(*tree->distance)),
		.heap = malloc(sizeof(*tree->heap) +
			       ((size_t)r->t->n_edges + 1) * sizeof(*tree->heap->items)),
	};
	return tree->next && tree->order && tree->distance && tree->heap ? 0 : -ENOMEM;
}

void sfe_routing_tree_clear(struct sfe_routing_tree *tree)
{
	free(tree->next);
	free(tree->order);
	free(tree->distance);
	free(tree->heap);
	*tree = (struct sfe_routing_tree){0};
}

void sfe_routing_tree_grow(
	struct sfe_routing_tree *tree, const struct sfe_routing *r, uint32_t root)
{
	struct sfe_routing_heap *h = tree->heap;

	for (uint32_t v = 0; v < r->n; v++) {
		tree->next[v] = SFE_NONE;
		tree->distance[v] = INFINITY;
	}
	tree->root = root;
	tree->distance[root] = 0;
	tree->n_reached = 0;
	h->n = 0;
	push(h, (struct item){0, root});
	while (h->n) {
		struct item at = pop(h);
		uint32_t v = at.vertex;
		/* It was pushed anew when it got nearer. */
		if (at.distance > tree->distance[v])
			continue;
		tree->order[tree->n_reached++] = v;
		/* A node forwards nothing for others. The published model has no such rule. */
		if (r->direction == SFE_PHYSICAL && v != root && v < r->t->n_nodes)
			continue;
		for (uint32_t e = r->begin[v]; e < r->begin[v + 1]; e++) {
			uint32_t u = r->to[e];
			/* The term of the edge's source comes first; of two floats any order is
			 * equal. */
			float d = at.distance + (r->weight[v] + r->weight[u]);
			if (!(d < tree->distance[u]))
				continue;
			tree->distance[u] = d;
			tree->next[u] = v;
			push(h, (struct item){d, u});
		}
	}
}

/* The tree of a destination, NULL when memory ran out. */
static const uint32_t *tree(const struct sfe_routing *r, uint32_t root)
{
	struct sfe_routing_tree made;

	if (r->tree[root])
		return r->tree[root];
	if (!sfe_routing_tree_init(&made, r)) {
		sfe_routing_tree_grow(&made, r, root);
		r->tree[root] = made.next;
		made.next = NULL;
	}
	sfe_routing_tree_clear(&made);
	return r->tree[root];
}

int sfe_routing_new(const struct sfe_topology *t, enum sfe_direction direction,
	struct sfe_routing **out, struct sfe_error *err)
{
	struct sfe_routing *r = calloc(1, sizeof(*r));
	bool reversed = direction == SFE_PHYSICAL;
	const uint32_t *from = reversed ? t->file_to : t->file_from;
	const uint32_t *to = reversed ? t->file_from : t->file_to;
	uint32_t *at = NULL;

	if (r) {
		r->t = t;
		r->direction = direction;
		r->n = sfe_topology_vertices(t);
		r->begin = calloc((size_t)r->n + 1, sizeof(*r->begin));
		r->to = calloc((size_t)t->n_edges + 1, sizeof(*r->to));
		r->tree = calloc((size_t)r->n + 1, sizeof(*r->tree));
		r->weight = calloc((size_t)r->n + 1, sizeof(*r->weight));
		at = calloc((size_t)r->n + 1, sizeof(*at));
	}
	if (!r || !r->begin || !r->to || !r->tree || !r->weight || !at) {
		free(at);
		sfe_routing_free(r);
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for the ways");
	}
	for (uint32_t e = 0; e < t->n_edges; e++)
		r->begin[from[e] + 1]++;
	for (uint32_t v = 0; v < r->n; v++)
		r->begin[v + 1] += r->begin[v];
	memcpy(at, r->begin, (size_t)r->n * sizeof(*at));
	for (uint32_t e = 0; e < t->n_edges; e++)
		r->to[at[from[e]]++] = to[e];
	free(at);
	for (uint32_t l = 0; l < t->n_links; l++)
		r->weight[t->n_nodes + l] = 2.0f / t->links[l].capacity_bps;
	*out = r;
	return 0;
}

void sfe_routing_free(struct sfe_routing *r)
{
	if (!r)
		return;
	for (uint32_t v = 0; r->tree && v < r->n; v++)
		free(r->tree[v]);
	free(r->tree);
	sfe_ways_clear(&r->ways);
	free(r->begin);
	free(r->to);
	free(r->weight);
	free(r);
}

int sfe_routing_prepare(struct sfe_routing *r, struct sfe_error *err)
{
	if (r->prepared)
		return 0;
	if (r->t->n_nodes > SFE_MAX_PAIRED_NODES)
		return sfe_fail(err, -ERANGE, "topology", "use a smaller topology",
			"%u nodes have too many pairs for the closed form, which takes %u nodes at "
			"most",
			r->t->n_nodes, SFE_MAX_PAIRED_NODES);
	if (sfe_ways_make(&r->ways, r)) {
		sfe_ways_clear(&r->ways);
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for the ways");
	}
	r->prepared = true;
	return 0;
}

uint32_t sfe_routing_next(const struct sfe_routing *r, uint32_t at, uint32_t to)
{
	const uint32_t *next;

	if (at == to || !(next = tree(r, to)))
		return SFE_NONE;
	return next[at];
}

/* Whether the ways have the answer: they are made, and both ends are nodes. */
static bool known(const struct sfe_routing *r, uint32_t from, uint32_t to)
{
	return r->prepared && from < r->t->n_nodes && to < r->t->n_nodes;
}

uint32_t sfe_routing_hops(const struct sfe_routing *r, uint32_t from, uint32_t to)
{
	const uint32_t *next;
	uint32_t hops = 0;

	if (from == to)
		return 0;
	if (known(r, from, to)) {
		uint32_t way = sfe_way_between(&r->ways, from, to);
		return way == SFE_NONE ? SFE_NONE : r->ways.way[way].hops;
	}
	if (!(next = tree(r, to)) || next[from] == SFE_NONE)
		return SFE_NONE;
	for (uint32_t v = from; v != to; v = next[v])
		hops += sfe_vertex_kind(r->t, v) == SFE_VERTEX_LINK;
	return hops;
}

double sfe_routing_time(const struct sfe_routing *r, uint32_t from, uint32_t to, uint64_t bytes)
{
	const uint32_t *next;
	double sum = 0;

	if (!bytes || from == to)
		return 0;
	if (known(r, from, to))
		return sfe_way_time(&r->ways, sfe_way_between(&r->ways, from, to), bytes);
	if (!(next = tree(r, to)) || next[from] == SFE_NONE)
		return INFINITY;
	for (uint32_t v = from; v != to; v = next[v])
		if (sfe_vertex_kind(r->t, v) == SFE_VERTEX_LINK) {
			float s = (float)(8 * bytes) / r->t->links[v - r->t->n_nodes].capacity_bps;
			sum += (double)s;
		}
	return sum;
}
