/* SPDX-License-Identifier: MIT */
/*
 * One tree of shortest ways for each destination, made when it is first asked for (a topology has
 * thousands of vertices of which few are destinations) and kept. All distances are single
 * precision, as published. Among ways of equal length the one whose vertices come first by
 * (distance, id) is taken, so that the same topology gives the same ways everywhere.
 */
#include "sfemu/routing.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct sfe_routing {
	const struct sfe_topology *t;
	enum sfe_direction direction;
	uint32_t n;
	/* What is walked away from the destination: the edges as written (SFE_STATESIM) or
	 * reversed. */
	uint32_t *begin, *to;
	/* By destination, NULL until asked for: the next vertex towards it, SFE_NONE if no way. */
	uint32_t **tree;
};

struct item {
	float distance;
	uint32_t vertex;
};

struct heap {
	struct item *items; /* room for one item an edge and the root: nothing is ever moved up in
			       place */
	uint32_t n;
};

static bool before(struct item a, struct item b)
{
	return a.distance < b.distance || (a.distance == b.distance && a.vertex < b.vertex);
}

static void push(struct heap *h, struct item item)
{
	uint32_t i = h->n++;

	for (; i && before(item, h->items[(i - 1) / 2]); i = (i - 1) / 2)
		h->items[i] = h->items[(i - 1) / 2];
	h->items[i] = item;
}

static struct item pop(struct heap *h)
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

/* 2/capacity of a link, 0 of anything else. */
static float end_weight(const struct sfe_topology *t, uint32_t v)
{
	if (sfe_vertex_kind(t, v) != SFE_VERTEX_LINK)
		return 0;
	return 2.0f / t->links[v - t->n_nodes].capacity_bps;
}

static void dijkstra(const struct sfe_routing *r, uint32_t root, uint32_t *next, float *distance,
	uint8_t *done, struct heap *h)
{
	for (uint32_t v = 0; v < r->n; v++) {
		next[v] = SFE_NONE;
		distance[v] = INFINITY;
	}
	distance[root] = 0;
	push(h, (struct item){0, root});
	while (h->n) {
		uint32_t v = pop(h).vertex;
		if (done[v])
			continue;
		done[v] = 1;
		/* A node forwards nothing for others. The published model has no such rule. */
		if (r->direction == SFE_PHYSICAL && v != root &&
			sfe_vertex_kind(r->t, v) == SFE_VERTEX_NODE)
			continue;
		for (uint32_t e = r->begin[v]; e < r->begin[v + 1]; e++) {
			uint32_t u = r->to[e];
			/* The term of the edge's source comes first; of two floats any order is
			 * equal. */
			float weight = end_weight(r->t, v) + end_weight(r->t, u);
			float d = distance[v] + weight;
			if (!(d < distance[u]))
				continue;
			distance[u] = d;
			next[u] = v;
			push(h, (struct item){d, u});
		}
	}
}

/* The tree of a destination, NULL when memory ran out. */
static const uint32_t *tree(const struct sfe_routing *r, uint32_t root)
{
	if (r->tree[root])
		return r->tree[root];
	uint32_t *next = calloc(r->n, sizeof(*next));
	float *distance = calloc(r->n, sizeof(*distance));
	uint8_t *done = calloc(r->n, 1);
	struct heap h = {.items = calloc((size_t)r->t->n_edges + 1, sizeof(*h.items))};
	if (next && distance && done && h.items) {
		dijkstra(r, root, next, distance, done, &h);
	} else {
		free(next);
		next = NULL;
	}
	free(distance);
	free(done);
	free(h.items);
	r->tree[root] = next;
	return next;
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
		at = calloc((size_t)r->n + 1, sizeof(*at));
	}
	if (!r || !r->begin || !r->to || !r->tree || !at) {
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
	free(r->begin);
	free(r->to);
	free(r);
}

uint32_t sfe_routing_next(const struct sfe_routing *r, uint32_t at, uint32_t to)
{
	const uint32_t *next;

	if (at == to || !(next = tree(r, to)))
		return SFE_NONE;
	return next[at];
}

uint32_t sfe_routing_hops(const struct sfe_routing *r, uint32_t from, uint32_t to)
{
	const uint32_t *next;
	uint32_t hops = 0;

	if (from == to)
		return 0;
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
	if (!(next = tree(r, to)) || next[from] == SFE_NONE)
		return INFINITY;
	for (uint32_t v = from; v != to; v = next[v])
		if (sfe_vertex_kind(r->t, v) == SFE_VERTEX_LINK) {
			float s = (float)(8 * bytes) / r->t->links[v - r->t->n_nodes].capacity_bps;
			sum += (double)s;
		}
	return sum;
}
