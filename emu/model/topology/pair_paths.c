/* SPDX-License-Identifier: MIT */
#include "emu/model/topology/pair_paths.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/text.h"
#include "emu/model/topology/routing_tree.h"

static uint32_t hash(uint32_t capacity, uint32_t rest)
{
	uint64_t x = ((uint64_t)rest << 32 | capacity) * 0x9e3779b97f4a7c15ull;

	return (uint32_t)(x >> 32);
}

static uint32_t *find_slot(const struct sfe_pair_paths *w, uint32_t capacity, uint32_t rest)
{
	uint32_t i = hash(capacity, rest) & (w->n_slots - 1);

	while (w->slot[i] &&
		(w->path[w->slot[i]].capacity != capacity || w->path[w->slot[i]].rest != rest))
		i = (i + 1) & (w->n_slots - 1);
	return &w->slot[i];
}

static int more_slots(struct sfe_pair_paths *w)
{
	uint32_t *old = w->slot;

	if (w->n_slots > UINT32_MAX / 4)
		return -ENOMEM;
	w->n_slots = w->n_slots ? 2 * w->n_slots : 1024;
	w->slot = calloc(w->n_slots, sizeof(*w->slot));
	free(old);
	if (!w->slot)
		return -ENOMEM;
	for (uint32_t i = 1; i < w->n_paths; i++)
		*find_slot(w, w->path[i].capacity, w->path[i].rest) = i;
	return 0;
}

/* The path that begins with a link of that capacity and continues as rest. */
static int prepend(struct sfe_pair_paths *w, uint32_t capacity, uint32_t rest, uint32_t *path)
{
	int rc = w->n_paths >= w->n_slots / 2 ? more_slots(w) : 0;

	if (rc)
		return rc;
	uint32_t *slot = find_slot(w, capacity, rest);
	if (!*slot) {
		if (sfe_grow(&w->path, &w->cap_paths, w->n_paths + 1, sizeof(*w->path)))
			return -ENOMEM;
		w->path[w->n_paths] = (struct sfe_pair_path){
			w->capacity_bps[capacity], capacity, rest, w->path[rest].hops + 1};
		*slot = w->n_paths++;
	}
	*path = *slot;
	return 0;
}

static int ascending(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return x < y ? -1 : x > y;
}

/* Collects the distinct capacities, and each link's index among them. */
static int sort_capacities(
	struct sfe_pair_paths *w, const struct sfe_topology *t, uint32_t *of_link)
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

/* The paths of all vertices to one destination, nearest first: each extends a known path by one
 * link. */
static int make_column(struct sfe_pair_paths *w, const struct sfe_topology *t,
	const struct sfe_routing_tree *tree, const uint32_t *of_link, uint32_t *path)
{
	uint32_t *between = w->between + (size_t)tree->root * w->n_nodes;

	memset(between, 0xff, w->n_nodes * sizeof(*between)); /* SFE_NONE */
	for (uint32_t i = 0; i < tree->n_reached; i++) {
		uint32_t v = tree->order[i];
		uint32_t link = v - t->n_nodes; /* wraps around for a node */

		path[v] = v == tree->root ? 0 : path[tree->next[v]];
		if (link < t->n_links && prepend(w, of_link[link], path[v], &path[v]))
			return -ENOMEM;
		if (v < t->n_nodes)
			between[v] = path[v];
	}
	return 0;
}

/* Working memory. */
struct making {
	const struct sfe_topology *t;
	struct sfe_routing_tree tree;
	uint32_t *capacity; /* by link */
	uint32_t *path;     /* by vertex */
	uint32_t *n_in,
		*sum_in;  /* by vertex: number of incoming edges, and the sum of their sources */
	uint32_t *leader; /* by hub: its first leaf; SFE_NONE */
};

static int start(struct making *m, const struct sfe_routing_graph *g)
{
	size_t n = sfe_topology_vertices(m->t);

	m->capacity = calloc((size_t)m->t->n_links + 1, sizeof(*m->capacity));
	m->path = calloc(n, sizeof(*m->path));
	m->n_in = calloc(n, sizeof(*m->n_in));
	m->sum_in = calloc(n, sizeof(*m->sum_in));
	m->leader = malloc(n * sizeof(*m->leader));
	if (sfe_routing_tree_init(&m->tree, g) || !m->capacity || !m->path || !m->n_in ||
		!m->sum_in || !m->leader)
		return -ENOMEM;
	memset(m->leader, 0xff, n * sizeof(*m->leader)); /* SFE_NONE */
	for (uint32_t e = 0; e < m->t->n_edges; e++) {
		m->n_in[m->t->file_to[e]]++;
		m->sum_in[m->t->file_to[e]] += m->t->file_from[e];
	}
	return 0;
}

static void end(struct making *m)
{
	sfe_routing_tree_clear(&m->tree);
	free(m->capacity);
	free(m->path);
	free(m->n_in);
	free(m->sum_in);
	free(m->leader);
}

/*
 * Finds the hub and the link of a leaf: a node with one link in both directions, which leads to its
 * hub and nowhere else. SFE_NONE for other nodes.
 */
static uint32_t hub_of(const struct making *m, uint32_t node, uint32_t *link)
{
	const struct sfe_topology *t = m->t;
	const uint32_t *out = t->edge_to + t->edge_begin[node];

	if (t->edge_begin[node + 1] - t->edge_begin[node] != 1 || m->n_in[node] != 1 ||
		sfe_vertex_kind(t, out[0]) != SFE_VERTEX_LINK)
		return SFE_NONE;
	uint32_t v = out[0], n = t->edge_begin[v + 1] - t->edge_begin[v];
	const uint32_t *two = t->edge_to + t->edge_begin[v];
	if (n != 2 || m->n_in[v] != 2 || (two[0] != node) == (two[1] != node))
		return SFE_NONE;
	uint32_t hub = two[0] == node ? two[1] : two[0];
	*link = v - t->n_nodes;
	return hub >= t->n_nodes && m->sum_in[v] - node == hub ? hub : SFE_NONE;
}

/*
 * Copies the paths of another leaf of the same hub with a link of the same capacity, if they exist.
 * They equal those to this node, with the two leaves exchanged: no path leads through a leaf, so
 * nothing else distinguishes them.
 */
static bool copy_column(struct sfe_pair_paths *w, struct making *m, uint32_t node)
{
	uint32_t link, leaders_link, hub = hub_of(m, node, &link);

	if (hub == SFE_NONE)
		return false;
	uint32_t leader = m->leader[hub];
	if (leader == SFE_NONE) {
		m->leader[hub] = node;
		return false;
	}
	hub_of(m, leader, &leaders_link);
	if (m->capacity[leaders_link] != m->capacity[link])
		return false;
	uint32_t *to = w->between + (size_t)node * w->n_nodes;
	const uint32_t *from = w->between + (size_t)leader * w->n_nodes;
	memcpy(to, from, w->n_nodes * sizeof(*to));
	to[leader] = from[node];
	to[node] = 0;
	return true;
}

int sfe_pair_paths_make(struct sfe_pair_paths *w, const struct sfe_routing_graph *g)
{
	struct making m = {.t = g->t};
	size_t n = m.t->n_nodes;
	int rc = start(&m, g);

	w->n_nodes = m.t->n_nodes;
	w->between = malloc(n * n * sizeof(*w->between));
	if (!rc && !w->between)
		rc = -ENOMEM;
	if (!rc && !(rc = sfe_grow(&w->path, &w->cap_paths, 1, sizeof(*w->path)))) {
		w->path[0] = (struct sfe_pair_path){0};
		w->n_paths = 1;
		rc = sort_capacities(w, m.t, m.capacity);
	}
	for (uint32_t root = 0; root < n && !rc; root++) {
		if (copy_column(w, &m, root))
			continue;
		sfe_routing_tree_grow(&m.tree, g, root);
		rc = make_column(w, m.t, &m.tree, m.capacity, m.path);
	}
	end(&m);
	free(w->slot);
	w->slot = NULL;
	w->n_slots = 0;
	return rc;
}

void sfe_pair_paths_clear(struct sfe_pair_paths *w)
{
	free(w->between);
	free(w->path);
	free(w->capacity_bps);
	free(w->slot);
	*w = (struct sfe_pair_paths){0};
}
