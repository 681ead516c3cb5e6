/* SPDX-License-Identifier: MIT */
/* The scenario's keys of a generated topology, and the experiment's network. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/experiment/experiment_new.h"
#include "sfemu/scenario.h"
#include "tests/unit/unit.h"

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

static const char *const campus = SFE_SOURCE_DIR "/scenarios/campus.yaml";

static char *files_of(const struct sfe_scenario *s)
{
	struct sfe_topology *t = NULL;
	struct sfe_error err = {0};
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (sfe_scenario_topology(s, &t, &err))
		printf("%s: %s\n", err.where, err.what);
	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	CU_ASSERT_EQUAL(sfe_topology_write(t, f, f, f), 0);
	fclose(f);
	sfe_topology_free(t);
	return text;
}

/* A scenario's composition, written as resolved, reads back as the same; its draws depend on the
 * seed. */
static void test_composed(void)
{
	static const char *const seeds[] = {"seed=1", "seed=2"};
	char *text[2], *again;

	for (int i = 0; i < 2; i++) {
		char path[] = "/tmp/sfe-scenario-XXXXXX";
		const char *tasks =
			"workload.tasks=" SFE_SOURCE_DIR "/scenarios/workloads/quickstart.csv";
		struct sfe_scenario *s;
		FILE *f = fdopen(mkstemp(path), "w");

		CU_ASSERT_PTR_NOT_NULL_FATAL(f);
		CU_ASSERT_EQUAL_FATAL(sfe_scenario_read(campus, &seeds[i], 1, &s, NULL), 0);
		text[i] = files_of(s);
		CU_ASSERT_EQUAL(sfe_scenario_write(s, f), 0);
		fclose(f);
		sfe_scenario_free(s);
		CU_ASSERT_EQUAL_FATAL(sfe_scenario_read(path, &tasks, 1, &s, NULL), 0);
		again = files_of(s);
		CU_ASSERT_STRING_EQUAL(text[i], again);
		free(again);
		sfe_scenario_free(s);
		unlink(path);
	}
	CU_ASSERT_STRING_NOT_EQUAL(text[0], text[1]);
	free(text[0]);
	free(text[1]);
}

static void test_composed_badly(void)
{
	static const struct {
		const char *set, *where, *what;
	} bad[] = {
		{"topology.compose={cells: [{lan: [abacus]}]}", "--set topology.compose:1",
			"abacus"},
		{"topology.generate=iiot", "--set topology.generate=iiot", "together with"},
		{"topology.compose=3", "--set topology.compose:1", "not a group"},
		{"topology.compose=", SFE_SOURCE_DIR "/scenarios/campus.yaml:",
			"there is no topology"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sfe_scenario *s = NULL;
		struct sfe_topology *t;
		struct sfe_error err = {0};
		int rc = sfe_scenario_read(campus, &bad[i].set, 1, &s, &err);

		rc = rc ? rc : sfe_scenario_topology(s, &t, &err);
		CU_ASSERT_EQUAL(rc, -22);
		bool told = !strncmp(err.where, bad[i].where, strlen(bad[i].where)) &&
			    strstr(err.what, bad[i].what) && err.todo[0];
		CU_ASSERT(told);
		if (!told)
			printf("case %zu: %s: %s\n", i, err.where, err.what);
		sfe_scenario_free(s);
	}
}

/* The keys of a generated topology reach the generator. */
static void test_generated(void)
{
	static const struct {
		const char *sets[4];
		uint32_t nodes, edge_latencies;
	} made[] = {
		{{"topology.generate=iiot", "topology.racks=1", "topology.servers=2"}, 4 * 7, 0},
		{{"topology.generate=urban", "topology.cells=2", "topology.density=3",
			 "topology.latency=true"},
			2 * 13 + 10, 2 * 2 * 4 + 4},
		{{"topology.generate=cloud", "topology.regions=us-west1,us-west2,us-east1"}, 15, 6},
	};

	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
		struct sfe_scenario *s;
		struct sfe_topology *t;
		uint32_t n = 0;

		while (n < 4 && made[i].sets[n])
			n++;
		CU_ASSERT_EQUAL_FATAL(sfe_scenario_read(URBAN, made[i].sets, n, &s, NULL), 0);
		CU_ASSERT_EQUAL_FATAL(sfe_scenario_topology(s, &t, NULL), 0);
		CU_ASSERT_EQUAL(t->n_nodes, made[i].nodes);
		CU_ASSERT_EQUAL(t->n_edge_latencies, made[i].edge_latencies);
		sfe_topology_free(t);
		sfe_scenario_free(s);
	}
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
		{"five cells by default", test_preset},
		{"a composition", test_composed},
		{"bad compositions", test_composed_badly},
		{"generated with parameters", test_generated},
		{"bad values say what to do", test_bad},
		{"cells are written", test_written},
		{"an experiment has the network", test_experiment},
	};

	return unit_main("scenario topology", tests, sizeof(tests) / sizeof(tests[0]));
}
