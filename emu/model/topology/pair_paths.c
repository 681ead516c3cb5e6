/* SPDX-License-Identifier: MIT */
#include "emu/model/topology/pair_paths.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/base/text.h"

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
	uint32_t n = w->n_slots ? 2 * w->n_slots : 1024, *slot;

	if (w->n_slots > UINT32_MAX / 4 || !(slot = calloc(n, sizeof(*slot))))
		return -ENOMEM;
	free(w->slot);
	w->slot = slot;
	w->n_slots = n;
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
static int sort_capacities(struct sfe_pair_paths *w)
{
	const struct sfe_topology *t = w->t;
	uint32_t kept = 0;

	w->capacity_bps = calloc((size_t)t->n_links + 1, sizeof(*w->capacity_bps));
	w->of_link = calloc((size_t)t->n_links + 1, sizeof(*w->of_link));
	if (!w->capacity_bps || !w->of_link)
		return -ENOMEM;
	for (uint32_t l = 0; l < t->n_links; l++)
		w->capacity_bps[l] = t->links[l].capacity_bps;
	qsort(w->capacity_bps, t->n_links, sizeof(*w->capacity_bps), ascending);
	for (uint32_t l = 0; l < t->n_links; l++)
		if (!l || w->capacity_bps[l] != w->capacity_bps[kept - 1])
			w->capacity_bps[kept++] = w->capacity_bps[l];
	w->n_capacities = kept;
	for (uint32_t l = 0; l < t->n_links; l++)
		w->of_link[l] =
			(uint32_t)((float *)bsearch(&t->links[l].capacity_bps, w->capacity_bps,
					   kept, sizeof(*w->capacity_bps), ascending) -
				   w->capacity_bps);
	return 0;
}

/* ---- classes of nodes */

/* Working memory. */
struct classing {
	const struct sfe_topology *t;
	uint32_t *n_in, *sum_in; /* by vertex: incoming edges, and the sum of their sources */
	uint32_t *last;          /* by vertex, a hub: its last class; SFE_NONE */
	uint32_t *before;        /* by class: another one of its hub */
	uint32_t *capacity;      /* by class: of its nodes' links */
};

/*
 * Finds the hub and the link of a leaf: a node with one link in both directions, which leads to its
 * hub and nowhere else. SFE_NONE for other nodes.
 */
static uint32_t hub_of(const struct classing *c, uint32_t node, uint32_t *link)
{
	const struct sfe_topology *t = c->t;
	const uint32_t *out = t->edge_to + t->edge_begin[node];

	if (t->edge_begin[node + 1] - t->edge_begin[node] != 1 || c->n_in[node] != 1 ||
		sfe_vertex_kind(t, out[0]) != SFE_VERTEX_LINK)
		return SFE_NONE;
	uint32_t v = out[0], n = t->edge_begin[v + 1] - t->edge_begin[v];
	const uint32_t *two = t->edge_to + t->edge_begin[v];
	if (n != 2 || c->n_in[v] != 2 || (two[0] != node) == (two[1] != node))
		return SFE_NONE;
	uint32_t hub = two[0] == node ? two[1] : two[0];
	*link = v - t->n_nodes;
	return hub >= t->n_nodes && c->sum_in[v] - node == hub ? hub : SFE_NONE;
}

/*
 * The class of a leaf that is there already; SFE_NONE: none. The paths of two leaves of one hub
 * with links of equal capacity are equal, with the two exchanged: no path leads through a leaf, so
 * nothing else distinguishes them.
 */
static uint32_t find_class(const struct classing *c, uint32_t hub, uint32_t capacity)
{
	uint32_t k = hub == SFE_NONE ? SFE_NONE : c->last[hub];

	while (k != SFE_NONE && c->capacity[k] != capacity)
		k = c->before[k];
	return k;
}

static void add_node(struct sfe_pair_paths *w, struct classing *c, uint32_t node)
{
	uint32_t link = 0, hub = hub_of(c, node, &link), k = find_class(c, hub, w->of_link[link]);

	if (k == SFE_NONE) {
		k = w->n_classes++;
		w->example[k][0] = node;
		w->example[k][1] = SFE_NONE;
		c->capacity[k] = w->of_link[link];
		if (hub != SFE_NONE) {
			c->before[k] = c->last[hub];
			c->last[hub] = k;
		}
	} else if (w->example[k][1] == SFE_NONE) {
		w->example[k][1] = node;
	}
	w->class_of[node] = k;
}

static int make_classes(struct sfe_pair_paths *w)
{
	const struct sfe_topology *t = w->t;
	size_t n = (size_t)sfe_topology_vertices(t) + 1, n_nodes = (size_t)t->n_nodes + 1;
	struct classing c = {
		.t = t,
		.n_in = calloc(n, sizeof(*c.n_in)),
		.sum_in = calloc(n, sizeof(*c.sum_in)),
		.last = malloc(n * sizeof(*c.last)),
		.before = calloc(n_nodes, sizeof(*c.before)),
		.capacity = calloc(n_nodes, sizeof(*c.capacity)),
	};
	int rc = 0;

	w->class_of = calloc(n_nodes, sizeof(*w->class_of));
	w->example = calloc(n_nodes, sizeof(*w->example));
	if (!c.n_in || !c.sum_in || !c.last || !c.before || !c.capacity || !w->class_of ||
		!w->example)
		rc = -ENOMEM;
	if (!rc)
		memset(c.last, 0xff, n * sizeof(*c.last)); /* SFE_NONE */
	for (uint32_t e = 0; e < t->n_edges && !rc; e++) {
		c.n_in[t->file_to[e]]++;
		c.sum_in[t->file_to[e]] += t->file_from[e];
	}
	for (uint32_t node = 0; node < t->n_nodes && !rc; node++)
		add_node(w, &c, node);
	free(c.n_in);
	free(c.sum_in);
	free(c.last);
	free(c.before);
	free(c.capacity);
	return rc;
}

/* ---- paths of pairs */

static int compute(struct sfe_pair_paths *w, uint32_t from, uint32_t to, uint32_t *out)
{
	uint32_t n_nodes = w->t->n_nodes, path = 0;
	struct sfe_block_path way;
	int rc = sfe_block_path(w->blocks, from, to, &way);

	for (uint32_t i = way.n; i-- > 0 && !rc;)
		if (sfe_vertex_kind(w->t, way.vertex[i]) == SFE_VERTEX_LINK)
			rc = prepend(w, w->of_link[way.vertex[i] - n_nodes], path, &path);
	*out = way.n ? path : SFE_NONE;
	return rc;
}

static int compute_step(void *pair_paths, uint32_t from, uint32_t to, uint32_t *path)
{
	return compute(pair_paths, from, to, path);
}

static struct sfe_pair_known *find_known(
	const struct sfe_pair_paths *w, const struct sfe_pair_known *key)
{
	uint32_t i = (hash(key->from, key->to) ^ key->meet * 0x9e3779b9u) & (w->n_known_slots - 1);

	for (; w->known[i].from != SFE_NONE; i = (i + 1) & (w->n_known_slots - 1)) {
		const struct sfe_pair_known *k = &w->known[i];
		if (k->from == key->from && k->to == key->to && k->meet == key->meet)
			break;
	}
	return &w->known[i];
}

static int more_known_slots(struct sfe_pair_paths *w)
{
	struct sfe_pair_known *old = w->known;
	uint32_t n = w->n_known_slots;
	size_t slots = n ? 2 * (size_t)n : 1024;

	if (n > UINT32_MAX / 4)
		return -ENOMEM;
	w->known = malloc(slots * sizeof(*w->known));
	if (!w->known) {
		w->known = old;
		return -ENOMEM;
	}
	memset(w->known, 0xff, slots * sizeof(*w->known)); /* SFE_NONE */
	w->n_known_slots = (uint32_t)slots;
	for (uint32_t i = 0; i < n; i++)
		if (old[i].from != SFE_NONE)
			*find_known(w, &old[i]) = old[i];
	free(old);
	return 0;
}

/* What the path of two classes, or that between two nodes of one class, is known by. */
static int make_key(struct sfe_pair_paths *w, uint32_t from, uint32_t to,
	const uint32_t vertices[2], struct sfe_pair_known *key)
{
	int rc = 0;

	*key = (struct sfe_pair_known){from, to, SFE_STEMS_ALONE, SFE_NONE};
	if (from != to)
		rc = sfe_path_stems_meet(&w->stems, vertices[0], vertices[1], &key->meet);
	if (!rc && key->meet != SFE_STEMS_ALONE) {
		key->from = w->stems.of[vertices[0]].kind;
		key->to = w->stems.of[vertices[1]].kind;
	}
	return rc;
}

static int find_path(struct sfe_pair_paths *w, uint32_t from, uint32_t to, uint32_t *path)
{
	const uint32_t vertices[2] = {w->example[from][0], w->example[to][from == to ? 1 : 0]};
	struct sfe_pair_known key;
	int rc = w->n_known >= w->n_known_slots / 2 ? more_known_slots(w) : 0;

	rc = rc ? rc : make_key(w, from, to, vertices, &key);
	if (rc)
		return rc;
	struct sfe_pair_known *known = find_known(w, &key);
	if (known->from == SFE_NONE) {
		rc = compute(w, vertices[0], vertices[1], &key.path);
		if (rc)
			return rc;
		*known = key;
		w->n_known++;
	}
	*path = known->path;
	return 0;
}

uint32_t sfe_class_path(struct sfe_pair_paths *w, uint32_t from, uint32_t to)
{
	uint32_t path = SFE_NONE;

	if (w->all)
		return w->all[(size_t)to * w->n_classes + from];
	w->out_of_memory |= find_path(w, from, to, &path) != 0;
	return path;
}

int sfe_pair_paths_init(
	struct sfe_pair_paths *w, const struct sfe_topology *t, struct sfe_block_paths *blocks)
{
	*w = (struct sfe_pair_paths){.t = t, .blocks = blocks};
	int rc = sfe_grow(&w->path, &w->cap_paths, 1, sizeof(*w->path));

	if (!rc) {
		w->path[0] = (struct sfe_pair_path){0};
		w->n_paths = 1;
	}
	rc = rc ? rc : sort_capacities(w);
	rc = rc ? rc : sfe_path_stems_init(&w->stems, blocks);
	w->stems.path = compute_step;
	w->stems.context = w;
	return rc ? rc : make_classes(w);
}

int sfe_pair_paths_all(struct sfe_pair_paths *w)
{
	size_t n = w->n_classes;
	uint32_t *all = malloc((n * n + 1) * sizeof(*all));
	int rc = all ? 0 : -ENOMEM;

	for (uint32_t to = 0; to < n && !rc; to++)
		for (uint32_t from = 0; from < n && !rc; from++) {
			uint32_t *path = &all[to * n + from];
			*path = 0; /* from a node to itself: not asked of one that is alone */
			if (from != to || w->example[to][1] != SFE_NONE)
				rc = find_path(w, from, to, path);
		}
	if (rc)
		free(all);
	else
		w->all = all;
	return rc;
}

void sfe_pair_paths_clear(struct sfe_pair_paths *w)
{
	free(w->path);
	free(w->capacity_bps);
	free(w->of_link);
	free(w->slot);
	free(w->class_of);
	free(w->example);
	sfe_path_stems_clear(&w->stems);
	free(w->known);
	free(w->all);
	*w = (struct sfe_pair_paths){0};
}
