/* SPDX-License-Identifier: MIT */
/* Tarjan's algorithm for biconnected components, with a stack of its own instead of recursion. */
#include "emu/model/topology/blocks.h"

#include <errno.h>
#include <stdlib.h>

/* Working memory; arrays by vertex. */
struct search {
	const struct sfe_routing_graph *g;
	struct sfe_blocks *b;
	uint32_t *begin, *to; /* neighbours by edges in any direction; one may be there twice */
	uint32_t *number;     /* in the order of the visits, from 1; 0: not yet visited */
	uint32_t *low;        /* the least number that its subtree has an edge to */
	uint32_t *parent;
	uint32_t *at;                 /* the next neighbour to look at */
	uint32_t *waiting, n_waiting; /* vertices whose block is not yet known */
	uint32_t visited, used;       /* used: members so far */
};

static int start(struct search *s)
{
	const struct sfe_routing_graph *g = s->g;
	size_t n = (size_t)g->n + 1, edges = 2 * (size_t)g->n_edges + 1;

	s->begin = calloc(n + 1, sizeof(*s->begin));
	s->to = calloc(edges, sizeof(*s->to));
	s->number = calloc(n, sizeof(*s->number));
	s->low = calloc(n, sizeof(*s->low));
	s->parent = calloc(n, sizeof(*s->parent));
	s->at = calloc(n, sizeof(*s->at));
	s->waiting = calloc(n, sizeof(*s->waiting));
	if (!s->begin || !s->to || !s->number || !s->low || !s->parent || !s->at || !s->waiting)
		return -ENOMEM;
	for (uint32_t v = 0; v < g->n; v++)
		for (uint32_t e = g->begin[v]; e < g->begin[v + 1]; e++) {
			s->begin[v + 1]++;
			s->begin[g->to[e] + 1]++;
		}
	for (uint32_t v = 0; v < g->n; v++) {
		s->begin[v + 1] += s->begin[v];
		s->at[v] = s->begin[v];
	}
	for (uint32_t v = 0; v < g->n; v++)
		for (uint32_t e = g->begin[v]; e < g->begin[v + 1]; e++) {
			s->to[s->at[v]++] = g->to[e];
			s->to[s->at[g->to[e]]++] = v;
		}
	for (uint32_t v = 0; v < g->n; v++)
		s->at[v] = s->begin[v];
	return 0;
}

static void end(struct search *s)
{
	free(s->begin);
	free(s->to);
	free(s->number);
	free(s->low);
	free(s->parent);
	free(s->at);
	free(s->waiting);
}

static int ascending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* The subtree of `child` reaches nothing above `entry`: what waits since `child` is a block with
 * it. */
static void close_block(struct search *s, uint32_t child, uint32_t entry)
{
	struct sfe_blocks *b = s->b;
	uint32_t block = b->n_blocks++, v;

	b->entry[block] = entry;
	b->member[s->used++] = entry;
	do {
		v = s->waiting[--s->n_waiting];
		b->above[v] = block;
		b->member[s->used++] = v;
	} while (v != child);
	b->begin[block + 1] = s->used;
	qsort(b->member + b->begin[block], sfe_block_size(b, block), sizeof(*b->member), ascending);
	for (uint32_t i = 0; i < sfe_block_size(b, block); i++) {
		v = b->member[b->begin[block] + i];
		if (v == entry)
			b->entry_place[block] = i;
		else
			b->place[v] = i;
	}
}

static void enter(struct search *s, uint32_t v, uint32_t parent)
{
	s->parent[v] = parent;
	s->number[v] = s->low[v] = ++s->visited;
	if (parent != SFE_NONE)
		s->waiting[s->n_waiting++] = v;
}

static void visit_component(struct search *s, uint32_t root)
{
	uint32_t v = root;

	s->b->above[root] = SFE_NONE;
	enter(s, root, SFE_NONE);
	while (v != SFE_NONE) {
		uint32_t up = s->parent[v];
		if (s->at[v] < s->begin[v + 1]) {
			uint32_t u = s->to[s->at[v]++];
			if (!s->number[u]) {
				enter(s, u, v);
				v = u;
			} else if (u != up && s->number[u] < s->low[v]) {
				s->low[v] = s->number[u];
			}
			continue;
		}
		if (up != SFE_NONE && s->low[v] < s->low[up])
			s->low[up] = s->low[v];
		if (up != SFE_NONE && s->low[v] >= s->number[up])
			close_block(s, v, up);
		v = up;
	}
}

/* A block is closed before that of its entry: from the last one on, entries are known. */
static void set_depths(struct sfe_blocks *b)
{
	for (uint32_t block = b->n_blocks; block-- > 0;)
		for (uint32_t i = b->begin[block]; i < b->begin[block + 1]; i++)
			if (b->member[i] != b->entry[block])
				b->depth[b->member[i]] = b->depth[b->entry[block]] + 1;
}

int sfe_blocks_init(struct sfe_blocks *b, const struct sfe_routing_graph *g)
{
	struct search s = {.g = g, .b = b};
	size_t n = (size_t)g->n + 1;

	*b = (struct sfe_blocks){
		.above = calloc(n, sizeof(*b->above)),
		.place = calloc(n, sizeof(*b->place)),
		.depth = calloc(n, sizeof(*b->depth)),
		/* Each block is closed by a vertex of its own. */
		.entry = calloc(n, sizeof(*b->entry)),
		.entry_place = calloc(n, sizeof(*b->entry_place)),
		.begin = calloc(n + 1, sizeof(*b->begin)),
		.member = calloc(2 * n, sizeof(*b->member)),
	};
	int rc = !b->above || !b->place || !b->depth || !b->entry || !b->entry_place || !b->begin ||
				 !b->member
			 ? -ENOMEM
			 : start(&s);
	for (uint32_t v = 0; v < g->n && !rc; v++)
		if (!s.number[v])
			visit_component(&s, v);
	if (!rc)
		set_depths(b);
	end(&s);
	return rc;
}

void sfe_blocks_clear(struct sfe_blocks *b)
{
	free(b->above);
	free(b->place);
	free(b->depth);
	free(b->entry);
	free(b->entry_place);
	free(b->begin);
	free(b->member);
	*b = (struct sfe_blocks){0};
}
