/* SPDX-License-Identifier: MIT */
#include "emu/report/sites.h"
#include "sfemu/topology.h"
#include "tests/unit/unit.h"

#define SITES 100u
#define NODES 20u

/* Vertex 0 is the exchange; site s has the switch 1 + s * (NODES + 1) and then its nodes. */
static uint32_t make(struct sfe_report_cable *c, uint32_t sites)
{
	uint32_t n = 0;

	for (uint32_t s = 0; s < sites; s++) {
		uint32_t hub = 1 + s * (NODES + 1);
		c[n++] = (struct sfe_report_cable){0, hub}; /* up */
		c[n++] = (struct sfe_report_cable){hub, 0}; /* down */
		for (uint32_t i = 1; i <= NODES; i++)
			c[n++] = (struct sfe_report_cable){hub + i, hub};
	}
	return n;
}

static void test_small(void)
{
	struct sfe_report_cable c[SITES * (NODES + 2)];
	uint32_t n = make(c, 5), *shown = sfe_report_sites(1 + 5 * (NODES + 1), c, n);

	CU_ASSERT_PTR_NOT_NULL_FATAL(shown);
	for (uint32_t v = 0; v < 1 + 5 * (NODES + 1); v++)
		CU_ASSERT_EQUAL(shown[v], v);
	free(shown);
}

/* A mark a site; not one for all of them. */
static void test_large(void)
{
	struct sfe_report_cable c[SITES * (NODES + 2)];
	uint32_t n = make(c, SITES), *shown = sfe_report_sites(1 + SITES * (NODES + 1), c, n);

	CU_ASSERT_PTR_NOT_NULL_FATAL(shown);
	CU_ASSERT_EQUAL(shown[0], 0);
	for (uint32_t v = 1; v < 1 + SITES * (NODES + 1); v++)
		CU_ASSERT_EQUAL(shown[v], v - (v - 1) % (NODES + 1));
	free(shown);
}

/* Many pairs of two, and a vertex without a cable. */
static void test_pairs(void)
{
	struct sfe_report_cable c[1000];

	for (uint32_t i = 0; i < 1000; i++)
		c[i] = (struct sfe_report_cable){2 * i, 2 * i + 1};
	uint32_t *shown = sfe_report_sites(2001, c, 1000);
	CU_ASSERT_PTR_NOT_NULL_FATAL(shown);
	for (uint32_t v = 0; v < 2000; v++)
		CU_ASSERT_EQUAL(shown[v], v & ~1u);
	CU_ASSERT_EQUAL(shown[2000], 2000);
	free(shown);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"a small network", test_small},
		{"sites", test_large},
		{"pairs", test_pairs},
	};

	return unit_main("sites", tests, sizeof(tests) / sizeof(tests[0]));
}
