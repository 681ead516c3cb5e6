/* SPDX-License-Identifier: MIT */
/* A scenario and its --set texts: what is taken is written as resolved, and reads back as that.
 * The same text as a workflow's file: what is taken is a graph that the scenario's reader knows. */
#include "emu/model/workload/workflow_json.h"
#include "sfemu/scenario.h"
#include "tests/fuzz/fuzz.h"

#define MAX_SETS 4u

static char *resolved(const struct sfe_scenario *s, size_t *len)
{
	char *text;
	FILE *f = open_memstream(&text, len);

	CHECK(f && !sfe_scenario_write(s, f));
	fclose(f);
	return text;
}

static void round_trip(const struct sfe_scenario *s)
{
	struct sfe_scenario *again;
	size_t len, len_again;
	char *text = resolved(s, &len);

	CHECK(!sfe_scenario_parse(text, len, "resolved", NULL, 0, &again, NULL));
	char *text_again = resolved(again, &len_again);
	CHECK(len == len_again && !memcmp(text, text_again, len));
	free(text);
	free(text_again);
	sfe_scenario_free(again);
}

static void parse_graph(struct sfe_tree *graph)
{
	struct sfe_scenario *s;
	struct sfe_error err = {0};
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	CHECK(f);
	fputs("{topology: {generate: iiot}, functions: {f: {ops: 1, output: 1B}, g: {ops: 1, "
	      "output: argument / 2}}, workflows: [{name: w, states: ",
		f);
	sfe_tree_print(sfe_tree_get(graph, "states"), f);
	fputs(", steps: ", f);
	sfe_tree_print(sfe_tree_get(graph, "steps"), f);
	fputs("}]}", f);
	fclose(f);
	int rc = sfe_scenario_parse(text, len, "graph", NULL, 0, &s, &err);
	if (rc) {
		check_error(&err, rc);
	} else {
		round_trip(s);
		sfe_scenario_free(s);
	}
	free(text);
	sfe_tree_free(graph);
}

static void read_graph(struct part json)
{
	struct sfe_tree *graph;
	struct sfe_error err = {0};
	int rc = sfe_workflow_json_read(json.at, json.len, "graph.json", &graph, &err);

	if (rc)
		check_error(&err, rc);
	else
		parse_graph(graph);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct part rest = {(const char *)data, size}, yaml = next_part(&rest);
	char *sets[MAX_SETS];
	uint32_t n = 0;
	struct sfe_scenario *s;
	struct sfe_error err = {0};

	while (rest.at && n < MAX_SETS)
		sets[n++] = part_text(next_part(&rest));
	read_graph(yaml);
	int rc = sfe_scenario_parse(
		yaml.at, yaml.len, "scenario", (const char *const *)sets, n, &s, &err);
	if (rc) {
		check_error(&err, rc);
	} else {
		round_trip(s);
		sfe_scenario_free(s);
	}
	for (uint32_t i = 0; i < n; i++)
		free(sets[i]);
	return 0;
}
