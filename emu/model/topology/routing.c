/* SPDX-License-Identifier: MIT */
/*
 * Paths are found block by block (block_paths.c), when they are asked for. For many replications
 * those of all pairs of nodes are computed at once (pair_paths.c).
 */
#include "sfemu/routing.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "emu/model/base/text.h"
#include "emu/model/topology/pair_paths.h"

struct sfe_routing {
	struct sfe_routing_graph graph;
	enum sfe_direction direction;
	struct sfe_block_paths *blocks;
	struct sfe_pair_paths pairs;
	bool paired; /* pairs is valid */
	/* The last path that was asked for step by step; its vertices; n 0: none. */
	uint32_t *step, n_steps, cap_steps, at_step;
};

enum sfe_direction sfe_routing_direction(const struct sfe_routing *r)
{
	return r->direction;
}

int sfe_routing_new(const struct sfe_topology *t, enum sfe_direction direction,
	struct sfe_routing **out, struct sfe_error *err)
{
	struct sfe_routing *r = calloc(1, sizeof(*r));

	if (r)
		r->direction = direction;
	if (!r || sfe_routing_graph_init(&r->graph, t, direction) ||
		sfe_block_paths_new(&r->graph, &r->blocks)) {
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
	sfe_pair_paths_clear(&r->pairs);
	sfe_block_paths_free(r->blocks);
	sfe_routing_graph_clear(&r->graph);
	free(r->step);
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

int sfe_routing_pairs(struct sfe_routing *r, struct sfe_pair_paths **out, struct sfe_error *err)
{
	*out = &r->pairs;
	if (r->paired)
		return 0;
	int too_many = sfe_routing_check_size(r->graph.t, err);
	if (too_many)
		return too_many;
	if (sfe_pair_paths_init(&r->pairs, r->graph.t, r->blocks)) {
		sfe_pair_paths_clear(&r->pairs);
		return sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for the paths");
	}
	r->paired = true;
	return 0;
}

int sfe_routing_prepare(struct sfe_routing *r, struct sfe_error *err)
{
	struct sfe_pair_paths *pairs;
	int rc = sfe_routing_pairs(r, &pairs, err);

	if (rc)
		return rc;
	return pairs->all || !sfe_pair_paths_all(pairs)
		       ? 0
		       : sfe_fail(err, -ENOMEM, NULL, NULL, "out of memory for the paths");
}

/* Keeps the path whose steps are asked for. */
static int keep_steps(struct sfe_routing *r, uint32_t at, uint32_t to)
{
	struct sfe_block_path path;

	r->n_steps = r->at_step = 0;
	if (sfe_block_path(r->blocks, at, to, &path) ||
		sfe_grow(&r->step, &r->cap_steps, path.n + 1, sizeof(*r->step)))
		return -ENOMEM;
	for (uint32_t i = 0; i < path.n; i++)
		r->step[i] = path.vertex[i];
	r->n_steps = path.n;
	return 0;
}

/* Callers walk along a path: the next one asked for is mostly the next step of the last path. */
uint32_t sfe_routing_next(struct sfe_routing *r, uint32_t at, uint32_t to)
{
	if (at == to)
		return SFE_NONE;
	bool goes_on = r->n_steps && r->step[r->n_steps - 1] == to && r->step[r->at_step] == at;
	if (!goes_on && (keep_steps(r, at, to) || !r->n_steps))
		return SFE_NONE;
	return r->step[++r->at_step];
}

/* Whether pairs has the answer for all threads: it has all, and both ends are nodes. */
static bool known(const struct sfe_routing *r, uint32_t from, uint32_t to)
{
	return r->pairs.all && from < r->graph.t->n_nodes && to < r->graph.t->n_nodes;
}

uint32_t sfe_routing_hops(struct sfe_routing *r, uint32_t from, uint32_t to)
{
	struct sfe_block_path way;
	uint32_t hops = 0;

	if (from == to)
		return 0;
	if (known(r, from, to)) {
		uint32_t path = sfe_pair_path_between(&r->pairs, from, to);
		return path == SFE_NONE ? SFE_NONE : r->pairs.path[path].hops;
	}
	if (sfe_block_path(r->blocks, from, to, &way) || !way.n)
		return SFE_NONE;
	for (uint32_t i = 0; i < way.n; i++)
		hops += sfe_vertex_kind(r->graph.t, way.vertex[i]) == SFE_VERTEX_LINK;
	return hops;
}

double sfe_routing_time(struct sfe_routing *r, uint32_t from, uint32_t to, uint64_t bytes)
{
	const struct sfe_topology *t = r->graph.t;
	struct sfe_block_path way;
	double sum = 0;

	if (!bytes || from == to)
		return 0;
	if (known(r, from, to))
		return sfe_pair_path_time(
			&r->pairs, sfe_pair_path_between(&r->pairs, from, to), bytes);
	if (sfe_block_path(r->blocks, from, to, &way) || !way.n)
		return INFINITY;
	for (uint32_t i = 0; i < way.n; i++)
		if (sfe_vertex_kind(t, way.vertex[i]) == SFE_VERTEX_LINK) {
			float s = (float)(8 * bytes) /
				  t->links[way.vertex[i] - t->n_nodes].capacity_bps;
			sum += (double)s;
		}
	return sum;
}
