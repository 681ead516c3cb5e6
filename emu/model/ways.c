/* SPDX-License-Identifier: MIT */
#include "ways.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "routing_tree.h"
#include "text.h"

static uint32_t hash(uint32_t capacity, uint32_t rest)
{
	uint64_t x = ((uint64_t)rest << 32 | capacity) * 0x9e3779b97f4a7c15ull;

	return (uint32_t)(x >> 32);
}

static uint32_t *find_slot(const struct sfe_ways *w, uint32_t capacity, uint32_t rest)
{
	uint32_t i = hash(capacity, rest) & (w->n_slots - 1);

	while (w->slot[i] &&
		(w->way[w->slot[i]].capacity != capacity || w->way[w->slot[i]].rest != rest))
		i = (i + 1) & (w->n_slots - 1);
	return &w->slot[i];
}

static int more_slots(struct sfe_ways *w)
{
	uint32_t *old = w->slot;

	if (w->n_slots > UINT32_MAX / 4)
		return -ENOMEM;
	w->n_slots = w->n_slots ? 2 * w->n_slots : 1024;
	w->slot = calloc(w->n_slots, sizeof(*w->slot));
	free(old);
	if (!w->slot)
		return -ENOMEM;
	for (uint32_t i = 1; i < w->n_ways; i++)
		*find_slot(w, w->way[i].capacity, w->way[i].rest) = i;
	return 0;
}

/* The way that begins with a link of that capacity and goes on as rest. */
static int prepend(struct sfe_ways *w, uint32_t capacity, uint32_t rest, uint32_t *way)
{
	int rc = w->n_ways >= w->n_slots / 2 ? more_slots(w) : 0;

	if (rc)
		return rc;
	uint32_t *slot = find_slot(w, capacity, rest);
	if (!*slot) {
		if (sfe_grow(&w->way, &w->cap_ways, w->n_ways + 1, sizeof(*w->way)))
			return -ENOMEM;
		w->way[w->n_ways] = (struct sfe_way){
			w->capacity_bps[capacity], capacity, rest, w->way[rest].hops + 1};
		*slot = w->n_ways++;
	}
	*way = *slot;
	return 0;
}

static int ascending(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return x < y ? -1 : x > y;
}

/* The capacities that occur, and of each link which one it has. */
static int sort_capacities(struct sfe_ways *w, const struct sfe_topology *t, uint32_t *of_link)
{
	uint32_t kept = 0;

	w->capacity_bps = calloc((size_t)t->n_links + 1, sizeof(*w->capacity_bps));
	if (!w->capacity_bps)
		return -ENOMEM;
	for (uint32_t l = 0; l < t->n_links; l++)
		w->capacity_bps[l] = t->links[l].capacity_bps;
	qsort(w->capacity_bps, t->n_links, sizeof(*w->capacity_bps), ascending);
	for (uint32_t l = 0; l < t->n_links; l++)
		if (!l || w->capacity_bps[l] != w->capacity_bps[kept - 1])
			w->capacity_bps[kept++] = w->capacity_bps[l];
	w->n_capacities = kept;
	for (uint32_t l = 0; l < t->n_links; l++)
		of_link[l] = (uint32_t)((float *)bsearch(&t->links[l].capacity_bps, w->capacity_bps,
						kept, sizeof(*w->capacity_bps), ascending) -
					w->capacity_bps);
	return 0;
}

/* The ways of all vertices to one destination, nearest first: each is a link before a known one. */
static int make_column(struct sfe_ways *w, const struct sfe_topology *t,
	const struct sfe_routing_tree *tree, const uint32_t *of_link, uint32_t *way)
{
	uint32_t *between = w->between + (size_t)tree->root * w->n_nodes;

	memset(between, 0xff, w->n_nodes * sizeof(*between)); /* SFE_NONE */
	for (uint32_t i = 0; i < tree->n_reached; i++) {
		uint32_t v = tree->order[i];
		uint32_t link = v - t->n_nodes; /* wraps for a node */

		way[v] = v == tree->root ? 0 : way[tree->next[v]];
		if (link < t->n_links && prepend(w, of_link[link], way[v], &way[v]))
			return -ENOMEM;
		if (v < t->n_nodes)
			between[v] = way[v];
	}
	return 0;
}

int sfe_ways_make(struct sfe_ways *w, const struct sfe_routing *r)
{
	const struct sfe_topology *t = sfe_routing_topology(r);
	size_t n = t->n_nodes;
	struct sfe_routing_tree tree;
	uint32_t *of_link = calloc((size_t)t->n_links + 1, sizeof(*of_link));
	uint32_t *way = calloc(sfe_topology_vertices(t), sizeof(*way));
	int rc = sfe_routing_tree_init(&tree, r);

	w->n_nodes = t->n_nodes;
	w->between = malloc(n * n * sizeof(*w->between));
	if (!rc && (!of_link || !way || !w->between))
		rc = -ENOMEM;
	if (!rc && !(rc = sfe_grow(&w->way, &w->cap_ways, 1, sizeof(*w->way)))) {
		w->way[0] = (struct sfe_way){0};
		w->n_ways = 1;
		rc = sort_capacities(w, t, of_link);
	}
	for (uint32_t root = 0; root < n && !rc; root++) {
		sfe_routing_tree_grow(&tree, r, root);
		rc = make_column(w, t, &tree, of_link, way);
	}
	sfe_routing_tree_clear(&tree);
	free(of_link);
	free(way);
	free(w->slot);
	w->slot = NULL;
	w->n_slots = 0;
	return rc;
}

void sfe_ways_clear(struct sfe_ways *w)
{
	free(w->between);
	free(w->way);
	free(w->capacity_bps);
	free(w->slot);
	*w = (struct sfe_ways){0};
}
