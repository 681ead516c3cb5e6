/* SPDX-License-Identifier: MIT */
#include "emu/sweep/sweep_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/sweep/sweep_digest.h"
#include "emu/sweep/sweep_placed.h"
#include "emu/sweep/sweep_store.h"
#include "tests/unit/unit.h"

static char folder[] = "/tmp/sfe-sweep-XXXXXX";

static void write_file(const char *name, const char *text)
{
	FILE *out = fopen(name, "we");

	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	fputs(text, out);
	CU_ASSERT_EQUAL(fclose(out), 0);
}

static void test_inputs(void)
{
	write_file("tasks.csv", "1.0,j_1,T1,3,50.0,0.2,1\n1.0,j_1,T2_1,1,50.0,0.2,19\n");
	write_file(
		"base.yaml", "seed: 5\ntopology: {generate: iiot}\nworkload: {tasks: tasks.csv}\n");
}

static struct sfe_sweep *good(const char *text, const char *const *sets, uint32_t n_sets)
{
	struct sfe_error err = {0};
	struct sfe_sweep *s = NULL;
	char buf[1200];

	write_file("s.yaml", text);
	if (sfe_sweep_read("s.yaml", sets, n_sets, &s, &err))
		fprintf(stderr, "%s\n", sfe_error_text(&err, buf, sizeof(buf)));
	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	return s;
}

/* Names of a cell's files have the short form of its strategy. */
static void test_file_names(void)
{
	static const char *const want[] = {"change=StateLocal+StateLocal+seed=5",
		"change=StateLocal+StateLocal+fetch=parallel+seed=5"};
	struct sfe_sweep *s = good("base: base.yaml\ngrid:\n  change:\n    - StateLocal: {}\n"
				   "strategies: [StateLocal, StateLocal(fetch=parallel)]\n",
		NULL, 0);
	char name[256];

	for (uint32_t c = 0; c < 2; c++)
		CU_ASSERT_STRING_EQUAL(sfe_sweep_cell_name(s, c, name, sizeof(name)), want[c]);
	sfe_sweep_free(s);
}

/* The error line that the user sees begins with `want` and contains advice. */
static void refused(const char *text, const char *set, const char *want)
{
	struct sfe_error err = {0};
	struct sfe_sweep *s = NULL;
	char buf[1200];

	write_file("s.yaml", text);
	int ret = sfe_sweep_read("s.yaml", &set, set != NULL, &s, &err);
	sfe_error_text(&err, buf, sizeof(buf));
	if (ret != -EINVAL || strncmp(buf, want, strlen(want)) || !err.todo[0])
		fprintf(stderr, "%d, got:  %s\n   want: %s\n", ret, buf, want);
	CU_ASSERT_EQUAL(ret, -EINVAL);
	CU_ASSERT_PTR_NULL(s);
	CU_ASSERT_EQUAL(strncmp(buf, want, strlen(want)), 0);
	CU_ASSERT_TRUE(err.todo[0] != 0);
}

static void expect_label(const struct sfe_sweep *s, uint32_t cell, const char *want)
{
	char buf[200];

	CU_ASSERT_STRING_EQUAL(sfe_sweep_label(s, cell, buf, sizeof(buf)), want);
}

static void test_grid(void)
{
	struct sfe_sweep *s = good("base: base.yaml\n"
				   "name: mine\n"
				   "set: {link: {uplink: {delay: 9ms}}, workload.jobs: 7}\n"
				   "grid:\n"
				   "  link.shared.rate: [10Mbit, 20Mbit]\n"
				   "  tcp: {congestion: [bbr]}\n"
				   "  site:\n"
				   "    - small: {topology.premises: 1}\n"
				   "    - large: {topology: {premises: 3}, workload.arrivals: "
				   "sequential}\n"
				   "strategies: [StateLocal]\n"
				   "seeds: [4, 7..8]\n"
				   "rows: summary\n",
		NULL, 0);
	struct sfe_scenario *scenario;

	CU_ASSERT_EQUAL(s->n_cells, 12);
	CU_ASSERT_STRING_EQUAL(s->name, "mine");
	CU_ASSERT_TRUE(s->summary);
	expect_label(
		s, 0, "link.shared.rate=10Mbit tcp.congestion=bbr site=small StateLocal seed=4");
	expect_label(
		s, 11, "link.shared.rate=20Mbit tcp.congestion=bbr site=large StateLocal seed=8");
	CU_ASSERT_EQUAL_FATAL(sfe_sweep_scenario(s, 10, &scenario, NULL), 0);
	CU_ASSERT_EQUAL(scenario->link[SFE_LINK_SHARED].rate_bps, 20000000);
	CU_ASSERT_EQUAL(scenario->link[SFE_LINK_UPLINK].delay.a_ns, 9000000);
	CU_ASSERT_EQUAL(scenario->topology.premises, 3);
	CU_ASSERT_EQUAL(scenario->workload.jobs, 7);
	CU_ASSERT_EQUAL(scenario->workload.arrivals, SFE_ARRIVALS_SEQUENTIAL);
	CU_ASSERT_EQUAL(scenario->seed, 7);
	CU_ASSERT_EQUAL(scenario->n_strategies, 1);
	CU_ASSERT_STRING_EQUAL(scenario->name, "mine");
	sfe_scenario_free(scenario);
	sfe_sweep_free(s);
}

/* Strategies and seed come from the base scenario, and the command line overrides the file. */
static void test_defaults(void)
{
	const char *set = "workload.jobs=3";
	struct sfe_sweep *s = good("base: base.yaml\nset: {workload.jobs: 7}\n", &set, 1);
	struct sfe_scenario *scenario;

	CU_ASSERT_EQUAL(s->n_cells, 3);
	CU_ASSERT_STRING_EQUAL(s->name, "s");
	expect_label(s, 2, "StateLocal seed=5");
	CU_ASSERT_EQUAL_FATAL(sfe_sweep_scenario(s, 2, &scenario, NULL), 0);
	CU_ASSERT_EQUAL(scenario->workload.jobs, 3);
	sfe_scenario_free(scenario);
	sfe_sweep_free(s);
}

/* All cells of a frozen sweep have the places of its base, whatever their own would be. */
static void test_frozen(void)
{
	write_file(
		"tasks.csv", "1,j_1,T1,3,50,0.2,1\n1,j_1,T2,1,50,0.2,1\n1,j_1,T3_1_2,1,50,0.2,1\n");
	struct sfe_sweep *s = good("base: base.yaml\n"
				   "set: {placement: {rule: ProcNet, frozen: true}}\n"
				   "seeds: [9]\n"
				   "grid: {link.node.rate: [1Mbit, 100Gbit]}\n",
		NULL, 0);
	struct sfe_scenario *base, *cell;
	int dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char *from = NULL;

	CU_ASSERT_EQUAL_FATAL(sfe_sweep_base(s, &base, NULL), 0);
	CU_ASSERT(!base->link[SFE_LINK_NODE].rate_bps && base->seed == 5);
	CU_ASSERT_EQUAL_FATAL(sfe_sweep_scenario(s, 0, &cell, NULL), 0);
	CU_ASSERT(cell->placed.frozen && cell->link[SFE_LINK_NODE].rate_bps == 1000000);
	CU_ASSERT_EQUAL_FATAL(sfe_sweep_place_base(s, dir, ".", &from, NULL), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(from, "/placed"));
	CU_ASSERT(!access("placed/jobs.csv", R_OK) && !access("placed/invocations.csv", R_OK));
	cell->placed.from = from;

	struct sfe_placed *placed = NULL;
	struct sfe_topology *t = NULL;
	struct sfe_routing *r = NULL;
	struct sfe_workload *w = NULL;
	struct sfe_assignment *of_base = NULL, *of_cell = NULL;
	CU_ASSERT_EQUAL_FATAL(sfe_scenario_placed(cell, &placed, NULL), 0);
	const struct sfe_placement_rules rules = {.placed = placed};
	for (int i = 0; i < 2; i++) {
		CU_ASSERT_EQUAL_FATAL(sfe_scenario_topology(i ? cell : base, &t, NULL), 0);
		CU_ASSERT_EQUAL_FATAL(sfe_routing_new(t, SFE_PHYSICAL, &r, NULL), 0);
		CU_ASSERT_EQUAL_FATAL(sfe_scenario_workload(i ? cell : base, &w, NULL), 0);
		CU_ASSERT_EQUAL_FATAL(sfe_assign_with(t, r, w, SFE_PROC_NET, i ? &rules : NULL, 0,
					      7, i ? &of_cell : &of_base, NULL),
			0);
		sfe_workload_free(w);
		sfe_routing_free(r);
		sfe_topology_free(t);
	}
	CU_ASSERT_EQUAL(of_cell->client[0], of_base->client[0]);
	CU_ASSERT_EQUAL(of_cell->node[0][0], of_base->node[0][0]);
	sfe_assignment_free(of_base);
	sfe_assignment_free(of_cell);
	sfe_placed_free(placed);
	sfe_scenario_free(base);
	sfe_scenario_free(cell);
	sfe_sweep_free(s);
	close(dir);
	remove("placed/jobs.csv");
	remove("placed/invocations.csv");
	remove("placed");
	test_inputs();
}

#define BASE "base: base.yaml\n"

static void test_refused(void)
{
	refused("name: x\n", NULL, "s.yaml:1: there is no base scenario");
	refused("base: nowhere.yaml\n", NULL, "s.yaml:1: base: cannot read ./nowhere.yaml");
	refused("base: [a]\n", NULL, "s.yaml:1: ");
	refused(BASE "grit: {}\n", NULL, "s.yaml:2: unknown key 'grit'");
	refused(BASE "grid: [1]\n", NULL, "s.yaml:2: grid: is not a group of keys");
	refused(BASE "grid:\n  tcp.mtu: []\n", NULL, "s.yaml:3: tcp.mtu: is empty");
	refused(BASE "grid:\n  tcp.mtu: 1500\n", NULL, "s.yaml:3: tcp.mtu: is one value");
	refused(BASE "grid:\n  tcp.mtu: [1500,\n    900, 1500]\n", NULL,
		"s.yaml:4: tcp.mtu: '1500' is there already");
	refused(BASE "grid:\n  tcp.mtu: [1500,\n    7]\n", NULL, "s.yaml:4: tcp.mtu: 7 is out of");
	refused(BASE "grid:\n  tcp.mut: [1500]\n", NULL, "s.yaml:3: unknown key 'tcp.mut'");
	refused(BASE "grid:\n  site: [{a: 1}]\n", NULL,
		"s.yaml:3: site: is not a key of a scenario");
	refused(BASE "grid:\n  site:\n    - a: {tcp.mtu: 1500}\n    - a: {}\n", NULL,
		"s.yaml:5: site: 'a' is there already");
	refused(BASE "grid:\n  site:\n    - a: {seed: 1}\n", NULL,
		"s.yaml:4: seed: is not set in this place");
	refused(BASE "grid:\n  seed: [1]\n", NULL, "s.yaml:3: seed: is not set in this place");
	refused(BASE "set:\n  strategies: [PureFaaS]\n", NULL,
		"s.yaml:3: strategies: is not set in this place");
	refused(BASE "set: {tcp.mtu: 900}\ngrid:\n  tcp.mtu: [1500]\n", NULL,
		"s.yaml:4: tcp.mtu: set, for every cell, sets it too");
	refused(BASE "grid:\n  tcp.mtu: [1500]\n  site:\n    - a: {tcp: {mtu: 900}}\n", NULL,
		"s.yaml:5: tcp.mtu: tcp.mtu sets it too");
	refused(BASE "set:\n  workload.jobs: -1\n", NULL, "s.yaml:3: workload.jobs: '-1' is not");
	refused(BASE "set: 7\n", NULL, "s.yaml:2: set: is not a group of keys");
	refused(BASE "strategies: []\n", NULL, "s.yaml:2: strategies: is empty");
	refused(BASE "strategies: [PureFaaS,\n  Nonsense]\n", NULL,
		"s.yaml:3: strategies: there is no");
	refused(BASE "strategies: [PureFaaS, PureFaaS]\n", NULL,
		"s.yaml:2: strategy: 'PureFaaS' is there already");
	refused(BASE "seeds: [1, 1..2]\n", NULL, "s.yaml:2: seed: '1' is there already");
	refused(BASE "seeds: 5..1\n", NULL, "s.yaml:2: seeds: '5..1' is neither");
	refused(BASE "seeds: 1..\n", NULL, "s.yaml:2: seeds: '1..' is neither");
	refused(BASE "seeds: -1\n", NULL, "s.yaml:2: seeds: '-1' is neither");
	refused(BASE "seeds: 2147483647\n", NULL, "s.yaml:2: seeds: '2147483647' is neither");
	refused(BASE "seeds: 99999999999999999999\n", NULL, "s.yaml:2: seeds: ");
	refused(BASE "seeds: 0..2147483646\n", NULL, "s.yaml:2: seeds: more than 10000 values");
	refused(BASE "seeds: []\n", NULL, "s.yaml:2: seeds: is empty");
	refused(BASE "seeds: 1..9999\ngrid:\n  tcp.mtu: [1500, 1400, 1300, 1200]\n", NULL,
		"s.yaml:2: seed: the sweep has more than 100000 cells");
	refused(BASE "rows: all\n", NULL, "s.yaml:2: rows: 'all' is not known");
	refused(BASE "name: a/b\n", NULL, "s.yaml:2: name: the name a/b has a character");
	refused(BASE, "seed=1", "--set seed=1: is not set in this place");
	refused(BASE, "seed", "--set seed: is not key=value");
	refused(BASE, "tcp.mut=1", "--set tcp.mut=1: unknown key 'tcp.mut'");
}

static uint64_t spec(const char *scenario)
{
	uint64_t program = 1, digest = 0;

	CU_ASSERT_EQUAL(
		sfe_sweep_digest(scenario, strlen(scenario), &program, 1, &digest, NULL), 0);
	return digest;
}

/* Of a results folder that a placement is read from, its tables count, and not its path. */
static void test_spec_of_folders(void)
{
	char text[2][256], path[32], *here = getcwd(NULL, 0);

	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "run%d", i);
		CU_ASSERT_EQUAL(mkdir(path, 0755), 0);
		snprintf(text[i], sizeof(text[i]), "placement: {from: '%s/run%d'}\n", here, i);
		snprintf(path, sizeof(path), "run%d/jobs.csv", i);
		write_file(path, "job,client\n");
		snprintf(path, sizeof(path), "run%d/invocations.csv", i);
		write_file(path, "job,step,function,node\n");
	}
	free(here);
	CU_ASSERT_EQUAL(spec(text[0]), spec(text[1]));
	write_file("run1/jobs.csv", "job,client\n1,a\n");
	CU_ASSERT_NOT_EQUAL(spec(text[0]), spec(text[1]));
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "run%d/jobs.csv", i);
		remove(path);
		snprintf(path, sizeof(path), "run%d/invocations.csv", i);
		remove(path);
		snprintf(path, sizeof(path), "run%d", i);
		remove(path);
	}
}

/* The digest depends on the contents of files, but not on their paths or the results folder. */
static void test_spec(void)
{
	char text[3][256];
	const char *const names[] = {"a.csv", "b.csv", "c.csv"};
	char *here = getcwd(NULL, 0);

	write_file("a.csv", "1,2\n");
	write_file("b.csv", "1,2\n");
	write_file("c.csv", "1,3\n");
	for (int i = 0; i < 3; i++)
		snprintf(text[i], sizeof(text[i]),
			"seed: 1\nworkload:\n  tasks: \"%s/%s\"\nresults: /%s\n", here, names[i],
			names[i]);
	free(here);
	CU_ASSERT_EQUAL(spec(text[0]), spec(text[1]));
	CU_ASSERT_NOT_EQUAL(spec(text[0]), spec(text[2]));
	test_spec_of_folders();
	CU_ASSERT_NOT_EQUAL(spec("a: {b: 1}\n"), spec("a: {b: 2}\n"));
	CU_ASSERT_NOT_EQUAL(spec("a: {b: 1}\n"), spec("a: [1]\n"));
	CU_ASSERT_NOT_EQUAL(spec("a: [1, 12]\n"), spec("a: [11, 2]\n"));
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"inputs of the tests below", test_inputs},
		{"names of files", test_file_names},
		{"grid, labels, order", test_grid},
		{"what the base gives", test_defaults},
		{"frozen placement", test_frozen},
		{"bad sweeps, with their lines", test_refused},
		{"digest of what a cell is made from", test_spec},
	};

	if (!mkdtemp(folder) || chdir(folder))
		return EXIT_FAILURE;
	int status = unit_main("sweep", tests, sizeof(tests) / sizeof(tests[0]));
	for (const char *const *n = (const char *const[]){"tasks.csv", "base.yaml", "s.yaml",
		     "a.csv", "b.csv", "c.csv", NULL};
		*n; n++)
		unlink(*n);
	rmdir(folder);
	return status;
}
