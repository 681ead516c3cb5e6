/* SPDX-License-Identifier: MIT */
#include "emu/model/scenario/scenario_keys.h"
#include "emu/model/scenario/scenario_sections.h"
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
	CU_ASSERT_EQUAL(s->workload.params.shape, SFE_SHAPE_CHAIN);
	CU_ASSERT_EQUAL(s->workload.arrivals, SFE_ARRIVALS_TRACE);
	CU_ASSERT_EQUAL(s->placement, SFE_PROC_NET);
	CU_ASSERT_EQUAL(s->n_strategies, 3);
	CU_ASSERT_PTR_EQUAL(s->strategies[0], &sfe_pure_faas);
	CU_ASSERT_PTR_EQUAL(s->strategies[2], &sfe_state_local);
	CU_ASSERT_EQUAL(s->substrate, SFE_SUBSTRATE_AUTO);
	CU_ASSERT_EQUAL(s->clock, SFE_CLOCK_AUTO);
	CU_ASSERT_EQUAL(s->keep, SFE_KEEP_NOTHING);
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
	CU_ASSERT_EQUAL(s->workload.params.shape, SFE_SHAPE_DAG);
	CU_ASSERT_EQUAL(s->workload.params.ops_factor, 0.1);
	CU_ASSERT_EQUAL(s->workload.params.state_factor, 0);
	CU_ASSERT_EQUAL(s->workload.arrivals, SFE_ARRIVALS_POISSON);
	CU_ASSERT_EQUAL(s->workload.poisson_rate, 2.7);
	CU_ASSERT_EQUAL(s->placement, SFE_PROC_ONLY);
	CU_ASSERT_EQUAL(s->n_strategies, 2);
	CU_ASSERT_PTR_EQUAL(s->strategies[0], &sfe_state_local);
	CU_ASSERT_EQUAL(s->clock, SFE_CLOCK_VIRTUAL);
	CU_ASSERT_EQUAL(s->keep, SFE_KEEP_STATES);
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

		/* A key of graphs is not there for chains. */
		CU_ASSERT_EQUAL(strstr(first, "\n  shape: dag\n") != NULL, i == 1);
		CU_ASSERT_EQUAL(strstr(first, "shape:") != NULL, i == 1);
		CU_ASSERT_EQUAL(strstr(first, "\nkeep: states\n") != NULL, i == 1);
		CU_ASSERT_EQUAL(strstr(first, "keep:") != NULL, i == 1);
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

#define MAX_CELLS 8

/* The cells of a row of a Markdown table, without spaces and backquotes around them. */
static unsigned split_row(char *line, char *cells[MAX_CELLS])
{
	unsigned n = 0;

	for (char *at = strchr(line, '|'); at && n < MAX_CELLS;) {
		char *cell = at + 1;
		at = strchr(cell, '|');
		if (!at)
			break;
		*at = '\0';
		cell += strspn(cell, " ");
		size_t len = strlen(cell);
		while (len && cell[len - 1] == ' ')
			cell[--len] = '\0';
		if (len > 1 && cell[0] == '`' && strchr(cell + 1, '`') == cell + len - 1) {
			cell[len - 1] = '\0';
			cell++;
		}
		cells[n++] = cell;
	}
	return n;
}

/* A row says the default of a key; "-" that there is no such key. */
static void check_row(const char *path, const char *preset, bool *seen)
{
	const struct sfe_key *key = sfe_key_find(path);
	bool good = strcmp(preset, "-") ? key && !seen[key - sfe_keys] &&
						  (!key->preset || !strcmp(key->preset, preset))
					: !key;

	if (!good)
		fprintf(stderr, "docs/scenario.md: '%s', default '%s'\n", path, preset);
	CU_ASSERT(good);
	if (key)
		seen[key - sfe_keys] = true;
}

/* A row of the table of links' keys has a column of defaults for each kind. */
static void check_link_row(char *cells[MAX_CELLS], bool *seen)
{
	static const char before[] = "link.KIND.";
	static const char *const kinds[] = {"node", "shared", "uplink", "downlink"};
	char path[128];

	CU_ASSERT(!strncmp(cells[0], before, strlen(before)));
	for (size_t k = 0; k < LEN(kinds); k++) {
		snprintf(path, sizeof(path), "link.%s.%s", kinds[k], cells[0] + strlen(before));
		check_row(path, cells[2 + k], seen);
	}
}

/* Each row of the tables of keys in docs/scenario.md is a key of the program with the same
 * default, each row of its table of sections a section; none is missing. */
static void test_documentation(void)
{
	FILE *in = fopen(SFE_SOURCE_DIR "/docs/scenario.md", "re");
	enum { NO_TABLE, KEYS, LINK_KEYS, SECTIONS } table = NO_TABLE;
	bool seen[SFE_MAX_KEYS] = {false};
	unsigned n_sections = 0, sections = 0;
	char line[1024], *cells[MAX_CELLS];

	CU_ASSERT_PTR_NOT_NULL_FATAL(in);
	while (fgets(line, sizeof(line), in)) {
		CU_ASSERT_PTR_NOT_NULL(strchr(line, '\n')); /* a whole line */
		if (!strncmp(line, "| key | type | default |", 24))
			table = KEYS;
		else if (!strncmp(line, "| key | type | node |", 21))
			table = LINK_KEYS;
		else if (!strncmp(line, "| section |", 11))
			table = SECTIONS;
		else if (line[0] != '|')
			table = NO_TABLE;
		else if (table != NO_TABLE && !strncmp(line, "| `", 3)) {
			CU_ASSERT_FATAL(split_row(line, cells) >= (table == LINK_KEYS ? 8 : 3));
			if (table == KEYS)
				check_row(cells[0], cells[2], seen);
			else if (table == LINK_KEYS)
				check_link_row(cells, seen);
			else if (sfe_section_find(cells[0]))
				n_sections++;
			else
				CU_FAIL("docs/scenario.md names a section that there is not");
		}
	}
	fclose(in);
	for (unsigned i = 0; i < sfe_n_keys; i++) {
		if (!seen[i])
			fprintf(stderr, "docs/scenario.md: '%s' is missing\n", sfe_keys[i].path);
		CU_ASSERT(seen[i]);
	}
	for (const struct sfe_section *s = sfe_sections; s->path; s++)
		sections++;
	CU_ASSERT_EQUAL(n_sections, sections);
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
