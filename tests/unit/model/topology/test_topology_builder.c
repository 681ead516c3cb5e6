/* SPDX-License-Identifier: MIT */
#include "sfemu/topology_builder.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"

static void test_ids(void)
{
	struct sfe_topology_builder *b = sfe_build_new();
	struct sfe_topology *t;
	struct sfe_error err;

	sfe_build_node(b, "camera", "rpi3");
	sfe_build_link(b, "radio", SFE_LINK_SHARED, 300);
	sfe_build_attach(b, "camera", 1000, "radio");
	sfe_build_updown(b, "cell", "radio", 25, 125, "exchange");
	sfe_build_custom_node(b, "box", "server", 16000, 1000);
	sfe_build_attach(b, "box", 10000, "switch");
	sfe_build_connect(b, "switch", "exchange");
	CU_ASSERT_EQUAL_FATAL(sfe_build_finish(b, &t, &err), 0);
	CU_ASSERT_EQUAL(t->n_nodes, 2);
	CU_ASSERT_EQUAL(t->n_links, 5);
	CU_ASSERT_EQUAL(t->n_junctions, 2);
	CU_ASSERT_EQUAL(t->n_edges, 4 + 4 + 4 + 2);
	/* Nodes, then links, then junctions, each in the order of the calls. */
	CU_ASSERT_EQUAL(sfe_vertex_find(t, "camera"), 0);
	CU_ASSERT_EQUAL(sfe_vertex_find(t, "box"), 1);
	CU_ASSERT_EQUAL(sfe_vertex_find(t, "radio"), 2);
	CU_ASSERT_EQUAL(sfe_vertex_find(t, "link_camera"), 3);
	CU_ASSERT_EQUAL(sfe_vertex_find(t, "up_cell"), 4);
	CU_ASSERT_EQUAL(sfe_vertex_find(t, "down_cell"), 5);
	CU_ASSERT_EQUAL(sfe_vertex_find(t, "link_box"), 6);
	CU_ASSERT_EQUAL(sfe_vertex_find(t, "exchange"), 7);
	CU_ASSERT_EQUAL(sfe_vertex_find(t, "switch"), 8);
	CU_ASSERT_EQUAL(t->edge_begin[8] - t->edge_begin[7], 2);
	CU_ASSERT_EQUAL(t->edge_to[t->edge_begin[7]], 5);
	CU_ASSERT_EQUAL(t->edge_to[t->edge_begin[7] + 1], 8);
	CU_ASSERT_STRING_EQUAL(t->nodes[0].model, "rpi3b+");
	CU_ASSERT_EQUAL(t->nodes[1].speed_ops, 16e9f);
	CU_ASSERT_EQUAL(t->nodes[1].memory_bytes, 1000);
	CU_ASSERT_STRING_EQUAL(t->nodes[1].model, "server");
	sfe_topology_free(t);
}

/* A built topology equals the one read from its files. */
static void test_files(void)
{
	struct sfe_topology_builder *b = sfe_build_new();
	struct sfe_topology *t, *again;
	const struct sfe_node_block *block;
	char *text[3];
	size_t len[3];
	FILE *f[3];

	for (uint32_t i = 0; (block = sfe_node_block(i)); i++) {
		sfe_build_node(b, block->name, block->model);
		sfe_build_attach(b, block->name, 1000, "switch");
	}
	CU_ASSERT_EQUAL_FATAL(sfe_build_finish(b, &t, NULL), 0);
	CU_ASSERT_EQUAL(t->n_nodes, 10);
	for (int i = 0; i < 3; i++)
		f[i] = open_memstream(&text[i], &len[i]);
	CU_ASSERT_EQUAL(sfe_topology_write(t, f[0], f[1], f[2]), 0);
	for (int i = 0; i < 3; i++)
		fclose(f[i]);
	CU_ASSERT_EQUAL_FATAL(sfe_topology_parse(text[0], len[0], "n", text[1], len[1], "l",
				      text[2], len[2], "e", &again, NULL),
		0);
	for (uint32_t i = 0; i < t->n_nodes; i++) {
		CU_ASSERT_EQUAL(t->nodes[i].affinity, again->nodes[i].affinity);
		CU_ASSERT_EQUAL(t->nodes[i].client, again->nodes[i].client);
	}
	CU_ASSERT(!memcmp(t->file_from, again->file_from, t->n_edges * sizeof(uint32_t)));
	CU_ASSERT(!memcmp(t->file_to, again->file_to, t->n_edges * sizeof(uint32_t)));
	for (int i = 0; i < 3; i++)
		free(text[i]);
	sfe_topology_free(t);
	sfe_topology_free(again);
}

/* Junctions are ordered by their edges, as in files. */
static void test_junctions(void)
{
	struct sfe_topology_builder *b = sfe_build_new();
	const struct sfe_delay far = {.law = SFE_DELAY_CONSTANT, .a_ns = 20000000};
	struct sfe_topology *t;

	sfe_build_junction(b, "east");
	sfe_build_junction(b, "west");
	sfe_build_node(b, "a", "vm");
	sfe_build_node(b, "b", "vm");
	sfe_build_attach(b, "a", 1000, "west");
	sfe_build_attach(b, "b", 1000, "east");
	sfe_build_link_latency(b, "link_a", &far);
	sfe_build_edge_latency(b, "west", "east", &far);
	sfe_build_edge(b, "east", "west");
	CU_ASSERT_EQUAL_FATAL(sfe_build_finish(b, &t, NULL), 0);
	CU_ASSERT_EQUAL(sfe_vertex_find(t, "west"), 4);
	CU_ASSERT_EQUAL(sfe_vertex_find(t, "east"), 5);
	CU_ASSERT_STRING_EQUAL(sfe_vertex_name(t, 5), "east");
	CU_ASSERT(sfe_delay_equal(&t->links[0].latency, &far));
	CU_ASSERT_EQUAL(t->n_edge_latencies, 1);
	CU_ASSERT_EQUAL(t->file_from[t->edge_latencies[0].edge], 4);
	CU_ASSERT_EQUAL(t->file_to[t->edge_latencies[0].edge], 5);
	sfe_topology_free(t);
}

struct bad {
	int (*call)(struct sfe_topology_builder *b);
	const char *what;
};

static int unknown_block(struct sfe_topology_builder *b)
{
	return sfe_build_node(b, "x", "abacus");
}

static int no_speed(struct sfe_topology_builder *b)
{
	return sfe_build_custom_node(b, "x", "server", 0, 1);
}

static int too_fast(struct sfe_topology_builder *b)
{
	return sfe_build_custom_node(b, "x", "server", UINT64_MAX, 1);
}

static int taken(struct sfe_topology_builder *b)
{
	return sfe_build_node(b, "camera", "rpi3");
}

static int no_name(struct sfe_topology_builder *b)
{
	return sfe_build_junction(b, NULL);
}

static int bad_name(struct sfe_topology_builder *b)
{
	return sfe_build_link(b, "a;b", SFE_LINK_NODE, 1);
}

static int reserved_name(struct sfe_topology_builder *b)
{
	return sfe_build_junction(b, "default");
}

static int number(struct sfe_topology_builder *b)
{
	return sfe_build_edge(b, "radio", "0x10");
}

static int no_rate(struct sfe_topology_builder *b)
{
	return sfe_build_link(b, "x", SFE_LINK_NODE, 0);
}

static int nan_rate(struct sfe_topology_builder *b)
{
	return sfe_build_link(b, "x", SFE_LINK_NODE, NAN);
}

static int endless_rate(struct sfe_topology_builder *b)
{
	return sfe_build_link(b, "x", SFE_LINK_NODE, INFINITY);
}

static int no_kind(struct sfe_topology_builder *b)
{
	return sfe_build_link(b, "x", (enum sfe_link_kind)7, 1);
}

static int loop(struct sfe_topology_builder *b)
{
	return sfe_build_connect(b, "radio", "radio");
}

static int too_late(struct sfe_topology_builder *b)
{
	sfe_build_junction(b, "exchange");
	return sfe_build_node(b, "exchange", "server");
}

static int no_link(struct sfe_topology_builder *b)
{
	return sfe_build_link_latency(b, "x", &(struct sfe_delay){0});
}

static int samples(struct sfe_topology_builder *b)
{
	return sfe_build_edge_latency(
		b, "x", "y", &(struct sfe_delay){.law = SFE_DELAY_TABLE_OF_SAMPLES});
}

static const struct bad bads[] = {
	{no_link, "no link x"},
	{samples, "a latency from samples"},

	{unknown_block, "unknown 'abacus'"},
	{no_speed, "no speed"},
	{too_fast, "too large"},
	{taken, "camera is already used"},
	{no_name, "empty name"},
	{bad_name, "names may not have"},
	{reserved_name, "default is reserved"},
	{number, "reads as a number"},
	{no_rate, "more than 0"},
	{nan_rate, "more than 0"},
	{endless_rate, "more than 0"},
	{no_kind, "an unknown kind"},
	{loop, "an edge to itself"},
	{too_late, "exchange is already used"},
};

static void test_bad(void)
{
	for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
		struct sfe_topology_builder *b = sfe_build_new();
		struct sfe_topology *t;
		struct sfe_error err = {0};

		sfe_build_node(b, "camera", "rpi3");
		sfe_build_link(b, "radio", SFE_LINK_SHARED, 300);
		CU_ASSERT_EQUAL(bads[i].call(b), -22);
		/* Calls after the first error change nothing, nor the error. */
		CU_ASSERT_EQUAL(sfe_build_node(b, "y", "another"), -22);
		CU_ASSERT_EQUAL(sfe_build_attach(b, "camera", 1000, "radio"), -22);
		CU_ASSERT_EQUAL(sfe_build_finish(b, &t, &err), -22);
		CU_ASSERT_STRING_EQUAL(err.where, "topology");
		bool told = strstr(err.what, bads[i].what) && err.todo[0];
		CU_ASSERT(told);
		if (!told)
			printf("case %zu: %s; %s\n", i, err.what, err.todo);
	}
}

static void test_checks(void)
{
	struct sfe_topology_builder *b = sfe_build_new();
	struct sfe_topology *t;
	struct sfe_error err;

	CU_ASSERT_EQUAL(sfe_build_finish(b, &t, &err), -22);
	CU_ASSERT_STRING_EQUAL(err.what, "no nodes");
	b = sfe_build_new();
	sfe_build_node(b, "camera", "rpi3");
	sfe_build_attach(b, "camera", 1000, "switch");
	sfe_build_link(b, "radio", SFE_LINK_SHARED, 300);
	CU_ASSERT_EQUAL(sfe_build_finish(b, &t, &err), -22);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.what, "a link without an end"));
	b = sfe_build_new();
	sfe_build_node(b, "camera", "rpi3");
	sfe_build_junction(b, "nowhere");
	CU_ASSERT_EQUAL(sfe_build_finish(b, &t, &err), -22);
	CU_ASSERT_STRING_EQUAL(err.what, "the junction nowhere is connected with nothing");
	/* A NULL builder fails everywhere without a crash. */
	CU_ASSERT_EQUAL(sfe_build_node(NULL, "a", "rpi3"), -12);
	CU_ASSERT_EQUAL(sfe_build_updown(NULL, "a", "b", 1, 1, "c"), -12);
	CU_ASSERT_EQUAL(sfe_build_attach(NULL, "a", 1, "c"), -12);
	CU_ASSERT_EQUAL(sfe_build_finish(NULL, &t, &err), -12);
	sfe_build_free(NULL);
	b = sfe_build_new();
	sfe_build_node(b, "camera", "rpi3");
	sfe_build_free(b);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"ids as files give them", test_ids},
		{"junctions and latencies", test_junctions},
		{"every block, written and read back", test_files},
		{"the first error is kept", test_bad},
		{"the checks of files", test_checks},
	};

	return unit_main("topology builder", tests, sizeof(tests) / sizeof(tests[0]));
}
