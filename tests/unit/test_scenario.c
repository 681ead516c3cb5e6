/* SPDX-License-Identifier: MIT */
/* Scenario files: keys, errors with file and line, --set, writing and reading back, the documentation. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "emu/model/scenario_keys.h"
#include "sfemu/scenario.h"
#include "tests/unit/unit.h"

#define TOPOLOGY "topology: {generate: iiot}\n"
#define TASKS "workload: {tasks: " SFE_SOURCE_DIR "/scenarios/workloads/quickstart.csv}\n"
#define GOOD TOPOLOGY TASKS

static char folder[] = "/tmp/sfemu-test-scenario-XXXXXX";

static const char *file(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static int read_text(const char *text, const char *set, struct sfe_scenario **s, struct sfe_error *err)
{
	FILE *f = fopen(file("s.yaml"), "w");

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	fputs(text, f);
	fclose(f);
	*s = NULL;
	return sfe_scenario_read(file("s.yaml"), &set, set ? 1 : 0, s, err);
}

/* Refused with this place (of the file: its end, "s.yaml:3") and these words. */
static void refuse(const char *text, const char *set, const char *where, const char *words)
{
	struct sfe_scenario *s;
	struct sfe_error err = { 0 };
	int r = read_text(text, set, &s, &err);
	size_t have = strlen(err.where), want = strlen(where);

	if (r != -EINVAL || have < want || strcmp(err.where + have - want, where) || !strstr(err.what, words))
		printf("\nexpected %s: …%s…, got %d %s: %s\n%s", where, words, r, err.where, err.what, text);
	CU_ASSERT_EQUAL(r, -EINVAL);
	CU_ASSERT_TRUE(have >= want && !strcmp(err.where + have - want, where));
	CU_ASSERT_PTR_NOT_NULL(strstr(err.what, words));
	CU_ASSERT_FALSE(strchr(err.what, '\n') != NULL);
	sfe_scenario_free(s);
}

static void test_values(void)
{
	struct sfe_scenario *s;
	struct sfe_error err = { 0 };
	int r = read_text("seed: 7\n" GOOD
			  "link:\n  shared: {rate: 300Mbit, delay: 2ms, queue: 64kB}\n  uplink: {queue: 50ms}\n"
			  "tcp: {congestion: reno, mtu: 9000}\nplacement: ProcOnly\nstrategies: [StateLocal, PureFaaS]\n",
		NULL, &s, &err);

	CU_ASSERT_EQUAL_FATAL(r, 0);
	CU_ASSERT_STRING_EQUAL(s->name, "s");
	CU_ASSERT_EQUAL(s->seed, 7);
	CU_ASSERT_EQUAL(s->link[SFE_LINK_SHARED].rate_bps, 300000000);
	CU_ASSERT_EQUAL(s->link[SFE_LINK_SHARED].delay_ns, 2000000);
	CU_ASSERT_EQUAL(s->link[SFE_LINK_SHARED].queue_bytes, 64000);
	CU_ASSERT_EQUAL(s->link[SFE_LINK_UPLINK].queue_ns, 50000000);
	CU_ASSERT_EQUAL(s->link[SFE_LINK_UPLINK].rate_bps, 0);
	CU_ASSERT_STRING_EQUAL(s->tcp.congestion, "reno");
	CU_ASSERT_EQUAL(s->tcp.mtu, 9000);
	CU_ASSERT_EQUAL(s->placement, SFE_PROC_ONLY);
	CU_ASSERT_EQUAL(s->n_strategies, 2);
	CU_ASSERT_PTR_EQUAL(s->strategies[0], &sfe_state_local);
	CU_ASSERT_EQUAL(s->workload.jobs, 0);
	CU_ASSERT_DOUBLE_EQUAL(s->workload.params.state_factor, 1e6, 0);
	sfe_scenario_free(s);
}

static void test_set(void)
{
	struct sfe_scenario *s;
	struct sfe_error err = { 0 };

	CU_ASSERT_EQUAL_FATAL(read_text(GOOD "link: {shared: {rate: 1Mbit}}\n", "link.shared.rate=100Mbit", &s, &err), 0);
	CU_ASSERT_EQUAL(s->link[SFE_LINK_SHARED].rate_bps, 100000000);
	sfe_scenario_free(s);
	CU_ASSERT_EQUAL_FATAL(read_text(GOOD, "workload.arrivals=poisson 2.5", &s, &err), 0);
	CU_ASSERT_EQUAL(s->workload.arrivals, SFE_ARRIVALS_POISSON);
	CU_ASSERT_DOUBLE_EQUAL(s->workload.poisson_rate, 2.5, 0);
	sfe_scenario_free(s);
	refuse(GOOD, "link.shared.speed=1Mbit", "--set link.shared.speed=1Mbit", "key");
	refuse(GOOD, "link.shared.rate=fast", "--set link.shared.rate=fast", "fast");
}

static void test_refused(void)
{
	refuse(GOOD "colour: red\n", NULL, "s.yaml:3", "colour");
	refuse(GOOD "link:\n  shared:\n    rate: 300\n", NULL, "s.yaml:5", "unit");
	refuse(GOOD "link:\n  shared: {rate: 0}\n", NULL, "s.yaml:4", "rate");
	refuse(GOOD "link: {shared: {delay: 2h}}\n", NULL, "s.yaml:3", "delay");
	refuse(GOOD "link: {shared: {queue: 100B}}\n", NULL, "s.yaml:3", "queue");
	refuse(GOOD "strategies: [PureFass]\n", NULL, "s.yaml:3", "PureFass");
	refuse(GOOD "strategies: [PureFaaS, PureFaaS]\n", NULL, "s.yaml:3", "PureFaaS");
	refuse(GOOD "strategies: []\n", NULL, "s.yaml:3", "strateg");
	refuse(GOOD "clock: sundial\n", NULL, "s.yaml:3", "sundial");
	refuse(GOOD "seed: -1\n", NULL, "s.yaml:3", "seed");
	refuse(GOOD "seed: 1\nseed: 2\n", NULL, "s.yaml:4", "seed");
	refuse(TASKS "topology: {generate: iiot, nodes: a, links: b, edges: c}\n", NULL, "s.yaml:2", "nodes");
	refuse(TASKS "topology: {nodes: /nowhere/n, links: /nowhere/l, edges: /nowhere/e}\n", NULL, "s.yaml:2", "/nowhere/n");
	refuse(TOPOLOGY "workload: {tasks: /nowhere/t.csv}\n", NULL, "s.yaml:2", "/nowhere/t.csv");
	refuse(GOOD "a: [1, 2\n", NULL, "s.yaml:4", "");
}

static void test_round_trip(void)
{
	struct sfe_scenario *a, *b;
	struct sfe_error err = { 0 };
	char first[8192] = "", second[8192] = "";
	int r = read_text(GOOD "link: {node: {rate: 1.5Gbit, queue: 3ms}, downlink: {queue: 1MiB}}\njob_timeout: 90s\n"
			       "results: /tmp/x\nstrategies: [StatePropagate]\n",
		NULL, &a, &err);

	CU_ASSERT_EQUAL_FATAL(r, 0);
	FILE *f = fmemopen(first, sizeof(first), "w");
	CU_ASSERT_EQUAL(sfe_scenario_write(a, f), 0);
	fclose(f);
	CU_ASSERT_EQUAL_FATAL(read_text(first, NULL, &b, &err), 0);
	f = fmemopen(second, sizeof(second), "w");
	CU_ASSERT_EQUAL(sfe_scenario_write(b, f), 0);
	fclose(f);
	CU_ASSERT_STRING_EQUAL(first, second);
	CU_ASSERT_EQUAL(memcmp(a->link, b->link, sizeof(a->link)), 0);
	CU_ASSERT_EQUAL(b->job_timeout_ns, 90000000000ull);
	for (unsigned i = 0; i < sfe_n_keys; i++) {
		const char *leaf = strrchr(sfe_keys[i].path, '.');
		CU_ASSERT_PTR_NOT_NULL(strstr(first, leaf ? leaf + 1 : sfe_keys[i].path));
	}
	sfe_scenario_free(a);
	sfe_scenario_free(b);
}

/* Each key has its row in scenarios/README.md, and each row is a key. */
static void test_documented(void)
{
	char line[1024], key[128];
	unsigned rows = 0;
	FILE *f = fopen(SFE_SOURCE_DIR "/scenarios/README.md", "r");

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	bool in_keys = false;
	while (fgets(line, sizeof(line), f)) {
		if (!strncmp(line, "## ", 3))
			in_keys = !strncmp(line, "## The keys", 11);
		if (!in_keys || sscanf(line, "| `%127[^`]` |", key) != 1)
			continue;
		rows++;
		if (!sfe_key_find(key))
			printf("\ndocumented but no key: %s\n", key);
		CU_ASSERT_PTR_NOT_NULL(sfe_key_find(key));
	}
	fclose(f);
	CU_ASSERT_EQUAL(rows, sfe_n_keys);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{ "values and defaults", test_values },
		{ "--set", test_set },
		{ "what is refused, and where", test_refused },
		{ "written and read back", test_round_trip },
		{ "every key is documented", test_documented },
	};

	if (!mkdtemp(folder))
		return EXIT_FAILURE;
	int status = unit_main("scenario", tests, sizeof(tests) / sizeof(tests[0]));
	unlink(file("s.yaml"));
	rmdir(folder);
	return status;
}
