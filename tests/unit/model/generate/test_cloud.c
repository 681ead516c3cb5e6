/* SPDX-License-Identifier: MIT */
/* The cloud outside of a topology. */
#include <errno.h>
#include <string.h>

#include "emu/experiment/cloud.h"
#include "sfemu/generate.h"
#include "tests/unit/unit.h"

static struct sfe_topology *iiot(void)
{
	struct sfe_topology *t = NULL;

	CU_ASSERT_EQUAL_FATAL(sfe_topology_iiot(2, &t, NULL), 0);
	return t;
}

static struct sfe_scenario scenario(char *at)
{
	return (struct sfe_scenario){.cloud = {.link = {.rate_bps = 5000000}, .at = at},
		.n_strategies = 1,
		.strategies = {&sfe_unchained_external}};
}

static void test_added(void)
{
	struct sfe_scenario s = scenario(NULL);
	struct sfe_topology *t = iiot(), *with = NULL;
	struct sfe_routing *r = NULL, *r_with = NULL;

	CU_ASSERT_EQUAL_FATAL(sfe_routing_new(t, SFE_PHYSICAL, &r, NULL), 0);
	CU_ASSERT_EQUAL_FATAL(sfe_cloud_add(&s, t, r, &with, NULL), 0);
	CU_ASSERT_EQUAL_FATAL(sfe_routing_new(with, SFE_PHYSICAL, &r_with, NULL), 0);
	CU_ASSERT_EQUAL(with->n_nodes, t->n_nodes + 1);
	CU_ASSERT_EQUAL(with->n_links, t->n_links + 2);
	CU_ASSERT_EQUAL(with->n_junctions, t->n_junctions);
	for (uint32_t n = 0; n < t->n_nodes; n++)
		CU_ASSERT_STRING_EQUAL(with->nodes[n].name, t->nodes[n].name);
	for (uint32_t l = 0; l < t->n_links; l++)
		CU_ASSERT_STRING_EQUAL(with->links[l].name, t->links[l].name);
	CU_ASSERT_STRING_EQUAL(with->nodes[t->n_nodes].name, SFE_CLOUD_NODE);
	/* Paths between the others are unchanged; all reach the cloud over one more link. */
	for (uint32_t n = 1; n < t->n_nodes; n++) {
		CU_ASSERT_EQUAL(sfe_routing_hops(r_with, 0, n), sfe_routing_hops(r, 0, n));
		CU_ASSERT_NOT_EQUAL(sfe_routing_hops(r_with, n, t->n_nodes), SFE_NONE);
		CU_ASSERT_NOT_EQUAL(sfe_routing_hops(r_with, t->n_nodes, n), SFE_NONE);
	}
	CU_ASSERT_TRUE(sfe_cloud_has_link(&s, with->links[t->n_links].name));
	CU_ASSERT_FALSE(sfe_cloud_has_link(&s, with->links[0].name));
	CU_ASSERT_EQUAL(with->links[t->n_links].capacity_mbps, 5);
	sfe_routing_free(r_with);
	sfe_routing_free(r);
	sfe_topology_free(with);
	sfe_topology_free(t);
}

static void test_place(void)
{
	struct sfe_topology *t = iiot(), *with = NULL;
	struct sfe_routing *r = NULL;
	struct sfe_error err = {0};

	CU_ASSERT_EQUAL_FATAL(sfe_routing_new(t, SFE_PHYSICAL, &r, NULL), 0);
	for (uint32_t j = 0; j < t->n_junctions; j++) {
		struct sfe_scenario s = scenario(t->junctions[j].name);
		CU_ASSERT_EQUAL_FATAL(sfe_cloud_add(&s, t, r, &with, NULL), 0);
		sfe_topology_free(with);
	}
	struct sfe_scenario nowhere = scenario((char *)"nowhere");
	CU_ASSERT_EQUAL(sfe_cloud_add(&nowhere, t, r, &with, &err), -EINVAL);
	CU_ASSERT_STRING_EQUAL(err.where, "cloud.at");
	struct sfe_scenario no_rate = scenario(NULL);
	no_rate.cloud.link.rate_bps = 0;
	CU_ASSERT_EQUAL(sfe_cloud_add(&no_rate, t, r, &with, &err), -EINVAL);
	CU_ASSERT_STRING_EQUAL(err.where, "cloud.rate");
	sfe_routing_free(r);
	sfe_topology_free(t);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"the cloud comes last, and all nodes reach it", test_added},
		{"it is attached to the given junction", test_place},
	};

	return unit_main("cloud", tests, sizeof(tests) / sizeof(tests[0]));
}
