/* SPDX-License-Identifier: MIT */
#include "emu/model/scenario/scenario_keys.h"
#include "tests/unit/model/scenario/scenario_texts.h"

static void test_defaults(void)
{
	struct sfe_scenario *s = good(BASE, NULL, 0);
	char *path = NULL;

	CU_ASSERT_STRING_EQUAL(s->name, "s");
	CU_ASSERT_STRING_EQUAL(s->file, "s.yaml");
	CU_ASSERT_EQUAL(s->seed, 1);
	CU_ASSERT_STRING_EQUAL(s->topology.generate, "iiot");
	CU_ASSERT_EQUAL(s->topology.premises, 4);
	CU_ASSERT_PTR_NULL(s->topology.nodes);
	CU_ASSERT_EQUAL(s->link[SFE_LINK_SHARED].rate_bps, 0);
	CU_ASSERT_EQUAL(s->link[SFE_LINK_NODE].delay.a_ns, 50000);
	CU_ASSERT_EQUAL(s->link[SFE_LINK_SHARED].delay.a_ns, 2000000);
	CU_ASSERT_EQUAL(s->link[SFE_LINK_UPLINK].delay.a_ns, 5000000);
	CU_ASSERT_EQUAL(s->link[SFE_LINK_DOWNLINK].queue_ns, 100000000);
	CU_ASSERT_STRING_EQUAL(s->tcp.congestion, "cubic");
	CU_ASSERT(s->tcp.slow_start_after_idle && s->tcp.sack && s->tcp.timestamps);
	CU_ASSERT_EQUAL(s->tcp.rmem_max, 6000000);
	CU_ASSERT_EQUAL(s->tcp.wmem_max, 4000000);
	CU_ASSERT_EQUAL(s->tcp.initial_window, 10);
	CU_ASSERT_EQUAL(s->tcp.mtu, 1500);
	CU_ASSERT_EQUAL(s->workload.jobs, 0);
	CU_ASSERT_EQUAL(s->workload.params.functions, 10);
	CU_ASSERT_EQUAL(s->workload.params.ops_factor, 1e5);
	CU_ASSERT_EQUAL(s->workload.params.arg_factor, 1e6);
	CU_ASSERT_EQUAL(s->workload.params.state_factor, 1e6);
	CU_ASSERT_EQUAL(s->workload.arrivals, SFE_ARRIVALS_TRACE);
	CU_ASSERT_EQUAL(s->placement, SFE_PROC_NET);
	CU_ASSERT_EQUAL(s->n_strategies, 3);
	CU_ASSERT_PTR_EQUAL(s->strategies[0], &sfe_pure_faas);
	CU_ASSERT_PTR_EQUAL(s->strategies[2], &sfe_state_local);
	CU_ASSERT_EQUAL(s->substrate, SFE_SUBSTRATE_AUTO);
	CU_ASSERT_EQUAL(s->clock, SFE_CLOCK_AUTO);
	CU_ASSERT_EQUAL(s->job_timeout_ns, 3600000000000);
	CU_ASSERT_FALSE(s->jobs_may_fail);
	CU_ASSERT_EQUAL(s->invocation.deadline_ns, 0);
	CU_ASSERT_EQUAL(s->invocation.retries, 0);
	CU_ASSERT_EQUAL(s->invocation.backoff_ns, 100000000);
	CU_ASSERT_EQUAL(s->replicas, 0);
	CU_ASSERT(asprintf(&path, "%s/results", folder) > 0);
	CU_ASSERT_STRING_EQUAL(s->results, path);
	free(path);
	sfe_scenario_free(s);
}

static void test_everything(void)
{
	struct sfe_scenario *s = good(everything, NULL, 0);

	CU_ASSERT_STRING_EQUAL(s->name, "all-of-it");
	CU_ASSERT_EQUAL(s->seed, 2147483646);
	CU_ASSERT_PTR_NULL(s->topology.generate);
	CU_ASSERT_EQUAL(s->topology.edges[0], '/');
	CU_ASSERT_PTR_NOT_NULL(strstr(s->topology.edges, "/we\"ird \\.edges"));
	CU_ASSERT_EQUAL(s->link[SFE_LINK_SHARED].rate_bps, 300000000);
	CU_ASSERT_EQUAL(s->link[SFE_LINK_SHARED].delay.a_ns, 2500000);
	CU_ASSERT_EQUAL(s->link[SFE_LINK_SHARED].queue_bytes, 64000);
	CU_ASSERT_EQUAL(s->link[SFE_LINK_SHARED].queue_ns, 0);
	CU_ASSERT_EQUAL(s->link[SFE_LINK_UPLINK].delay.a_ns, 0);
	CU_ASSERT_EQUAL(s->link[SFE_LINK_UPLINK].queue_ns, 20000000);
	CU_ASSERT_STRING_EQUAL(s->tcp.congestion, "bbr");
	CU_ASSERT(!s->tcp.slow_start_after_idle && !s->tcp.sack && !s->tcp.timestamps);
	CU_ASSERT_EQUAL(s->tcp.rmem_max, 16 << 20);
	CU_ASSERT_EQUAL(s->workload.jobs, 50);
	CU_ASSERT_EQUAL(s->workload.params.ops_factor, 0.1);
	CU_ASSERT_EQUAL(s->workload.params.state_factor, 0);
	CU_ASSERT_EQUAL(s->workload.arrivals, SFE_ARRIVALS_POISSON);
	CU_ASSERT_EQUAL(s->workload.poisson_rate, 2.7);
	CU_ASSERT_EQUAL(s->placement, SFE_PROC_ONLY);
	CU_ASSERT_EQUAL(s->n_strategies, 2);
	CU_ASSERT_PTR_EQUAL(s->strategies[0], &sfe_state_local);
	CU_ASSERT_EQUAL(s->clock, SFE_CLOCK_VIRTUAL);
	CU_ASSERT_EQUAL(s->job_timeout_ns, 90000000000);
	CU_ASSERT(s->jobs_may_fail);
	CU_ASSERT_EQUAL(s->invocation.deadline_ns, 2500000000);
	CU_ASSERT_EQUAL(s->invocation.retries, 3);
	CU_ASSERT_EQUAL(s->invocation.backoff_ns, 20000000);
	CU_ASSERT_EQUAL(s->replicas, 2);
	CU_ASSERT_STRING_EQUAL(s->results, "/tmp/results");
	sfe_scenario_free(s);
}

/* A written scenario reads back as the same, from another folder and with every key. */
static void test_round_trip(void)
{
	static const char *const texts[] = {BASE, everything};

	for (size_t i = 0; i < LEN(texts); i++) {
		struct sfe_scenario *a = good(texts[i], NULL, 0), *b = NULL;
		struct sfe_error err = {0};
		char *first = written(a), *second;

		write_file("sub/other.yaml", first, strlen(first));
		CU_ASSERT_EQUAL(sfe_scenario_read("sub/other.yaml", NULL, 0, &b, &err), 0);
		CU_ASSERT_PTR_NOT_NULL_FATAL(b);
		second = written(b);
		CU_ASSERT_STRING_EQUAL(first, second);
		CU_ASSERT_EQUAL(memcmp(a->link, b->link, sizeof(a->link)), 0);
		CU_ASSERT_EQUAL(memcmp(&a->workload.params, &b->workload.params,
					sizeof(a->workload.params)),
			0);
		CU_ASSERT_EQUAL(a->workload.poisson_rate, b->workload.poisson_rate);
		CU_ASSERT_EQUAL(memcmp(a->strategies, b->strategies, sizeof(a->strategies)), 0);
		CU_ASSERT_STRING_EQUAL(a->results, b->results);
		sfe_scenario_free(a);
		sfe_scenario_free(b);
		free(first);
		free(second);
	}
}

/* Reads the table cell at *p (after "| ") without its backticks; *p moves to the next one. */
static void take_cell(char **p, char *cell, size_t size)
{
	char *end = strstr(*p, " |");
	int len = end ? (int)(end - *p) : 0;

	snprintf(cell, size, "%.*s", len, *p);
	*p += len + (end ? strlen(" | ") : 0);
	size_t n = strlen(cell);
	if (n >= 2 && cell[0] == '`' && cell[n - 1] == '`') {
		memmove(cell, cell + 1, n - 2);
		cell[n - 2] = '\0';
	}
}

/* Each key in the table of scenarios/README.md has the program's default; no key is missing. */
static void test_documentation(void)
{
	FILE *in = fopen(SFE_SOURCE_DIR "/scenarios/README.md", "re");
	bool seen[SFE_MAX_KEYS] = {false}, table = false;
	char line[1024], path[64], type[128], preset[64];

	CU_ASSERT_PTR_NOT_NULL_FATAL(in);
	while (fgets(line, sizeof(line), in)) {
		table = table || !strncmp(line, "| key | type |", strlen("| key | type |"));
		if (!table || strncmp(line, "| `", 3))
			continue;
		char *p = line + 2;
		take_cell(&p, path, sizeof(path));
		take_cell(&p, type, sizeof(type));
		if (*p == '|') /* an empty cell */
			preset[0] = '\0';
		else
			take_cell(&p, preset, sizeof(preset));
		const struct sfe_key *key = sfe_key_find(path);
		if (!key || (key->preset && strcmp(key->preset, preset)))
			fprintf(stderr, "scenarios/README.md: '%s', default '%s'\n", path, preset);
		CU_ASSERT_PTR_NOT_NULL(key);
		if (!key)
			continue;
		CU_ASSERT(!seen[key - sfe_keys]);
		seen[key - sfe_keys] = true;
		CU_ASSERT(!key->preset || !strcmp(key->preset, preset));
	}
	fclose(in);
	for (unsigned i = 0; i < sfe_n_keys; i++) {
		if (!seen[i])
			fprintf(stderr, "scenarios/README.md: '%s' is missing\n", sfe_keys[i].path);
		CU_ASSERT(seen[i]);
	}
}

/* The scenarios of the repository can be read. */
static void test_ready_scenarios(void)
{
	static const char *const files[] = {SFE_SOURCE_DIR "/scenarios/iiot.yaml",
		SFE_SOURCE_DIR "/scenarios/changing.yaml", SFE_SOURCE_DIR "/scenarios/chaos.yaml",
		SFE_SOURCE_DIR "/scenarios/urban.yaml"};

	for (size_t i = 0; i < LEN(files); i++) {
		struct sfe_error err = {0};
		struct sfe_scenario *s = NULL;
		CU_ASSERT_EQUAL(sfe_scenario_read(files[i], NULL, 0, &s, &err), 0);
		CU_ASSERT_STRING_EQUAL(err.what, "");
		sfe_scenario_free(s);
	}
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"defaults", test_defaults},
		{"every key", test_everything},
		{"written and read back", test_round_trip},
		{"documentation", test_documentation},
		{"ready scenarios", test_ready_scenarios},
	};

	return scenario_main("scenario", tests, LEN(tests));
}
