/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "emu/model/base/text.h"
#include "emu/model/generate/compose.h"
#include "sfemu/generate.h"
#include "tests/unit/model/topology/topology_texts.h"

#define NODES                                                                                      \
	"0;a;1000;4000;arm32;sbc;rpi3b+\n"                                                         \
	"1;b;2000;88000;x86;server;server\n"
#define LINKS                                                                                      \
	"0;1000;la;node\n"                                                                         \
	"1;0.5;lb;node\n"
#define EDGES "a la\nla a s\ns la lb\nb lb\nlb b s\n"

static int parse(const char *nodes, const char *links, const char *edges, struct sfe_topology **t,
	struct sfe_error *err)
{
	return sfe_topology_parse(nodes, strlen(nodes), "n", links, strlen(links), "l", edges,
		strlen(edges), "e", t, err);
}

/* A name with a zero byte differs from the name that ends there. */
static void test_zero_in_name(void)
{
	static const char edges[] = EDGES "a\0and more of it s\n";
	struct sfe_topology *t;
	struct sfe_error err;

	CU_ASSERT_EQUAL(sfe_topology_parse(NODES, strlen(NODES), "n", LINKS, strlen(LINKS), "l",
				edges, sizeof(edges) - 1, "e", &t, &err),
		-22);
	CU_ASSERT_STRING_EQUAL(err.where, "e:6");
	CU_ASSERT_PTR_NOT_NULL(strstr(err.what, "names may not have"));
}

static void test_ids(void)
{
	struct sfe_topology *t;

	CU_ASSERT_EQUAL_FATAL(parse("# nodes\n\n" NODES, LINKS, EDGES, &t, NULL), 0);
	CU_ASSERT_EQUAL(t->n_nodes, 2);
	CU_ASSERT_EQUAL(t->n_links, 2);
	CU_ASSERT_EQUAL(t->n_junctions, 1);
	CU_ASSERT_EQUAL(sfe_vertex_find(t, "b"), 1);
	CU_ASSERT_EQUAL(sfe_vertex_find(t, "lb"), 3);
	CU_ASSERT_EQUAL(sfe_vertex_find(t, "s"), 4);
	CU_ASSERT_EQUAL(sfe_vertex_find(t, "sx"), SFE_NONE);
	CU_ASSERT_EQUAL(sfe_vertex_kind(t, 4), SFE_VERTEX_JUNCTION);
	CU_ASSERT_STRING_EQUAL(sfe_vertex_name(t, 2), "la");
	CU_ASSERT(t->nodes[0].client && !t->nodes[1].client);
	CU_ASSERT_EQUAL(t->nodes[1].speed_ops, 88e9f);
	CU_ASSERT_EQUAL(t->links[1].capacity_bps, 500000.0f);
	CU_ASSERT_EQUAL(t->edge_begin[5] - t->edge_begin[4], 2);
	CU_ASSERT_EQUAL(t->edge_to[t->edge_begin[4]], 2);
	CU_ASSERT_EQUAL(t->edge_to[t->edge_begin[4] + 1], 3);
	sfe_topology_free(t);
}

struct bad {
	const char *nodes, *links, *edges;
	const char *where, *what; /* the place, and part of the message */
};

static const struct bad bads[] = {
	{"", LINKS, EDGES, "n", "no nodes"},
	{"0;a;1000;4000;arm32;sbc\n", LINKS, EDGES, "n:1", "7 fields"},
	{NODES "2;c;1;1;x86;server;server;more\n", LINKS, EDGES, "n:3", "7 fields"},
	{"x;a;1000;4000;arm32;sbc;rpi3b+\n", LINKS, EDGES, "n:1", "index"},
	{"0;a;-1;4000;arm32;sbc;rpi3b+\n", LINKS, EDGES, "n:1", "memory"},
	{"0;a;1;0;arm32;sbc;rpi3b+\n", LINKS, EDGES, "n:1", "no speed"},
	{"0;a;1;99999999999999999999;arm32;sbc;rpi3b+\n", LINKS, EDGES, "n:1", "speed"},
	{"0;a;1;1;arm32;sbc;abacus\n", LINKS, EDGES, "n:1", "unknown model abacus"},
	{"#\n" NODES "2;a;1;1;x86;server;server\n", LINKS, EDGES, "n:4", "already used, at n:2"},
	{"0;a;1;1;x\00186;server;server\n", LINKS, EDGES, "n:1", "the architecture has a control"},
	{"0;a;1;1;x86;ser\177ver;server\n", LINKS, EDGES, "n:1", "the type has a control"},
	{"0;../a;1;1;x86;server;server\n", LINKS, EDGES, "n:1", "names may not have"},
	{"0;a\tb;1;1;x86;server;server\n", LINKS, EDGES, "n:1", "names may not have"},
	{"0;..;1;1;x86;server;server\n", LINKS, EDGES, "n:1", "begins with '.'"},
	{"0;@SUM(1);1;1;x86;server;server\n", LINKS, EDGES, "n:1", "names may not have"},
	{"0;all;1;1;x86;server;server\n", LINKS, EDGES, "n:1", "the name all is reserved"},
	{NODES, LINKS "2;10;link_%s%n;node\n", EDGES, "l:3", "names may not have"},
	{NODES, LINKS "2;10;-c;node\n", EDGES, "l:3", "begins with '-'"},
	{NODES, LINKS, EDGES "s localhost\n", "e:6", "the name localhost is reserved"},
	{NODES, LINKS, EDGES "s la~lb\n", "e:6", "names may not have"},
	{NODES, LINKS, EDGES "s 10.0.0.1\n", "e:6", "has no letter"},
	{"0;aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;1;1;x86;server;"
	 "server\n",
		LINKS, EDGES, "n:1", "65 bytes"},
	{NODES, LINKS "2;10;lc\n", EDGES, "l:3", "4 fields or 5"},
	{NODES, LINKS "2;10;lc;node;1;2\n", EDGES, "l:3", "has 6"},
	{NODES, LINKS "2;10;lc;node;x\n", EDGES, "l:3", "the latency"},
	{NODES, LINKS "2;10;lc;node;nan\n", EDGES, "l:3", "the latency"},
	{NODES, LINKS "2;10;lc;node;inf\n", EDGES, "l:3", "the latency"},
	{NODES, LINKS "2;10;lc;node;-1\n", EDGES, "l:3", "the latency"},
	{NODES, LINKS "2;10;lc;node;1e99\n", EDGES, "l:3", "the latency"},
	{NODES, LINKS "2;10;lc;node;3600001\n", EDGES, "l:3", "the latency"},
	{NODES, LINKS "2;10;lc;node;1e-9\n", EDGES, "l:3", "the latency"},
	{NODES, LINKS "2;10;lc;node;0x10\n", EDGES, "l:3", "the latency"},
	{NODES, LINKS "2;10;lc;node;table /etc/passwd\n", EDGES, "l:3", "the latency"},
	{NODES, LINKS "2;10;lc;node;lognormal 1 1ms\n", EDGES, "l:3", "the latency"},
	{NODES, LINKS, EDGES "s q;x\n", "e:6", "the latency"},
	{NODES, LINKS, EDGES "s q;-1\n", "e:6", "the latency"},
	{NODES, LINKS, EDGES "s la;1\n", "e:6", "from s to la has a latency, and la is a link"},
	{NODES, LINKS, EDGES "s q;1\n\nla s;uniform 1ms 2ms\n", "e:8", "la is a link"},
	{NODES, LINKS, EDGES "s ;1\n", "e:6", "without a target"},
	{NODES, LINKS, EDGES ";1\n", "e:6", "without a target"},
	{NODES, LINKS "2;10;lc;radio\n", EDGES, "l:3", "unknown type radio"},
	{NODES, LINKS "2;0;lc;node\n", EDGES, "l:3", "more than 0"},
	{NODES, LINKS "2;-5;lc;node\n", EDGES, "l:3", "more than 0"},
	{NODES, LINKS "2;nan;lc;node\n", EDGES, "l:3", "finite"},
	{NODES, LINKS "2;inf;lc;node\n", EDGES, "l:3", "finite"},
	{NODES, LINKS "2;1e999;lc;node\n", EDGES, "l:3", "finite"},
	{NODES, LINKS "2;1e38;lc;node\n", EDGES, "l:3", "less than"},
	{NODES, LINKS "2;0x10;lc;node\n", EDGES, "l:3", "finite"},
	{NODES, LINKS "2;10Mb;lc;node\n", EDGES, "l:3", "finite"},
	{NODES, LINKS "2;10;a;node\n", EDGES, "l:3", "already used, at n:1"},
	{NODES, LINKS "2;10;lc;node\n", EDGES, "l:3", "a link without an end"},
	{NODES, LINKS "2;10;lc;node\n", EDGES "s lc\n", "l:3", "no edge leaves lc"},
	{NODES, LINKS "2;10;lc;node\n", EDGES "lc s\n", "l:3", "no edge enters lc"},
	{NODES, LINKS, EDGES "s\n", "e:6", "without a target"},
	{NODES, LINKS, EDGES "s s\n", "e:6", "s has an edge to itself"},
	{NODES, LINKS, EDGES "s la \"x\n", "e:6", "names may not have"},
	{NODES "2;c;1;1;x86;server;server\n", LINKS, EDGES, "n:3", "the node c"},
	{NODES "2;c;1;1;x86;server;server\n", LINKS "2;1;lc;node\n", EDGES "c lc\nlc c\n", "n:3",
		"no path reaches the node c from the node a"},
	{NODES "2;c;1;1;x86;server;server\n", LINKS "2;1;lc;node\n", EDGES "c lc\nlc c\ns lc\n",
		"n:3", "no path leads from the node c to the node a"},
	/* Which of two latencies is meant is not guessed, in either order and between any two. */
	{NODES, LINKS, EDGES "s t;5\nt s;5\ns t\n", "e:8",
		"the edge from s to t is there twice: with latency 5 at line 6, and here with "
		"none"},
	{NODES, LINKS, EDGES "s t\nt s\ns t;5\n", "e:8", "with latency none at line 6"},
	{NODES, LINKS, EDGES "s t;5\nt s;5\nq t;1\nt s;6\nt q;1\n", "e:9",
		"the edge from t to s is there twice: with latency 5 at line 7, and here with 6"},
	{NODES, LINKS, EDGES "s t s t;5\n", "e:6", "s has an edge to itself"},
	{NODES, LINKS, EDGES "s t;5\ns t;uniform 4ms 6ms\n", "e:7", "with uniform 4ms 6ms"},
	{NODES, LINKS, EDGES "s t;5\ns q t;0\n", "e:7", "from s to t is there twice"},
	{NODES, LINKS, EDGES "s t;5\ns t;5\ns t;7\n", "e:8", "latency 5 at line 7"},
	/* Only through b, which does not forward. */
	{NODES "2;c;1;1;x86;server;server\n", LINKS "2;1;lc;node\n", EDGES "c lc\nlc c b\nb lc\n",
		"n:3", "no path reaches the node c from the node a"},
};

/* The same edge again is no second cable: Ether's tools may write one twice. The directions of a
 * pair may differ. */
static void test_repeated(void)
{
	struct sfe_topology *t;

	CU_ASSERT_EQUAL_FATAL(
		parse(NODES, LINKS, EDGES "s t;5\nt s;7\ns t;5\nt s;7ms\n", &t, NULL), 0);
	uint32_t from = sfe_vertex_find(t, "s"), to = sfe_vertex_find(t, "t");
	CU_ASSERT_EQUAL(sfe_latency_between(t, from, to)->a_ns, 5000000);
	CU_ASSERT_EQUAL(sfe_latency_between(t, to, from)->a_ns, 7000000);
	sfe_topology_free(t);
	CU_ASSERT_EQUAL_FATAL(parse(NODES, LINKS, EDGES "s t\nt s\ns t\n", &t, NULL), 0);
	sfe_topology_free(t);
}

static void test_bad(void)
{
	for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
		const struct bad *b = &bads[i];
		struct sfe_topology *t = NULL;
		struct sfe_error err = {0};
		int rc = parse(b->nodes, b->links, b->edges, &t, &err);
		bool told = rc < 0 && err.code == rc && !strcmp(err.where, b->where) &&
			    strstr(err.what, b->what) && err.todo[0];

		CU_ASSERT(told);
		if (!told)
			printf("case %zu: %d %s: %s; %s\n", i, rc, err.where, err.what, err.todo);
		if (!rc)
			sfe_topology_free(t);
	}
}

static void test_missing_file(void)
{
	struct sfe_topology *t;
	struct sfe_error err;

	CU_ASSERT(sfe_topology_read("/nonexistent/n", "/dev/null", "/dev/null", &t, &err) < 0);
	CU_ASSERT_STRING_EQUAL(err.where, "/nonexistent/n");
}

static void test_round_trip(void)
{
	struct sfe_topology *t, *again;
	struct texts x, y;

	CU_ASSERT_EQUAL_FATAL(parse(NODES, LINKS, EDGES, &t, NULL), 0);
	t->links[1].capacity_mbps = 0.1 + 0.2; /* all digits are needed */
	write_texts(t, &x);
	CU_ASSERT_STRING_EQUAL(x.text[0], NODES);
	CU_ASSERT_STRING_EQUAL(x.text[1], "0;1000;la;node\n1;0.30000000000000004;lb;node\n");
	CU_ASSERT_STRING_EQUAL(x.text[2], EDGES);
	CU_ASSERT_EQUAL_FATAL(parse(x.text[0], x.text[1], x.text[2], &again, NULL), 0);
	CU_ASSERT_EQUAL(again->links[1].capacity_mbps, 0.1 + 0.2);
	write_texts(again, &y);
	for (int i = 0; i < 3; i++)
		CU_ASSERT_STRING_EQUAL(x.text[i], y.text[i]);
	free_texts(&x);
	free_texts(&y);
	sfe_topology_free(t);
	sfe_topology_free(again);
}

static void test_latencies(void)
{
	/* In the writer's form, so that writing gives them back. */
	static const char links[] = "0;1000;la;node;0.05\n"
				    "1;0.5;lb;node;lognormal 0.635 1180us 3270us\n"
				    "2;10;lc;shared;0\n";
	static const char edges[] = "a la\nla a s\ns la\ns lc;1e-06\ns u w;uniform 1ms 2ms\n"
				    "s lb\nb lb\nlb b s\nlc s\nu s;20\nw s\n";
	struct sfe_topology *t;
	struct texts x;
	char text[SFE_DELAY_TEXT];

	CU_ASSERT_EQUAL_FATAL(parse(NODES, links, edges, &t, NULL), 0);
	CU_ASSERT_EQUAL(t->links[0].latency.law, SFE_DELAY_CONSTANT);
	CU_ASSERT_EQUAL(t->links[0].latency.a_ns, 50000);
	CU_ASSERT_EQUAL(t->links[1].latency.law, SFE_DELAY_LOGNORMAL);
	CU_ASSERT_EQUAL(t->links[1].latency.b_ns, 3270000);
	/* 0 is a latency; none is not. */
	CU_ASSERT_EQUAL(t->links[2].latency.law, SFE_DELAY_CONSTANT);
	CU_ASSERT_EQUAL(t->n_edge_latencies, 4);
	for (uint32_t e = 0; e < t->n_edges; e++) {
		const struct sfe_delay *latency = sfe_edge_latency(t, e);
		const char *from = sfe_vertex_name(t, t->file_from[e]);
		const char *to = sfe_vertex_name(t, t->file_to[e]);
		bool has = (!strcmp(from, "s") && strchr("uw", *to)) ||
			   (!strcmp(from, "s") && !strcmp(to, "lc")) || !strcmp(from, "u");

		CU_ASSERT_EQUAL(latency != NULL, has);
		if (!strcmp(to, "lc"))
			CU_ASSERT_EQUAL(latency->a_ns, 1);
	}
	uint32_t s = sfe_vertex_find(t, "s"), u = sfe_vertex_find(t, "u");
	CU_ASSERT_EQUAL(sfe_latency_between(t, s, u)->law, SFE_DELAY_UNIFORM);
	CU_ASSERT_EQUAL(sfe_latency_between(t, u, s)->a_ns, 20000000);
	CU_ASSERT_PTR_NULL(sfe_latency_between(t, sfe_vertex_find(t, "w"), s));
	write_texts(t, &x);
	CU_ASSERT_STRING_EQUAL(x.text[1], links);
	CU_ASSERT_STRING_EQUAL(x.text[2], edges);
	free_texts(&x);
	sfe_topology_free(t);
	/* Blanks and units are accepted; an empty column means none. */
	CU_ASSERT_EQUAL_FATAL(
		parse(NODES, "0;1;la;node; 2.5ms \n1;1;lb;node;\n", EDGES, &t, NULL), 0);
	CU_ASSERT_EQUAL(t->links[0].latency.a_ns, 2500000);
	CU_ASSERT_EQUAL(t->links[1].latency.law, SFE_DELAY_NONE);
	CU_ASSERT_STRING_EQUAL(sfe_latency_format(&t->links[0].latency, text), "2.5");
	sfe_topology_free(t);
}

static void test_latency_texts(void)
{
	static const struct {
		const char *text, *same;
	} texts[] = {
		{"lognormal(0.25, 0.35, 0.16)", "lognormal 0.25 350us 160us"},
		{"lognormal 0.25 0.35 160us", "lognormal 0.25 350us 160us"},
		{"uniform(1,2)", "uniform 1ms 2ms"},
		{"pareto 2 3", "pareto 2ms 3"},
		{" normal  5   1 ", "normal 5ms 1ms"},
		{"(7)", "7"},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct sfe_delay d;
		char text[SFE_DELAY_TEXT];

		CU_ASSERT_EQUAL(sfe_latency_parse(texts[i].text, &d, NULL), 0);
		CU_ASSERT_STRING_EQUAL(sfe_latency_format(&d, text), texts[i].same);
	}
	CU_ASSERT_EQUAL(
		sfe_latency_parse("lognormal(0.25ms, 0.35, 0.16)", &(struct sfe_delay){0}, NULL),
		-22);
	CU_ASSERT_EQUAL(sfe_latency_parse("()", &(struct sfe_delay){0}, NULL), -22);
	CU_ASSERT_EQUAL(sfe_latency_parse("", &(struct sfe_delay){0}, NULL), -22);
	for (uint64_t ns = 1; ns < SFE_MAX_DELAY_NS; ns = ns * 3 + 1) {
		struct sfe_delay d = {.law = SFE_DELAY_CONSTANT, .a_ns = ns}, again;
		char text[SFE_DELAY_TEXT];

		CU_ASSERT_EQUAL(sfe_latency_parse(sfe_latency_format(&d, text), &again, NULL), 0);
		CU_ASSERT(sfe_delay_equal(&d, &again));
	}
}

static void test_show(void)
{
	struct sfe_topology *t;
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	CU_ASSERT_EQUAL_FATAL(sfe_topology_iiot(4, &t, NULL), 0);
	CU_ASSERT_EQUAL(sfe_topology_show(t, f), 0);
	fclose(f);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "80 nodes\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "      60  server                   88 Gop/s"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "       4  downlink                500 Mb/s"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "26 junctions\n"));
	/* A Pi, its cell, uplink, downlink, the other cell, its Pi; chix to nyc has no link. */
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "diameter 6 links"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "9 hops"));
	free(text);
	sfe_topology_free(t);
}

static void test_dot(void)
{
	struct sfe_topology *t;
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	CU_ASSERT_EQUAL_FATAL(
		parse(NODES, "0;1000;la;node\n1;0.5;lb;shared\n", EDGES, &t, NULL), 0);
	CU_ASSERT_EQUAL(sfe_topology_dot(t, f), 0);
	fclose(f);
	CU_ASSERT_STRING_EQUAL(text, "digraph topology {\n"
				     "  graph [overlap=false, splines=true];\n"
				     "  node [fontsize=10];\n"
				     "  \"a\" [shape=house, label=\"a\\n4 Gop/s\"];\n"
				     "  \"b\" [shape=box3d, label=\"b\\n88 Gop/s\"];\n"
				     "  \"la\" [shape=plaintext, label=\"1 Gb/s\"];\n"
				     "  \"lb\" [shape=hexagon, label=\"lb\\n0.5 Mb/s\"];\n"
				     "  \"s\" [shape=ellipse];\n"
				     "  \"a\" -> \"la\" [dir=none];\n"
				     "  \"la\" -> \"s\" [dir=none];\n"
				     "  \"b\" -> \"lb\" [dir=none];\n"
				     "  \"lb\" -> \"s\" [dir=none];\n"
				     "}\n");
	free(text);
	sfe_topology_free(t);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"ids, names and numbers", test_ids},
		{"a zero byte in a name", test_zero_in_name},
		{"bad rows say file, line, what and what to do", test_bad},
		{"a missing file", test_missing_file},
		{"what is written is read back", test_round_trip},
		{"an edge that is there twice", test_repeated},
		{"latencies, written and read back", test_latencies},
		{"constant latencies to the ns", test_latency_texts},
		{"the summary", test_show},
		{"the drawing", test_dot},
	};

	return unit_main("topology", tests, sizeof(tests) / sizeof(tests[0]));
}
