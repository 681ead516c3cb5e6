/* SPDX-License-Identifier: MIT */
/*
 * One shortest-path tree per destination (routing_tree.c), computed on first use and kept: a
 * topology has thousands of vertices, but few destinations. Or all pairs of nodes at once
 * (pair_paths.c).
 */
#include "sfemu/routing.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "emu/model/topology/pair_paths.h"
#include "emu/model/topology/routing_tree.h"

struct sfe_routing {
	struct sfe_routing_graph graph;
	enum sfe_direction direction;
	/* By destination, NULL before first use: the next vertex towards it; SFE_NONE: no path. */
	uint32_t **tree;
	struct sfe_pair_paths pairs;
	bool prepared; /* pairs is valid */
};

enum sfe_direction sfe_routing_direction(const struct sfe_routing *r)
{
	return r->direction;
}

const struct sfe_pair_paths *sfe_routing_pairs(const struct sfe_routing *r)
{
	return r->prepared ? &r->pairs : NULL;
}

/* The tree of a destination; NULL: out of memory. */
static const uint32_t *tree(const struct sfe_routing *r, uint32_t root)
{
	struct sfe_routing_tree made;

	if (r->tree[root])
		return r->tree[root];
	if (!sfe_routing_tree_init(&made, &r->graph)) {
		sfe_routing_tree_grow(&made, &r->graph, root);
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

	if (r) {
		r->direction = direction;
		r->tree = calloc((size_t)sfe_topology_vertices(t) + 1, sizeof(*r->tree));
	}
	if (!r || sfe_routing_graph_init(&r->graph, t, direction) || !r->tree) {
		sfe_routing_free(r);
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for the paths");
	}
	*out = r;
	return 0;
}

void sfe_routing_free(struct sfe_routing *r)
{
	if (!r)
		return;
	for (uint32_t v = 0; r->tree && v < r->graph.n; v++)
		free(r->tree[v]);
	free(r->tree);
	sfe_pair_paths_clear(&r->pairs);
	sfe_routing_graph_clear(&r->graph);
	free(r);
}

int sfe_routing_check_size(const struct sfe_topology *t, struct sfe_error *err)
{
	if (t->n_nodes <= SFE_MAX_PAIRED_NODES)
		return 0;
	return sfe_fail(err, -ERANGE, "topology", "use a smaller topology",
		"%u nodes have too many pairs for the closed form, which takes %u nodes at most",
		t->n_nodes, SFE_MAX_PAIRED_NODES);
}

int sfe_routing_prepare(struct sfe_routing *r, struct sfe_error *err)
{
	if (r->prepared)
		return 0;
	int too_many = sfe_routing_check_size(r->graph.t, err);
	if (too_many)
		return too_many;
	if (sfe_pair_paths_make(&r->pairs, &r->graph)) {
		sfe_pair_paths_clear(&r->pairs);
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for the paths");
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

/* Whether pairs has the answer: it is prepared, and both ends are nodes. */
static bool known(const struct sfe_routing *r, uint32_t from, uint32_t to)
{
	return r->prepared && from < r->graph.t->n_nodes && to < r->graph.t->n_nodes;
}

uint32_t sfe_routing_hops(const struct sfe_routing *r, uint32_t from, uint32_t to)
{
	const uint32_t *next;
	uint32_t hops = 0;

	if (from == to)
		return 0;
	if (known(r, from, to)) {
		uint32_t path = sfe_pair_path_between(&r->pairs, from, to);
		return path == SFE_NONE ? SFE_NONE : r->pairs.path[path].hops;
	}
	if (!(next = tree(r, to)) || next[from] == SFE_NONE)
		return SFE_NONE;
	for (uint32_t v = from; v != to; v = next[v])
		hops += sfe_vertex_kind(r->graph.t, v) == SFE_VERTEX_LINK;
	return hops;
}

double sfe_routing_time(const struct sfe_routing *r, uint32_t from, uint32_t to, uint64_t bytes)
{
	const uint32_t *next;
	double sum = 0;

	if (!bytes || from == to)
		return 0;
	if (known(r, from, to))
		return sfe_pair_path_time(
			&r->pairs, sfe_pair_path_between(&r->pairs, from, to), bytes);
	if (!(next = tree(r, to)) || next[from] == SFE_NONE)
		return INFINITY;
	for (uint32_t v = from; v != to; v = next[v])
		if (sfe_vertex_kind(r->graph.t, v) == SFE_VERTEX_LINK) {
			float s = (float)(8 * bytes) /
				  r->graph.t->links[v - r->graph.t->n_nodes].capacity_bps;
			sum += (double)s;
		}
	return sum;
}
