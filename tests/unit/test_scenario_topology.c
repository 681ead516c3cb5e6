/* SPDX-License-Identifier: MIT */
/* The scenario's keys of a generated topology, and what an experiment makes of them. */
#include <stdio.h>
#include <string.h>

#include "emu/run/experiment.h"
#include "sfemu/scenario.h"
#include "unit.h"

#define URBAN SFE_SOURCE_DIR "/scenarios/urban.yaml"

static int read_with(const char *set, struct sfe_scenario **s, struct sfe_error *err)
{
	return sfe_scenario_read(URBAN, &set, set ? 1 : 0, s, err);
}

static void test_urban(void)
{
	struct sfe_scenario *s;

	CU_ASSERT_EQUAL_FATAL(read_with(NULL, &s, NULL), 0);
	CU_ASSERT_STRING_EQUAL_FATAL(s->topology.generate, "urban");
	CU_ASSERT_EQUAL(s->topology.cells, 5);
	CU_ASSERT_PTR_NULL(s->topology.nodes);
	sfe_scenario_free(s);
	CU_ASSERT_EQUAL_FATAL(read_with("topology.cells=1000", &s, NULL), 0);
	CU_ASSERT_EQUAL(s->topology.cells, 1000);
	sfe_scenario_free(s);
}

static void test_preset(void)
{
	struct sfe_scenario *s;

	CU_ASSERT_EQUAL_FATAL(
		sfe_scenario_read(SFE_SOURCE_DIR "/scenarios/iiot.yaml", NULL, 0, &s, NULL), 0);
	CU_ASSERT_EQUAL(s->topology.cells, 5);
	sfe_scenario_free(s);
}

static void test_bad(void)
{
	static const char *const sets[] = {"topology.cells=0", "topology.cells=1001",
		"topology.cells=five", "topology.generate=rural", "topology.nodes=x"};

	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		struct sfe_scenario *s;
		struct sfe_error err = {0};

		CU_ASSERT_EQUAL(read_with(sets[i], &s, &err), -22);
		CU_ASSERT(err.todo[0]);
	}
}

static void test_written(void)
{
	struct sfe_scenario *s;
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	CU_ASSERT_EQUAL_FATAL(read_with("topology.cells=3", &s, NULL), 0);
	CU_ASSERT_EQUAL(sfe_scenario_write(s, f), 0);
	fclose(f);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "  cells: 3\n"));
	free(text);
	sfe_scenario_free(s);
}

/* The experiment's network is the generator's for the scenario's cells and seed. */
static void test_experiment(void)
{
	struct sfe_scenario *s;
	struct sfe_experiment *e;
	struct sfe_topology *t;

	CU_ASSERT_EQUAL_FATAL(read_with("seed=3", &s, NULL), 0);
	CU_ASSERT_EQUAL_FATAL(sfe_experiment_new(s, &e, NULL), 0);
	CU_ASSERT_EQUAL_FATAL(sfe_topology_urban(5, 3, &t, NULL), 0);
	CU_ASSERT_EQUAL(e->topology->n_nodes, t->n_nodes);
	CU_ASSERT(sfe_vertex_find(e->topology, "up_shared_4") != SFE_NONE);
	sfe_topology_free(t);
	sfe_experiment_free(e);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"urban.yaml generates its network", test_urban},
		{"five cells when nothing is said", test_preset},
		{"bad values say what to do", test_bad},
		{"cells are written", test_written},
		{"an experiment has the network", test_experiment},
	};

	return unit_main("scenario topology", tests, sizeof(tests) / sizeof(tests[0]));
}
