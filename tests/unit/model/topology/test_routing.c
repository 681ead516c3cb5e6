/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sfemu/estimate.h"
#include "sfemu/routing.h"
#include "tests/unit/unit.h"

#define PUBLISHED SFE_SOURCE_DIR "/tests/unit/published/"

/* A client behind 1000 (own), 10 up, 100 down; a server behind 1000. */
#define NODES                                                                                      \
	"0;c;1;4000;arm32;sbc;rpi3b+\n"                                                            \
	"1;s;1;88000;x86;server;server\n"
#define LINKS                                                                                      \
	"0;1000;lc;node\n"                                                                         \
	"1;1000;ls;node\n"                                                                         \
	"2;10;up;uplink\n"                                                                         \
	"3;100;down;downlink\n"
#define EDGES "c lc\nlc c site\nsite lc up\nup core\ndown site\ncore down ls\ns ls\nls s core\n"

static struct sfe_topology *make(const char *nodes, const char *links, const char *edges)
{
	struct sfe_topology *t = NULL;
	struct sfe_error err;
	char text[1100];

	if (sfe_topology_parse(nodes, strlen(nodes), "n", links, strlen(links), "l", edges,
		    strlen(edges), "e", &t, &err))
		printf("%s\n", sfe_error_text(&err, text, sizeof(text)));
	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	return t;
}

static struct sfe_routing *route(const struct sfe_topology *t, enum sfe_direction direction)
{
	struct sfe_routing *r = NULL;

	CU_ASSERT_EQUAL_FATAL(sfe_routing_new(t, direction, &r, NULL), 0);
	return r;
}

static void expect_way(const struct sfe_topology *t, struct sfe_routing *r, const char *from,
	const char *to, const char *want)
{
	char path[256];
	uint32_t end = sfe_vertex_find(t, to), v = sfe_vertex_find(t, from);

	snprintf(path, sizeof(path), "%s", from);
	while ((v = sfe_routing_next(r, v, end)) != SFE_NONE) {
		strncat(path, " ", sizeof(path) - strlen(path) - 1);
		strncat(path, sfe_vertex_name(t, v), sizeof(path) - strlen(path) - 1);
	}
	CU_ASSERT_STRING_EQUAL(path, want);
}

static void test_physical(void)
{
	struct sfe_topology *t = make(NODES, LINKS, EDGES);
	struct sfe_routing *r = route(t, SFE_PHYSICAL);

	expect_way(t, r, "c", "s", "c lc site up core ls s");
	expect_way(t, r, "s", "c", "s ls core down site lc c");
	CU_ASSERT_EQUAL(sfe_routing_hops(r, 0, 1), 3);
	CU_ASSERT_EQUAL(sfe_routing_hops(r, 1, 1), 0);
	/* 1 MB: 8 ms on each access link, 800 ms up, 80 ms down. */
	CU_ASSERT_DOUBLE_EQUAL(sfe_routing_time(r, 0, 1, 1000000), 0.816, 1e-6);
	CU_ASSERT_DOUBLE_EQUAL(sfe_routing_time(r, 1, 0, 1000000), 0.096, 1e-6);
	CU_ASSERT_EQUAL(sfe_routing_time(r, 0, 1, 0), 0);
	CU_ASSERT_EQUAL(sfe_routing_time(r, 0, 0, 1000000), 0);
	sfe_routing_free(r);
	sfe_topology_free(t);
}

static void test_statesim_swaps(void)
{
	struct sfe_topology *t = make(NODES, LINKS, EDGES);
	struct sfe_routing *r = route(t, SFE_STATESIM);

	expect_way(t, r, "c", "s", "c lc site down core ls s");
	expect_way(t, r, "s", "c", "s ls core up site lc c");
	CU_ASSERT_DOUBLE_EQUAL(sfe_routing_time(r, 0, 1, 1000000), 0.096, 1e-6);
	CU_ASSERT_DOUBLE_EQUAL(sfe_routing_time(r, 1, 0, 1000000), 0.816, 1e-6);
	sfe_routing_free(r);
	sfe_topology_free(t);
}

/* Two paths from a to b: through the node m over fast links, or over one slow shared link. */
static void test_nodes_do_not_forward(void)
{
	struct sfe_topology *t = make(
		"0;a;1;1;x;y;server\n1;b;1;1;x;y;server\n2;m;1;1;x;y;server\n",
		"0;1000;la;node\n1;1000;lb;node\n2;1000;m1;node\n3;1000;m2;node\n4;1;slow;shared\n",
		"a la\nla a s1\nb lb\nlb b s2\nm m1 m2\nm1 m s1\nm2 m s2\ns1 la m1 slow\n"
		"s2 lb m2 slow\nslow s1 s2\n");
	struct sfe_routing *r = route(t, SFE_PHYSICAL);

	expect_way(t, r, "a", "b", "a la s1 slow s2 lb b");
	expect_way(t, r, "a", "m", "a la s1 m1 m");
	expect_way(t, r, "m", "b", "m m2 s2 lb b");
	sfe_routing_free(r);
	r = route(t, SFE_STATESIM);
	expect_way(t, r, "a", "b", "a la s1 m1 m m2 s2 lb b");
	sfe_routing_free(r);
	sfe_topology_free(t);
}

/* Equal paths: the lower id wins, whatever the order of the edges. */
static void test_ties(void)
{
	const char *nodes = "0;a;1;1;x;y;server\n1;b;1;1;x;y;server\n";
	const char *links = "0;9;la;node\n1;9;lb;node\n2;5;x;shared\n3;5;y;shared\n";
	static const char *const edges[] = {
		"a la\nla a p\np la x y\nx p q\ny p q\nq lb x y\nlb b q\nb lb\n",
		"a la\nla a p\np la y x\ny p q\nx p q\nq lb y x\nlb b q\nb lb\n",
	};

	for (int i = 0; i < 2; i++) {
		struct sfe_topology *t = make(nodes, links, edges[i]);
		struct sfe_routing *r = route(t, SFE_PHYSICAL);

		expect_way(t, r, "a", "b", "a la p x q lb b");
		expect_way(t, r, "b", "a", "b lb q x p la a");
		sfe_routing_free(r);
		sfe_topology_free(t);
	}
}

static void test_no_path(void)
{
	struct sfe_topology *t = make(NODES, LINKS, EDGES "core sink\n");
	struct sfe_routing *r = route(t, SFE_PHYSICAL);
	uint32_t sink = sfe_vertex_find(t, "sink");

	CU_ASSERT_EQUAL(sfe_routing_next(r, sink, 0), SFE_NONE);
	CU_ASSERT_EQUAL(sfe_routing_hops(r, sink, 0), SFE_NONE);
	CU_ASSERT(isinf(sfe_routing_time(r, sink, 0, 1)));
	CU_ASSERT_EQUAL(sfe_routing_hops(r, 0, sink), 2);
	sfe_routing_free(r);
	sfe_topology_free(t);
}

/* In a star with arms of 1, 10 and 100 Mb/s any pair with the slow arm costs most: all but one
 * tie. */
static void test_central(void)
{
	struct sfe_topology *t =
		make("0;z;1;1;x;y;server\n1;b;1;1;x;y;server\n2;a;1;1;x;y;server\n",
			"0;100;lz;node\n1;10;lb;node\n2;1;la;node\n",
			"z lz\nlz z s\nb lb\nlb b s\na la\nla a s\ns lz lb la\n");
	struct sfe_routing *r = route(t, SFE_PHYSICAL);

	CU_ASSERT_EQUAL(
		sfe_central_node(t, r), 0); /* its worst is 8 ms + 80 us, that of b 8.8 ms */
	sfe_routing_free(r);
	sfe_topology_free(t);
	t = make("0;z;1;1;x;y;server\n1;b;1;1;x;y;server\n2;a;1;1;x;y;server\n",
		"0;10;lz;node\n1;10;lb;node\n2;10;la;node\n",
		"z lz\nlz z s\nb lb\nlb b s\na la\nla a s\ns lz lb la\n");
	r = route(t, SFE_PHYSICAL);
	CU_ASSERT_EQUAL(sfe_central_node(t, r), 2); /* all equal: the first by name */
	sfe_routing_free(r);
	sfe_topology_free(t);
}

/* Prepared paths equal single queries, to the bit. */
static void compare_prepared(const struct sfe_topology *t, enum sfe_direction direction)
{
	struct sfe_routing *one, *all;
	struct sfe_error err;

	CU_ASSERT_EQUAL_FATAL(sfe_routing_new(t, direction, &one, &err), 0);
	CU_ASSERT_EQUAL_FATAL(sfe_routing_new(t, direction, &all, &err), 0);
	CU_ASSERT_EQUAL_FATAL(sfe_routing_prepare(all, &err), 0);
	CU_ASSERT_EQUAL_FATAL(sfe_routing_prepare(all, &err), 0);
	for (uint32_t a = 0; a < t->n_nodes; a++)
		for (uint32_t b = 0; b < t->n_nodes; b++) {
			CU_ASSERT_EQUAL(sfe_routing_hops(all, a, b), sfe_routing_hops(one, a, b));
			CU_ASSERT_EQUAL(sfe_routing_time(all, a, b, 123457),
				sfe_routing_time(one, a, b, 123457));
			CU_ASSERT_EQUAL(sfe_routing_time(all, a, b, 0), 0);
		}
	sfe_routing_free(one);
	sfe_routing_free(all);
}

static void test_prepared(void)
{
	struct sfe_topology *t;
	struct sfe_error err;

	CU_ASSERT_EQUAL_FATAL(sfe_topology_urban(3, 1, &t, &err), 0);
	compare_prepared(t, SFE_PHYSICAL);
	compare_prepared(t, SFE_STATESIM);
	sfe_topology_free(t);
	CU_ASSERT_EQUAL_FATAL(sfe_topology_read(PUBLISHED "mesh.nodes", PUBLISHED "mesh.links",
				      PUBLISHED "mesh.edges", &t, &err),
		0);
	compare_prepared(t, SFE_PHYSICAL);
	compare_prepared(t, SFE_STATESIM);
	sfe_topology_free(t);
}

/*
 * Leaves of one hub share their paths; those with another capacity, another entry, or a second link
 * do not.
 */
static void test_leaves(void)
{
	static const char nodes[] = "0;a;1;1;x;y;server\n1;b;1;1;x;y;rpi3b+\n2;c;1;1;x;y;server\n"
				    "3;d;1;1;x;y;server\n4;e;1;1;x;y;server\n",
			  links[] = "0;10;la;node\n1;10;lb;node\n2;20;lc;node\n3;10;ld;node\n"
				    "4;10;le;node\n5;3;back;shared\n6;7;second;shared\n",
			  edges[] = "a la\nla a hub\nb lb\nlb b hub\nc lc\nlc c hub\nd ld\n"
				    "ld d hub\ne le second\nle e hub\nsecond e hub\n"
				    "hub la lb lc back le second\nback far\nfar ld\n";
	struct sfe_topology *t;
	struct sfe_error err;

	CU_ASSERT_EQUAL_FATAL(sfe_topology_parse(nodes, strlen(nodes), "n", links, strlen(links),
				      "l", edges, strlen(edges), "e", &t, &err),
		0);
	compare_prepared(t, SFE_PHYSICAL);
	compare_prepared(t, SFE_STATESIM);
	sfe_topology_free(t);
	CU_ASSERT_EQUAL_FATAL(sfe_topology_iiot(3, &t, &err), 0);
	compare_prepared(t, SFE_PHYSICAL);
	compare_prepared(t, SFE_STATESIM);
	sfe_topology_free(t);
}

static void test_too_many_pairs(void)
{
	struct sfe_topology *t;
	struct sfe_routing *r;
	struct sfe_error err;

	CU_ASSERT_EQUAL_FATAL(sfe_topology_iiot(SFE_MAX_PAIRED_NODES / 20 + 1, &t, &err), 0);
	CU_ASSERT_EQUAL_FATAL(sfe_routing_new(t, SFE_PHYSICAL, &r, &err), 0);
	CU_ASSERT_EQUAL(sfe_routing_prepare(r, &err), -34);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.what, "10020 nodes"));
	sfe_routing_free(r);
	sfe_topology_free(t);
}

/* Three nodes on one switch behind 1000, 100 and 10 Mbit/s, and one that is farther away. */
static void test_nearest(void)
{
	struct sfe_topology *t = make("0;far;1;4000;x86;sbc;rpi3b+\n1;slow;1;4000;x86;sbc;rpi3b+\n"
				      "2;b;1;4000;x86;sbc;rpi3b+\n3;a;1;4000;x86;sbc;rpi3b+\n",
		"0;1;lf;node\n1;10;ls;node\n2;1000;lb;node\n3;1000;la;node\n",
		"far lf\nlf far hub\nslow ls\nls slow hub\nb lb\nlb b hub\na la\nla a hub\n"
		"hub lf ls lb la\n");
	struct sfe_routing *r = route(t, SFE_PHYSICAL);
	static const uint32_t want[] = {2, 3, 2, 3, 3, 1, 2, 1}; /* equal ones: by index */
	uint32_t got[4 * 4];
	struct sfe_error err = {0};

	CU_ASSERT_EQUAL(sfe_nearest_nodes(t, r, 2, got, &err), 0);
	CU_ASSERT_EQUAL(memcmp(got, want, sizeof(want)), 0);
	CU_ASSERT_EQUAL(sfe_nearest_nodes(t, r, 3, got, &err), 0);
	CU_ASSERT_EQUAL(got[3 * 2 + 2], 0);
	CU_ASSERT_EQUAL(sfe_nearest_nodes(t, r, 0, got, &err), 0);
	CU_ASSERT_EQUAL(sfe_nearest_nodes(t, r, 4, got, &err), -EINVAL);
	CU_ASSERT_STRING_EQUAL(err.where, "far");
	CU_ASSERT_EQUAL(sfe_nearest_nodes(t, r, SFE_MAX_NEAREST + 1, got, &err), -ERANGE);
	sfe_routing_free(r);
	sfe_topology_free(t);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"the physical direction", test_physical},
		{"the published model swaps uplink and downlink", test_statesim_swaps},
		{"nodes do not forward", test_nodes_do_not_forward},
		{"ties", test_ties},
		{"no path", test_no_path},
		{"the central node", test_central},
		{"the nearest nodes", test_nearest},
		{"prepared for all pairs", test_prepared},
		{"leaves of one hub", test_leaves},
		{"too many pairs", test_too_many_pairs},
	};

	return unit_main("routing", tests, sizeof(tests) / sizeof(tests[0]));
}
