/* SPDX-License-Identifier: MIT */
/*
 * Dijkstra's algorithm with a binary heap. Distances have single precision, as published. Among
 * paths of equal length the one whose vertices come first by (distance, id) wins, so that equal
 * topologies give equal paths.
 */
#include "emu/model/topology/routing_tree.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct item {
	float distance;
	uint32_t vertex;
};

struct sfe_routing_heap {
	uint32_t n;
	struct item items[]; /* one item per edge and one for the root: entries are added, not
				updated */
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

int sfe_routing_graph_init(
	struct sfe_routing_graph *g, const struct sfe_topology *t, enum sfe_direction direction)
{
	bool reversed = direction == SFE_PHYSICAL;
	const uint32_t *from = reversed ? t->file_to : t->file_from;
	const uint32_t *to = reversed ? t->file_from : t->file_to;
	uint32_t *at;

	*g = (struct sfe_routing_graph){.t = t,
		.nodes_forward = direction != SFE_PHYSICAL,
		.n = sfe_topology_vertices(t),
		.n_nodes = t->n_nodes,
		.n_edges = t->n_edges};
	g->begin = calloc((size_t)g->n + 1, sizeof(*g->begin));
	g->to = calloc((size_t)t->n_edges + 1, sizeof(*g->to));
	g->weight = calloc((size_t)g->n + 1, sizeof(*g->weight));
	at = calloc((size_t)g->n + 1, sizeof(*at));
	if (!g->begin || !g->to || !g->weight || !at) {
		free(at);
		return -ENOMEM;
	}
	for (uint32_t e = 0; e < t->n_edges; e++)
		g->begin[from[e] + 1]++;
	for (uint32_t v = 0; v < g->n; v++)
		g->begin[v + 1] += g->begin[v];
	memcpy(at, g->begin, (size_t)g->n * sizeof(*at));
	for (uint32_t e = 0; e < t->n_edges; e++)
		g->to[at[from[e]]++] = to[e];
	free(at);
	for (uint32_t l = 0; l < t->n_links; l++)
		g->weight[t->n_nodes + l] = 2.0f / t->links[l].capacity_bps;
	return 0;
}

void sfe_routing_graph_clear(struct sfe_routing_graph *g)
{
	free(g->begin);
	free(g->to);
	free(g->weight);
	*g = (struct sfe_routing_graph){0};
}

int sfe_routing_tree_init(struct sfe_routing_tree *tree, const struct sfe_routing_graph *g)
{
	*tree = (struct sfe_routing_tree){
		.next = calloc(g->n, sizeof(*tree->next)),
		.order = calloc(g->n, sizeof(*tree->order)),
		.distance = calloc(g->n, sizeof(*tree->distance)),
		.heap = malloc(sizeof(*tree->heap) +
			       ((size_t)g->n_edges + 1) * sizeof(*tree->heap->items)),
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

void sfe_routing_tree_grow(struct sfe_routing_tree *tree, const struct sfe_routing_graph *g,
	const struct sfe_routing_root *root)
{
	struct sfe_routing_heap *h = tree->heap;

	for (uint32_t v = 0; v < g->n; v++) {
		tree->next[v] = SFE_NONE;
		tree->distance[v] = INFINITY;
	}
	tree->root = root->vertex;
	tree->distance[root->vertex] = root->distance;
	tree->n_reached = 0;
	h->n = 0;
	push(h, (struct item){root->distance, root->vertex});
	while (h->n) {
		struct item at = pop(h);
		uint32_t v = at.vertex;
		/* A vertex that got nearer was pushed again; this entry is stale. */
		if (at.distance > tree->distance[v])
			continue;
		tree->order[tree->n_reached++] = v;
		/* Nodes do not forward for others. The published model has no such rule. */
		if (!g->nodes_forward && v < g->n_nodes && !(v == root->vertex && root->forwards))
			continue;
		for (uint32_t e = g->begin[v]; e < g->begin[v + 1]; e++) {
			uint32_t u = g->to[e];
			/* The term of the edge's source comes first; a sum of two floats is the
			 * same in any order. */
			float d = at.distance + (g->weight[v] + g->weight[u]);
			if (!(d < tree->distance[u]))
				continue;
			tree->distance[u] = d;
			tree->next[u] = v;
			push(h, (struct item){d, u});
		}
	}
}
