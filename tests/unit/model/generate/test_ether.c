/* SPDX-License-Identifier: MIT */
/* Ether's scenarios: equal to Ether's own files, and their sizes, law and seed. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "emu/model/base/text.h"
#include "emu/model/generate/compose.h"
#include "sfemu/generate.h"
#include "tests/unit/model/topology/topology_texts.h"

#define REFERENCE SFE_SOURCE_DIR "/../shared/reference/network/"

static bool have_reference(void)
{
	if (!access(REFERENCE "iiot.0.nodes", R_OK))
		return true;
	printf("SKIPPED: ../shared/reference is absent\n");
	return false;
}

static void check_reference(const struct sfe_topology *t, const char *name)
{
	static const char *const ends[3] = {".nodes", ".links", ".edges"};
	struct texts x;

	write_texts(t, &x);
	for (int i = 0; i < 3; i++) {
		char path[1024], *want;
		size_t len;

		snprintf(path, sizeof(path), REFERENCE "%s%s", name, ends[i]);
		CU_ASSERT_EQUAL_FATAL(sfe_text_load(path, &want, &len, NULL), 0);
		CU_ASSERT_STRING_EQUAL(x.text[i], want);
		free(want);
	}
	free_texts(&x);
}

static void test_iiot_is_ethers(void)
{
	struct sfe_topology *t;

	if (!have_reference())
		return;
	CU_ASSERT_EQUAL_FATAL(sfe_topology_iiot(4, &t, NULL), 0);
	check_reference(t, "iiot.0");
	sfe_topology_free(t);
}

/* The number of switches on cell i's shared link, without that of its compute box; 0: no such
 * cell. */
static uint32_t pairs_of_cell(const struct sfe_topology *t, uint32_t i)
{
	char name[32];
	uint32_t pairs = 0;

	snprintf(name, sizeof(name), "link_%u", i);
	uint32_t v = sfe_vertex_find(t, name);
	if (v == SFE_NONE)
		return 0;
	for (uint32_t e = t->edge_begin[v]; e < t->edge_begin[v + 1]; e++)
		pairs += sfe_vertex_kind(t, t->edge_to[e]) == SFE_VERTEX_JUNCTION;
	return pairs - 1;
}

/* The generator's composition with given counts in place of its draws. */
static struct sfe_topology *urban_of(const uint32_t *pairs, uint32_t cells)
{
	const struct sfe_generator g = {.scenario = "urban"};
	SFE_TREE_AUTO struct sfe_tree *tree = NULL;
	struct sfe_topology *t;
	char *text, *all, *line;
	size_t len;
	FILE *f = open_memstream(&all, &len);

	CU_ASSERT_EQUAL_FATAL(sfe_topology_composition(&g, &text, NULL), 0);
	line = strstr(text, "  - {cell: neighbourhood,");
	CU_ASSERT_PTR_NOT_NULL_FATAL(line);
	fprintf(f, "%.*s", (int)(line - text), text);
	for (uint32_t i = 0; i < cells; i++)
		fprintf(f,
			"  - {cell: neighbourhood, draw: {urban: %u}, uplink: {kind: mobile, "
			"to: internet_chix}}\n",
			pairs[i]);
	fputs(strchr(line, '\n') + 1, f);
	fclose(f);
	CU_ASSERT_EQUAL_FATAL(sfe_tree_read(all, len, "urban", 0, &tree, NULL), 0);
	CU_ASSERT_EQUAL_FATAL(sfe_compose(tree, "urban", 1, &t, NULL), 0);
	free(text);
	free(all);
	return t;
}

/* Only the counts are drawn; with the reference's counts everything equals the reference. */
static void test_urban_is_ethers(void)
{
	struct sfe_topology *want, *t;
	uint32_t pairs[16], cells = 0;

	if (!have_reference())
		return;
	CU_ASSERT_EQUAL_FATAL(sfe_topology_read(REFERENCE "urban_sensing.0.nodes",
				      REFERENCE "urban_sensing.0.links",
				      REFERENCE "urban_sensing.0.edges", &want, NULL),
		0);
	while (cells < 16 && (pairs[cells] = pairs_of_cell(want, cells)))
		cells++;
	CU_ASSERT_EQUAL(cells, 5);
	t = urban_of(pairs, cells);
	check_reference(t, "urban_sensing.0");
	sfe_topology_free(t);
	sfe_topology_free(want);
}

static void test_urban_sizes(void)
{
	struct sfe_topology *t;
	struct sfe_error err;

	CU_ASSERT_EQUAL(sfe_topology_urban(0, 1, &t, &err), -22);
	CU_ASSERT_EQUAL(sfe_topology_urban(1001, 1, &t, &err), -22);
	for (uint32_t cells = 1; cells <= 7; cells++) {
		uint32_t pairs = 0;

		CU_ASSERT_EQUAL_FATAL(sfe_topology_urban(cells, 1, &t, &err), 0);
		for (uint32_t i = 0; i < cells; i++) {
			CU_ASSERT(pairs_of_cell(t, i) >= 1 && pairs_of_cell(t, i) <= 20);
			pairs += pairs_of_cell(t, i);
		}
		/* Two Pis and two Jetsons a pair, a NUC a cell, ten servers. */
		CU_ASSERT_EQUAL(t->n_nodes, 4 * pairs + cells + 10);
		/* Their links; a shared link, up and down per cell; the cloudlet's up and down. */
		CU_ASSERT_EQUAL(t->n_links, t->n_nodes + 3 * cells + 2);
		/* A switch a pair and a box; two racks, the cloudlet, the exchange. */
		CU_ASSERT_EQUAL(t->n_junctions, pairs + cells + 4);
		sfe_topology_free(t);
	}
}

/* Over many cells the counts follow the law: mostly 3 to 8 as in the reference, with a mean near
 * its 5.4. */
static void test_urban_law(void)
{
	struct sfe_topology *t;
	uint32_t sum = 0, usual = 0;

	CU_ASSERT_EQUAL_FATAL(sfe_topology_urban(1000, 7, &t, NULL), 0);
	for (uint32_t i = 0; i < 1000; i++) {
		uint32_t pairs = pairs_of_cell(t, i);

		sum += pairs;
		usual += pairs >= 3 && pairs <= 8;
	}
	CU_ASSERT(sum > 5200 && sum < 5900);
	CU_ASSERT(usual > 800);
	sfe_topology_free(t);
}

static void urban_texts(uint32_t cells, uint32_t seed, struct texts *x)
{
	struct sfe_topology *t;

	CU_ASSERT_EQUAL_FATAL(sfe_topology_urban(cells, seed, &t, NULL), 0);
	write_texts(t, x);
	sfe_topology_free(t);
}

static void test_urban_seed(void)
{
	struct sfe_topology *few, *more;
	struct texts a, same, other;

	urban_texts(5, 1, &a);
	urban_texts(5, 1, &same);
	urban_texts(5, 2, &other);
	for (int i = 0; i < 3; i++) {
		CU_ASSERT_STRING_EQUAL(a.text[i], same.text[i]);
		CU_ASSERT_STRING_NOT_EQUAL(a.text[i], other.text[i]);
	}
	free_texts(&a);
	free_texts(&same);
	free_texts(&other);
	CU_ASSERT_EQUAL_FATAL(sfe_topology_urban(3, 1, &few, NULL), 0);
	CU_ASSERT_EQUAL_FATAL(sfe_topology_urban(9, 1, &more, NULL), 0);
	for (uint32_t i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(pairs_of_cell(few, i), pairs_of_cell(more, i));
	sfe_topology_free(few);
	sfe_topology_free(more);
}

static void test_iiot_sizes(void)
{
	struct sfe_topology *t;
	struct sfe_error err;

	CU_ASSERT_EQUAL(sfe_topology_iiot(0, &t, &err), -22);
	CU_ASSERT_EQUAL(sfe_topology_iiot(10001, &t, &err), -22);
	for (uint32_t p = 1; p <= 7; p++) {
		CU_ASSERT_EQUAL_FATAL(sfe_topology_iiot(p, &t, &err), 0);
		CU_ASSERT_EQUAL(t->n_nodes, 20 * p);
		CU_ASSERT_EQUAL(t->n_links, 25 * p);
		CU_ASSERT_EQUAL(t->n_junctions, 6 * p + (p > 3 ? 2 : 1));
		CU_ASSERT_EQUAL(sfe_vertex_find(t, "internet_nyc") == SFE_NONE, p <= 3);
		sfe_topology_free(t);
	}
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"iiot is Ether's, byte for byte", test_iiot_is_ethers},
		{"iiot of other sizes", test_iiot_sizes},
		{"urban is Ether's, byte for byte", test_urban_is_ethers},
		{"urban of other sizes", test_urban_sizes},
		{"urban's counts follow the law", test_urban_law},
		{"urban's counts follow the seed", test_urban_seed},
	};

	return unit_main("Ether's scenarios", tests, sizeof(tests) / sizeof(tests[0]));
}
