/* SPDX-License-Identifier: MIT */
/*
 * Paths found block by block, and those of classes of nodes, equal those of one shortest-path tree
 * over the whole graph for each destination: vertex by vertex, on random graphs with many equally
 * long paths, one-way edges, parts without connection, nodes with several links, and sites that are
 * alike (path_stems.h).
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "emu/model/topology/pair_paths.h"
#include "sfemu/random.h"
#include "tests/unit/unit.h"

#define MOST 24u /* junctions, nodes, shared links: of each */
#define GRAPHS 1200u

struct texts {
	bool alike; /* few rates, mostly one kind of connection, sites at one of three others */
	char nodes[4096], links[4096], edges[65536];
};

static void add(
	char *text, const char *format, const char *a, uint32_t i, const char *b, uint32_t j)
{
	size_t n = strlen(text);

	sprintf(text + n, format, a, i, b, j);
}

/* An edge, in both directions or, of sites that are not alike, in one. */
static void join(
	struct sfe_minstd *e, struct texts *x, const char *a, uint32_t i, const char *b, uint32_t j)
{
	uint32_t ways = sfe_minstd_integer(e, x->alike ? 600 : 80);

	if (ways != 0)
		add(x->edges, "%s%u %s%u\n", a, i, b, j);
	if (ways != 1)
		add(x->edges, "%s%u %s%u\n", b, j, a, i);
}

/* Sites hang at each other (few cycles) or anywhere (many). */
static void draw(struct sfe_minstd *e, struct texts *x)
{
	static const char *const rates[] = {"1", "2", "2", "4", "3"};
	uint32_t junctions = 1 + sfe_minstd_integer(e, MOST),
		 nodes = 2 + sfe_minstd_integer(e, MOST);
	uint32_t more = sfe_minstd_integer(e, 3) ? sfe_minstd_integer(e, 3) : junctions;
	uint32_t links = 0, only = sfe_minstd_integer(e, 4);

	*x->nodes = *x->links = *x->edges = '\0';
	for (uint32_t n = 0; n < nodes; n++) {
		add(x->nodes, "%2$u;%1$s%2$u;1;1;x;y;server\n", "n", n, "", 0);
		for (uint32_t own = 1 + !sfe_minstd_integer(e, 5); own--; links++) {
			join(e, x, "n", n, "l", links);
			join(e, x, "l", links, "j", sfe_minstd_integer(e, junctions));
		}
	}
	for (uint32_t j = 1; j < junctions + more; j++) {
		uint32_t a = j < junctions ? j : sfe_minstd_integer(e, junctions);
		uint32_t before = j < junctions ? j : junctions;
		uint32_t b = sfe_minstd_integer(e, x->alike && before > 3 ? 3 : before);
		/* A bare edge, a link, one link for each direction, or a ring with a third
		 * junction. */
		uint32_t kind =
			x->alike && sfe_minstd_integer(e, 3) ? only : sfe_minstd_integer(e, 4);
		if (a == b || !sfe_minstd_integer(e, 20))
			continue;
		if (!kind)
			join(e, x, "j", a, "j", b);
		if (kind == 1) {
			join(e, x, "j", a, "l", links);
			join(e, x, "l", links++, "j", b);
		}
		if (kind == 2) {
			add(x->edges, "%s%u %s%u\n", "j", a, "l", links);
			add(x->edges, "%s%u %s%u\n", "l", links++, "j", b);
			add(x->edges, "%s%u %s%u\n", "j", b, "l", links);
			add(x->edges, "%s%u %s%u\n", "l", links++, "j", a);
		}
		if (kind == 3 && j + 1 < junctions) {
			const uint32_t ring[] = {a, b, ++j, a};
			for (int i = 0; i < 3; i++) {
				add(x->edges, "%s%u %s%u\n", "j", ring[i], "l", links);
				add(x->edges, "%s%u %s%u\n", "l", links++, "j", ring[i + 1]);
			}
		}
	}
	for (uint32_t l = 0; l < links; l++)
		add(x->links, "%2$u;%3$s;%1$s%2$u;shared\n", "l", l,
			rates[x->alike ? 1 + !sfe_minstd_integer(e, 5) * 2
				       : sfe_minstd_integer(e, 5)],
			0);
}

static void compare_to(const struct sfe_routing_graph *g, const struct sfe_routing_tree *tree,
	struct sfe_block_paths *blocks, uint32_t to)
{
	uint32_t wrong = 0;

	for (uint32_t from = 0; from < g->n; from++) {
		bool there = isfinite(tree->distance[from]);
		struct sfe_block_path path;
		CU_ASSERT_EQUAL_FATAL(sfe_block_path(blocks, from, to, &path), 0);
		wrong += there != (path.n > 0);
		uint32_t v = from;
		for (uint32_t i = 0; i < path.n && there; i++) {
			wrong += path.vertex[i] != v;
			if (path.vertex[i] != v)
				break;
			v = tree->next[v];
		}
		wrong += there && v != SFE_NONE; /* after the destination */
	}
	CU_ASSERT_EQUAL(wrong, 0);
}

static void compare_pairs(const struct sfe_topology *t, const struct sfe_routing_tree *tree,
	struct sfe_pair_paths *pairs, uint32_t to)
{
	uint32_t wrong = 0;

	for (uint32_t from = 0; from < t->n_nodes; from++) {
		uint32_t path = sfe_pair_path_between(pairs, from, to);
		if (!isfinite(tree->distance[from])) {
			wrong += path != SFE_NONE;
			continue;
		}
		if (path == SFE_NONE) {
			wrong++;
			continue;
		}
		for (uint32_t v = from; v != SFE_NONE; v = tree->next[v]) {
			if (sfe_vertex_kind(t, v) != SFE_VERTEX_LINK)
				continue;
			wrong += !path || pairs->path[path].capacity_bps !=
						  t->links[v - t->n_nodes].capacity_bps;
			path = pairs->path[path].rest;
		}
		wrong += path != 0;
	}
	CU_ASSERT_EQUAL(wrong, 0);
}

static void compare(const struct sfe_topology *t, enum sfe_direction direction, bool all)
{
	struct sfe_routing_graph g;
	struct sfe_routing_tree tree;
	struct sfe_block_paths *blocks;
	struct sfe_pair_paths pairs;

	CU_ASSERT_EQUAL_FATAL(sfe_routing_graph_init(&g, t, direction), 0);
	CU_ASSERT_EQUAL_FATAL(sfe_routing_tree_init(&tree, &g), 0);
	CU_ASSERT_EQUAL_FATAL(sfe_block_paths_new(&g, &blocks), 0);
	CU_ASSERT_EQUAL_FATAL(sfe_pair_paths_init(&pairs, t, blocks), 0);
	if (all)
		CU_ASSERT_EQUAL_FATAL(sfe_pair_paths_all(&pairs), 0);
	for (uint32_t to = 0; to < g.n; to++) {
		sfe_routing_tree_grow(&tree, &g, &(struct sfe_routing_root){to, 0, true});
		compare_to(&g, &tree, blocks, to);
		if (to < t->n_nodes)
			compare_pairs(t, &tree, &pairs, to);
	}
	sfe_pair_paths_clear(&pairs);
	sfe_block_paths_free(blocks);
	sfe_routing_tree_clear(&tree);
	sfe_routing_graph_clear(&g);
}

static void test_random(void)
{
	static struct texts x;
	struct sfe_minstd e = sfe_minstd_seed(1);
	uint32_t compared = 0;

	for (uint32_t i = 0; i < GRAPHS; i++) {
		struct sfe_topology *t;
		struct sfe_error err;
		x.alike = i % 4;
		draw(&e, &x);
		/* Few of them are no topologies, such as those with a link that leads nowhere. */
		if (sfe_topology_parse(x.nodes, strlen(x.nodes), "n", x.links, strlen(x.links), "l",
			    x.edges, strlen(x.edges), "e", &t, &err))
			continue;
		compare(t, SFE_PHYSICAL, i % 2);
		compare(t, SFE_STATESIM, !(i % 2));
		sfe_topology_free(t);
		compared++;
	}
	CU_ASSERT(compared > GRAPHS / 2);
}

static void test_generated(void)
{
	struct sfe_topology *t;

	CU_ASSERT_EQUAL_FATAL(sfe_topology_iiot(4, &t, NULL), 0);
	compare(t, SFE_PHYSICAL, false);
	compare(t, SFE_STATESIM, true);
	sfe_topology_free(t);
	CU_ASSERT_EQUAL_FATAL(sfe_topology_urban(4, 7, &t, NULL), 0);
	compare(t, SFE_PHYSICAL, true);
	compare(t, SFE_STATESIM, false);
	sfe_topology_free(t);
}

/* Nodes at one switch with equal links are one class: 20 nodes of a site are in five. */
static void test_classes(void)
{
	struct sfe_topology *t;
	struct sfe_routing *r;
	struct sfe_pair_paths *pairs;

	CU_ASSERT_EQUAL_FATAL(sfe_topology_iiot(30, &t, NULL), 0);
	CU_ASSERT_EQUAL_FATAL(sfe_routing_new(t, SFE_PHYSICAL, &r, NULL), 0);
	CU_ASSERT_EQUAL_FATAL(sfe_routing_pairs(r, &pairs, NULL), 0);
	CU_ASSERT_EQUAL(pairs->n_classes, 150);
	/* Only what is asked for is computed. */
	CU_ASSERT_NOT_EQUAL(sfe_pair_path_between(pairs, 0, 599), SFE_NONE);
	CU_ASSERT_EQUAL(pairs->n_known, 1);
	CU_ASSERT_PTR_NULL(pairs->all);
	CU_ASSERT_EQUAL(pairs->out_of_memory, false);
	sfe_routing_free(r);
	sfe_topology_free(t);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"random graphs", test_random},
		{"generated topologies", test_generated},
		{"classes of nodes", test_classes},
	};

	return unit_main("block_paths", tests, sizeof(tests) / sizeof(tests[0]));
}
