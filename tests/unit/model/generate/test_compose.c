/* SPDX-License-Identifier: MIT */
#include "emu/model/generate/compose.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "emu/model/generate/cloud_regions.h"
#include "emu/model/generate/ether_links.h"
#include "sfemu/generate.h"
#include "tests/unit/unit.h"

static int compose(const char *yaml, uint64_t seed, struct sfe_topology **t, struct sfe_error *err)
{
	return sfe_topology_compose(yaml, "f", seed, t, err);
}

static struct sfe_topology *made(const char *yaml, uint64_t seed)
{
	struct sfe_topology *t = NULL;
	struct sfe_error err = {0};
	char text[1100];

	if (compose(yaml, seed, &t, &err))
		printf("%s\n", sfe_error_text(&err, text, sizeof(text)));
	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	return t;
}

/* The three files as one text; the caller's. */
static char *text_of(const struct sfe_topology *t)
{
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	CU_ASSERT_EQUAL(sfe_topology_write(t, f, f, f), 0);
	fclose(f);
	return text;
}

static uint64_t digest(const struct sfe_generator *g)
{
	struct sfe_topology *t;

	CU_ASSERT_EQUAL_FATAL(sfe_topology_generate(g, &t, NULL), 0);
	char *text = text_of(t);
	uint64_t h = XXH3_64bits(text, strlen(text));
	free(text);
	sfe_topology_free(t);
	return h;
}

/* Generated networks never change, byte by byte. */
static void test_frozen(void)
{
	static const struct {
		struct sfe_generator g;
		uint64_t digest;
	} frozen[] = {
		{{.scenario = "iiot", .premises = 1}, 0x4faf714a06d868cc},
		{{.scenario = "iiot", .premises = 3}, 0xde653cfbaa2bdf77},
		{{.scenario = "iiot", .premises = 4}, 0xf66a0d6c24074afc},
		{{.scenario = "iiot", .premises = 40}, 0xab966c2e4fba9734},
		{{.scenario = "urban", .cells = 1, .seed = 3}, 0x9ce69e1b87e3c2fc},
		{{.scenario = "urban", .cells = 5, .seed = 1}, 0x531f5315670ad57a},
		{{.scenario = "urban", .cells = 5, .seed = 0}, 0x01ae9c30c32ff3fe},
		{{.scenario = "urban", .cells = 1000, .seed = 10}, 0xf0603c0279e762b3},
	};

	for (size_t i = 0; i < sizeof(frozen) / sizeof(frozen[0]); i++) {
		uint64_t h = digest(&frozen[i].g);

		CU_ASSERT_EQUAL(h, frozen[i].digest);
		if (h != frozen[i].digest)
			printf("case %zu: 0x%016llxull\n", i, (unsigned long long)h);
	}
}

/* The printed composition builds the generator's network. */
static void test_composition(void)
{
	static const struct sfe_generator all[] = {
		{.scenario = "iiot", .premises = 5, .latency = true},
		{.scenario = "urban", .cells = 3, .seed = 4, .racks = 1, .servers = 2},
		{.scenario = "cloud", .regions = "aws", .racks = 2},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct sfe_topology *a, *b;
		char *yaml, *x, *y;

		CU_ASSERT_EQUAL_FATAL(sfe_topology_composition(&all[i], &yaml, NULL), 0);
		a = made(yaml, all[i].seed);
		CU_ASSERT_EQUAL_FATAL(sfe_topology_generate(&all[i], &b, NULL), 0);
		x = text_of(a);
		y = text_of(b);
		CU_ASSERT_STRING_EQUAL(x, y);
		free(x);
		free(y);
		free(yaml);
		sfe_topology_free(a);
		sfe_topology_free(b);
	}
}

/* Every kind of cell and every key. */
static void test_words(void)
{
	struct sfe_topology *t =
		made("define:\n"
		     "  camera: {node: rpi4, name: camera, cpu_millis: 1500, memory: 512MiB}\n"
		     "  eye: camera\n"
		     "  pair: [eye, {cell: camera, rate: 100Mbit, latency: 3}]\n"
		     "cells:\n"
		     "  - lan:\n"
		     "      - group: [pair, nuc]\n"
		     "      - box: [tx2]\n"
		     "        latency: uniform 1ms 2ms\n"
		     "      - cloudlet: {racks: 1, servers: 1, node: vm}\n"
		     "        name: store\n"
		     "        uplink: {kind: fibre, up: 5Gbit, latency: lan}\n"
		     "    name: hall\n"
		     "    uplink: {up: 10Mbit, down: 20Mbit, to: street}\n"
		     "  - shared: [coral]\n"
		     "    name: radio\n"
		     "    rate: 54Mbit\n"
		     "    latency: wlan\n"
		     "    to: street\n"
		     "  - {node: nx, to: street, latency: none}\n"
		     "backbone:\n"
		     "  - {join: [street, town, land], latency: 7.5}\n",
			1);
	char *text = text_of(t);
	CU_ASSERT_STRING_EQUAL(text, "0;camera_0;536870912;1500;arm32v7;sbc;rpi4\n"
				     "1;camera_1;536870912;1500;arm32v7;sbc;rpi4\n"
				     "2;nuc_0;17179869184;4000;x86;sffc;nuci5\n"
				     "3;tx2_0;8240386048;4000;aarch64;embai;nvidia_jetson_tx2\n"
				     "4;vm_0;8363810816;4000;x86;vm;vm\n"
				     "5;coral_0;1000000000;4000;aarch64;sbc;coral\n"
				     "6;nx_0;8000000000;6000;aarch64;embai;nvidia_jetson_nx\n"
				     "0;1000;link_camera_0;node\n"
				     "1;100;link_camera_1;node;3\n"
				     "2;1000;link_nuc_0;node\n"
				     "3;1000;link_tx2_0;node\n"
				     "4;10;up_hall_0;uplink\n"
				     "5;20;down_hall_0;downlink\n"
				     "6;1000;link_vm_0;node\n"
				     "7;5000;up_store_0;uplink;lognormal 0.25 350us 160us\n"
				     "8;1000;down_store_0;downlink;lognormal 0.25 350us 160us\n"
				     "9;1000;link_coral_0;node\n"
				     "10;54;shared_radio_0;shared;lognormal 0.635 1180us 3270us\n"
				     "11;1000;link_nx_0;node\n"
				     "camera_0 link_camera_0\n"
				     "link_camera_0 camera_0 switch_hall_0\n"
				     "switch_hall_0 link_camera_0 link_camera_1 link_nuc_0\n"
				     "switch_hall_0 switch_lan_0;uniform 1ms 2ms\n"
				     "switch_hall_0 up_hall_0 down_store_0\n"
				     "camera_1 link_camera_1\n"
				     "link_camera_1 camera_1 switch_hall_0\n"
				     "nuc_0 link_nuc_0\n"
				     "link_nuc_0 nuc_0 switch_hall_0\n"
				     "tx2_0 link_tx2_0\n"
				     "link_tx2_0 tx2_0 switch_lan_0\n"
				     "switch_lan_0 link_tx2_0\n"
				     "switch_lan_0 switch_hall_0;uniform 1ms 2ms\n"
				     "up_hall_0 street\n"
				     "down_hall_0 switch_hall_0\n"
				     "street down_hall_0 shared_radio_0 link_nx_0\n"
				     "street town land;7.5\n"
				     "vm_0 link_vm_0\n"
				     "link_vm_0 vm_0 switch_lan_1\n"
				     "switch_lan_1 link_vm_0 switch_store_0\n"
				     "switch_store_0 switch_lan_1 up_store_0\n"
				     "up_store_0 switch_hall_0\n"
				     "down_store_0 switch_store_0\n"
				     "coral_0 link_coral_0\n"
				     "link_coral_0 coral_0 shared_radio_0\n"
				     "shared_radio_0 link_coral_0 street\n"
				     "nx_0 link_nx_0\n"
				     "link_nx_0 nx_0 street\n"
				     "town street land;7.5\n"
				     "land street town;7.5\n");
	free(text);
	sfe_topology_free(t);
}

static const struct sfe_delay *latency_of(const struct sfe_topology *t, const char *link)
{
	return &t->links[sfe_vertex_find(t, link) - t->n_nodes].latency;
}

/* Ether's laws by default: links, and cables between switches. */
static void test_ether_latencies(void)
{
	const struct sfe_generator g = {.scenario = "iiot", .premises = 4, .latency = true};
	const struct sfe_generator u = {.scenario = "urban", .latency = true, .seed = 1};
	struct sfe_delay lan, wlan, business, mobile;
	struct sfe_topology *t;

	CU_ASSERT(sfe_ether_latency("lan", &lan) && sfe_ether_latency("wlan", &wlan));
	CU_ASSERT(sfe_ether_latency("business", &business));
	CU_ASSERT(sfe_ether_latency("mobile", &mobile));
	CU_ASSERT(!sfe_ether_latency("radio", &mobile));
	CU_ASSERT_EQUAL(mobile.a_ns, 16200000);
	CU_ASSERT_EQUAL_FATAL(sfe_topology_generate(&g, &t, NULL), 0);
	CU_ASSERT(sfe_delay_equal(latency_of(t, "link_nuc_0"), &lan));
	CU_ASSERT(sfe_delay_equal(latency_of(t, "link_2"), &wlan));
	CU_ASSERT(sfe_delay_equal(latency_of(t, "up_lan_0"), &business));
	CU_ASSERT(sfe_delay_equal(latency_of(t, "down_lan_0"), &business));
	CU_ASSERT_EQUAL(latency_of(t, "up_cloudlet_0")->law, SFE_DELAY_NONE);
	/* Four times: the compute box and three racks, both directions. */
	CU_ASSERT_EQUAL(t->n_edge_latencies, 4 * 2 * 4);
	for (uint32_t i = 0; i < t->n_edge_latencies; i++)
		CU_ASSERT(sfe_delay_equal(&t->edge_latencies[i].latency, &lan));
	sfe_topology_free(t);
	CU_ASSERT_EQUAL_FATAL(sfe_topology_generate(&u, &t, NULL), 0);
	CU_ASSERT(sfe_delay_equal(latency_of(t, "up_shared_4"), &mobile));
	CU_ASSERT(sfe_delay_equal(latency_of(t, "down_cloudlet_0"), &lan));
	sfe_topology_free(t);
}

static void test_cloud(void)
{
	const struct sfe_generator g = {
		.scenario = "cloud", .regions = "us-east-1,eu-central-1,ap-south-1"};
	const struct sfe_region *region;
	struct sfe_topology *t;
	struct sfe_delay a, b;
	unsigned n = 0;

	CU_ASSERT_EQUAL_FATAL(sfe_topology_generate(&g, &t, NULL), 0);
	CU_ASSERT_EQUAL(t->n_nodes, 15);
	CU_ASSERT_EQUAL(t->n_edge_latencies, 6);
	uint32_t from = sfe_vertex_find(t, "eu-central-1"), to = sfe_vertex_find(t, "us-east-1");
	for (uint32_t e = 0; e < t->n_edges; e++)
		if (t->file_from[e] == from && t->file_to[e] == to) {
			CU_ASSERT_PTR_NOT_NULL_FATAL(sfe_edge_latency(t, e));
			CU_ASSERT_EQUAL(sfe_edge_latency(t, e)->a_ns, 92330000 / 2);
		}
	sfe_topology_free(t);
	while ((region = sfe_region(n)))
		n++;
	CU_ASSERT_EQUAL(n, 39);
	for (unsigned i = 0; i < n; i++)
		for (unsigned j = 0; j < n; j++) {
			const struct sfe_region *x = sfe_region(i), *y = sfe_region(j);
			int rc = sfe_region_latency(x->name, y->name, &a);

			CU_ASSERT_EQUAL(rc == 0, i != j && !strcmp(x->provider, y->provider));
			if (rc)
				continue;
			CU_ASSERT_EQUAL(sfe_region_latency(y->name, x->name, &b), 0);
			CU_ASSERT_EQUAL(a.a_ns, b.a_ns);
			CU_ASSERT(a.a_ns > 4000000 && a.a_ns < 250000000);
		}
	/* The first and the last of both tables. */
	sfe_region_latency("af-south-1", "eu-north-1", &a);
	CU_ASSERT_EQUAL(a.a_ns, 88385000);
	sfe_region_latency("us-west-1", "us-west-2", &a);
	CU_ASSERT_EQUAL(a.a_ns, 11980000);
	sfe_region_latency("asia-east1", "asia-east2", &a);
	CU_ASSERT_EQUAL(a.a_ns, 7777500);
	sfe_region_latency("us-west2", "us-west1", &a);
	CU_ASSERT_EQUAL(a.a_ns, 13009000);
}

static uint32_t nodes_of(const char *yaml, uint64_t seed)
{
	struct sfe_topology *t = made(yaml, seed);
	uint32_t n = t->n_nodes;

	sfe_topology_free(t);
	return n;
}

static void test_counts(void)
{
	uint32_t low = 100, high = 0, sum = 0;

	CU_ASSERT_EQUAL(nodes_of("cells: [{lan: [{node: nuc, count: 7}]}]", 1), 7);
	CU_ASSERT_EQUAL(nodes_of("cells: [{lan: [nuc, {node: nuc, count: 0}]}]", 1), 1);
	/* A cell's draws are visible in the cells within it. */
	CU_ASSERT_EQUAL(nodes_of("define: {inner: {lan: [{node: nuc, count: 3*n}]}}\n"
				 "cells:\n- lan: [{cell: inner, count: n}]\n  draw: {n: 4}\n",
				1),
		48);
	/* The innermost of two draws with one name counts. */
	CU_ASSERT_EQUAL(
		nodes_of("cells:\n- lan:\n  - {lan: [{node: nuc, count: n}], draw: {n: 2}}\n"
			 "  - {node: nuc, count: n}\n  draw: {n: 5}\n",
			1),
		7);
	for (uint64_t seed = 0; seed < 200; seed++) {
		uint32_t n =
			nodes_of("cells:\n- lan:\n  - node: nuc\n    count: uniform(2, 6)\n", seed);

		low = n < low ? n : low;
		high = n > high ? n : high;
		sum += n;
		CU_ASSERT_EQUAL(
			n, nodes_of("cells: [{lan: [{node: nuc, count: uniform 2 6}]}]", seed));
	}
	CU_ASSERT(low == 2 && high == 6 && sum > 720 && sum < 880);
	/* Each cell has a draw of its own, in order; other names have other streams. */
	uint32_t one =
		nodes_of("cells: [{lan: [{node: nuc, count: n}], draw: {n: uniform 1 50}}]", 9);
	uint32_t two = nodes_of("cells: [{lan: [{lan: [{node: nuc, count: n}], count: 2, draw: {n: "
				"uniform 1 50}}]}]",
		9);
	uint32_t other =
		nodes_of("cells: [{lan: [{node: nuc, count: m}], draw: {m: uniform 1 50}}]", 9);
	CU_ASSERT(two > one && two != 2 * one && other != one);
	/* Bounds apply, and nothing is drawn below 1 by default. */
	CU_ASSERT_EQUAL(
		nodes_of("cells: [{lan: [{node: nuc, count: {law: normal 90 1, max: 3}}]}]", 1), 3);
	CU_ASSERT_EQUAL(nodes_of("cells: [{lan: [{node: nuc, count: normal -90 1}]}]", 1), 1);
	CU_ASSERT_EQUAL(
		nodes_of("cells: [{lan: [nuc, {node: nuc, count: {law: normal -90 1, min: 0}}]}]",
			1),
		1);
}

static const struct {
	const char *yaml;
	unsigned line;
	const char *what;
} bads[] = {
	{"latency: ether\n", 0, "without cells"},
	{"cells: []\nsize: 1\n", 2, "size"},
	{"cells:\n- lan: [abacus]\n", 2, "'abacus' is neither"},
	{"cells:\n- lan:\n  - {node: abacus}\n", 3, "'abacus' is no node"},
	{"cells: rpi3\n", 1, "not a list"},
	{"cells:\n- {lan: rpi3}\n", 2, "not a list"},
	{"cells:\n- {count: 3}\n", 2, "without a kind"},
	{"cells:\n- lan: [nuc]\n  shared: [nuc]\n", 3, "another kind"},
	{"cells:\n- lan: [nuc]\n  colour: red\n", 3, "unknown key 'colour'"},
	{"cells:\n- lan: [nuc]\n  rate: 1Mbit\n", 3, "rate: not here"},
	{"cells:\n- lan:\n  - node: nuc\n    uplink: mobile\n", 4, "uplink: not here"},
	{"cells:\n- rpi3\n", 2, "attached to nothing"},
	{"cells:\n- lan: [nuc]\n  uplink: mobile\n", 3, "has no destination"},
	{"cells:\n- lan: [nuc]\n  uplink: satellite\n", 3, "'satellite' is not known"},
	{"cells:\n- lan: [nuc]\n  uplink: {up: 1Mbit, to: a}\n", 3, "no rate down"},
	{"cells:\n- lan: [nuc]\n  uplink: {up: 1Mbit, down: 0, to: a}\n", 3, "the rate is 0"},
	{"cells:\n- lan: [nuc]\n  uplink: {up: 1Mbit, down: nan, to: a}\n", 3, "down:"},
	{"cells:\n- lan: [nuc]\n  uplink: {up: 1Mbit, down: 99999999999999Gbit, to: a}\n", 3,
		"down:"},
	{"cells:\n- lan: [nuc]\n  uplink: {kind: mobile, to: nuc_0}\n", 3, "neither a junction"},
	{"cells:\n- lan: [nuc]\n  uplink: {kind: mobile, to: [a]}\n", 3, "to"},
	{"cells:\n- lan: [nuc]\n  uplink: {kind: mobile, to: 'a;b'}\n", 3, "names may not have"},
	{"cells:\n- lan: [nuc]\n  uplink: {kind: mobile, path: a}\n", 3, "path"},
	{"cells:\n- shared: [nuc]\n  rate: 0Mbit\n", 3, "the rate is 0"},
	{"cells:\n- shared: [nuc]\n  latency: -1\n", 3, "latency: not none"},
	{"cells:\n- shared: [nuc]\n  latency: nan\n", 3, "latency: not none"},
	{"cells:\n- shared: [nuc]\n  latency: table /etc/passwd\n", 3, "latency: not none"},
	{"cells:\n- lan:\n  - {node: nuc, cpu_millis: 0}\n", 3, "no speed"},
	{"cells:\n- lan:\n  - {node: nuc, cpu_millis: 1e3}\n", 3, "cpu_millis"},
	{"cells:\n- lan:\n  - {node: nuc, cpu_millis: 18446744073709551616}\n", 3, "cpu_millis"},
	{"cells:\n- lan:\n  - {node: nuc, memory: 4}\n", 3, "memory"},
	{"cells:\n- lan:\n  - {node: nuc, name: 'a b'}\n", 3, "names may not have"},
	{"cells:\n- lan:\n  - {node: nuc, name: '%n'}\n", 3, "names may not have"},
	{"cells:\n- lan: [nuc]\n  to: all\n", 3, "the name all is reserved"},
	{"cells:\n- lan:\n  - {node: nuc, name: "
	 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}\n",
		3, "more than 64"},
	{"cells:\n- cloudlet: {racks: 0}\n", 2, "without racks"},
	{"cells:\n- cloudlet: {blades: 2}\n", 2, "blades"},
	{"cells:\n- cloudlet: {node: abacus}\n", 2, "abacus"},
	{"cells:\n- cloudlet: [server]\n", 2, "cloudlet"},
	/* Counts. */
	{"cells:\n- lan:\n  - {node: nuc, count: -1}\n", 3, "'-1' is not a count"},
	{"cells:\n- lan:\n  - {node: nuc, count: n}\n", 3, "'n' is not a count"},
	{"cells:\n- lan:\n  - {node: nuc, count: nan}\n", 3, "'nan' is not a count"},
	{"cells:\n- lan:\n  - {node: nuc, count: 2 *}\n", 3, "is not a count"},
	{"cells:\n- lan:\n  - {node: nuc, count: 1.5}\n", 3, "is not a count"},
	{"cells:\n- lan:\n  - {node: nuc, count: 1000001}\n", 3, "more than 1000000"},
	{"cells:\n- lan:\n  - {node: nuc, count: 1000000 * 1000000}\n", 3, "more than 1000000"},
	{"cells:\n- lan:\n  - {node: nuc, count: uniform 6 2}\n", 3, "is not a law"},
	{"cells:\n- lan:\n  - {node: nuc, count: uniform 2}\n", 3, "is not a law"},
	{"cells:\n- lan:\n  - {node: nuc, count: normal 2 nan}\n", 3, "is not a law"},
	{"cells:\n- lan:\n  - {node: nuc, count: lognormal 1 1e300 1}\n", 3, "is not a law"},
	{"cells:\n- lan:\n  - node: nuc\n    count: {law: uniform 1 2, min: 5, max: 4}\n", 4,
		"min is 5"},
	{"cells:\n- lan:\n  - node: nuc\n    count: {min: 5}\n", 4, "no law"},
	{"cells:\n- lan: [nuc]\n  draw: 3\n", 3, "draw: is not a group"},
	{"cells:\n- lan: [nuc]\n  draw: {a: many}\n", 3, "'many' is not a law"},
	{"cells:\n- lan: [nuc]\n  draw: {2x: 3}\n", 3, "not a name for a draw"},
	{"cells:\n- lan: [nuc]\n  draw: {uniform: 3}\n", 3, "name of a law"},
	/* Too many, and infinite. */
	{"cells:\n- lan:\n  - {node: nuc, count: 400000}\n  - {node: nuc, count: 400000}\n", 4,
		"more than 1000000 vertices"},
	{"cells:\n- group:\n  - {group: [], count: 1000000}\n  count: 1000000\n", 3,
		"more than 4000000 cells"},
	{"define:\n  a: {lan: [b]}\n  b: {lan: [a]}\ncells: [a]\n", 3,
		"the cell a contains itself: a -> b -> a"},
	{"define:\n  a: a\ncells: [a]\n", 2, "contains itself: a -> a"},
	{"define:\n  a: {cell: a, count: 2}\ncells:\n- {cell: a}\n", 2, "contains itself"},
	{"define:\n  nuc: [rpi3]\ncells: [nuc]\n", 2, "the name of a node"},
	{"define: [a]\ncells: [nuc]\n", 1, "define: is not a group"},
	{"cells:\n- {cell: hall}\n", 2, "'hall' is neither"},
	{"latency: slow\ncells: [nuc]\n", 1, "'slow' is not known"},
	/* Backbone. */
	{"cells:\n- {lan: [nuc], to: a}\nbackbone: a\n", 3, "not a list"},
	{"cells:\n- {lan: [nuc], to: a}\nbackbone:\n- [a]\n", 4, "two junctions or more"},
	{"cells:\n- {lan: [nuc], to: a}\nbackbone:\n- {join: a}\n", 4, "two junctions or more"},
	{"cells:\n- {lan: [nuc], to: a}\nbackbone:\n- [a, a]\n", 4, "edge to itself"},
	{"cells:\n- {lan: [nuc], to: a}\nbackbone:\n- [a, nuc_0]\n", 4, "not both junctions"},
	{"cells:\n- {lan: [nuc], to: a}\nbackbone:\n- {join: [a, b], latency: measured}\n", 4,
		"nothing was measured between a and b"},
	{"cells:\n- {lan: [nuc], to: a}\nbackbone:\n- {join: [a, b], rate: 1}\n", 4, "rate"},
	/* A pair twice, with another latency, in both orders. */
	{"cells:\n- {lan: [nuc], to: a}\nbackbone:\n- [a, b]\n- {join: [a, b, c], latency: 7.5}\n",
		5,
		"the edge from a to b is there twice: with latency none at line 4, and here with "
		"7.5"},
	{"cells:\n- {lan: [nuc], to: a}\nbackbone:\n- {join: [a, b], latency: 5}\n- [b, a]\n", 5,
		"with latency 5 at line 4, and here with none"},
	{"cells:\n- {lan: [nuc], to: switch_lan_0}\n", 2, "switch_lan_0 has an edge to itself"},
	{"cells:\n- {lan: [nuc], to: a}\n- {lan: [nuc], to: b, latency: 1}\nbackbone:\n"
	 "- [a, b]\n- {join: [b, switch_lan_1], latency: 2}\n",
		6, "is there twice: with latency 1 at line 3, and here with 2"},
	/* The checks of topology files, with the place in the composition. */
	{"cells:\n- lan: [nuc]\n- lan: [nuc]\n", 3, "no path reaches the node nuc_1"},
	{"cells: []\n", 0, "no nodes"},
};

static void test_bad(void)
{
	for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
		struct sfe_topology *t = NULL;
		struct sfe_error err = {0};
		char where[32], text[1100];
		int rc = compose(bads[i].yaml, 1, &t, &err);

		snprintf(where, sizeof(where), bads[i].line ? "f:%u" : "f", bads[i].line);
		bool told = rc == -22 && !strncmp(err.where, where, strlen(where)) &&
			    (!bads[i].line || !strcmp(err.where, where)) &&
			    strstr(err.what, bads[i].what) && err.todo[0] &&
			    !strstr(err.todo, "edges file"); /* it has none */
		CU_ASSERT(told);
		if (!told)
			printf("case %zu: %d %s\n%s", i, rc,
				sfe_error_text(&err, text, sizeof(text)), bads[i].yaml);
		if (!rc)
			sfe_topology_free(t);
	}
}

static void test_bad_generators(void)
{
	static const struct {
		struct sfe_generator g;
		const char *what;
	} bad[] = {
		{{.scenario = "rural"}, "no such scenario"},
		{{.scenario = "iiot", .premises = 10001}, "more than 10000"},
		{{.scenario = "urban", .cells = 1001}, "more than 1000"},
		{{.scenario = "urban", .racks = 1001}, "more than 1000"},
		{{.scenario = "urban", .density = "many"}, "is not a law"},
		{{.scenario = "urban", .density = "a\"b"}, "is not a law"},
		{{.scenario = "cloud", .regions = "mars-1"}, "'mars-1' is not a known region"},
		{{.scenario = "cloud", .regions = "us-east-1,us-east-1"}, "named twice"},
		{{.scenario = "cloud", .regions = "us-east-1,us-east4"}, "nothing was measured"},
		{{.scenario = "cloud", .regions = ""}, "no region"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sfe_topology *t;
		struct sfe_error err = {0};
		int rc = sfe_topology_generate(&bad[i].g, &t, &err);

		CU_ASSERT_EQUAL(rc, -22);
		CU_ASSERT_PTR_NOT_NULL(strstr(err.what, bad[i].what));
		CU_ASSERT_STRING_EQUAL(err.where, bad[i].g.scenario);
		if (!strstr(err.what, bad[i].what))
			printf("case %zu: %s\n", i, err.what);
	}
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"iiot and urban are unchanged", test_frozen},
		{"a generator's composition", test_composition},
		{"every key", test_words},
		{"Ether's latencies", test_ether_latencies},
		{"regions of clouds", test_cloud},
		{"counts and draws", test_counts},
		{"bad compositions say where and what", test_bad},
		{"bad parameters", test_bad_generators},
	};

	return unit_main("compose", tests, sizeof(tests) / sizeof(tests[0]));
}
