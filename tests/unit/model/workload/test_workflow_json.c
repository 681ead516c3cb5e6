/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/model/workload/workflow_json.h"
#include "tests/unit/unit.h"

static void expect(const char *json, const char *want)
{
	struct sfe_tree *t = NULL;
	struct sfe_error err = {0};
	char *text = NULL, buf[1200];
	size_t len;

	if (sfe_workflow_json_read(json, strlen(json), "g.json", &t, &err))
		fprintf(stderr, "%s\n", sfe_error_text(&err, buf, sizeof(buf)));
	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	FILE *out = open_memstream(&text, &len);
	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	sfe_tree_print(t, out);
	fclose(out);
	if (strcmp(text, want) != 0)
		fprintf(stderr, " got: %s\nwant: %s\n", text, want);
	CU_ASSERT_STRING_EQUAL(text, want);
	free(text);
	sfe_tree_free(t);
}

/* A function that is there twice is two steps, and each state that depends on it is of both. */
static void test_chain(void)
{
	expect("{ \"functions\" : [ \"f1\", \"f2\", \"f1\" ],\n"
	       "\t\"dependencies\":{\"s0\":[\"f1\"],\"s1\" : [ \"f2\", \"f1\" ], \"s2\": null,"
	       "\"s3\": []},\n"
	       "  \"state-sizes\" : {\"s0\":10000,\"s1\":20,\"s2\":30, \"s3\":0}}\n",
		"{'states': {'s0': {'size': '10000B'}, 's1': {'size': '20B'}, "
		"'s2': {'size': '30B'}, 's3': {'size': '0B'}}, 'steps': ["
		"{'name': 'f1.0', 'function': 'f1', 'after': [], 'update': ['s0', 's1']}, "
		"{'name': 'f2', 'function': 'f2', 'after': ['f1.0'], 'update': ['s1']}, "
		"{'name': 'f1.2', 'function': 'f1', 'after': ['f2'], 'update': ['s0', 's1']}]}");
	expect("{\"functions\": [\"f\"]}",
		"{'states': {}, 'steps': [{'name': 'f', 'function': 'f', 'after': [], 'update': "
		"[]}]}");
}

static void test_graph(void)
{
	expect("{\"successors\": [[1, 2], [3], [3]], \"functionNames\": [\"a\", \"b\", \"b\", "
	       "\"c\"], \"dependencies\": {\"s\": [\"c\"]}, \"state-sizes\": {\"s\": 7}}",
		"{'states': {'s': {'size': '7B'}}, 'steps': ["
		"{'name': 'a', 'function': 'a', 'after': [], 'update': []}, "
		"{'name': 'b.1', 'function': 'b', 'after': ['a'], 'update': []}, "
		"{'name': 'b.2', 'function': 'b', 'after': ['a'], 'update': []}, "
		"{'name': 'c', 'function': 'c', 'after': ['b.1', 'b.2'], 'update': ['s']}]}");
	expect("{\"successors\": [], \"functionNames\": [\"a\"]}",
		"{'states': {}, 'steps': [{'name': 'a', 'function': 'a', 'after': [], 'update': "
		"[]}]}");
}

#define CHAIN "{\"functions\": [\"f\", \"g\"],\n"
#define GRAPH "{\"functionNames\": [\"f\", \"g\", \"h\"],\n"

static void test_refused(void)
{
	static const struct {
		const char *json, *want;
	} cases[] = {
		{"", "g.json:1: the file is empty"},
		{"[]", "g.json:1: the file does not hold keys"},
		{"{\"functions\": [\"f\"]", "g.json:2: not YAML"},
		{"{}", "g.json:1: it has no functions or functionNames"},
		{"{\"functionNames\": [\"f\"]}", "g.json:1: it has no successors"},
		{CHAIN "\"successors\": []}", "g.json:2: unknown key 'successors'"},
		{CHAIN "\"state-size\": {}}", "g.json:2: unknown key 'state-size'"},
		{CHAIN "\"functions\": []}", "g.json:2: the key 'functions' is already given"},
		{"{\"functions\": []}", "g.json:1: functions: is not a list of 1 to 1000 names"},
		{"{\"functions\": \"f\"}", "g.json:1: functions: is not a list"},
		{"{\"functions\": [\"f\",\n\"\"]}",
			"g.json:2: functions: an element is not a name"},
		{"{\"functions\": [[\"f\"]]}", "g.json:1: functions: an element is not a name"},
		{GRAPH "\"successors\": [[1]]}", "g.json:2: successors: is not a list of 2 lists"},
		{GRAPH "\"successors\": {}}", "g.json:2: successors: is not a list of 2 lists"},
		{GRAPH "\"successors\": [[1],\n[]]}", "g.json:3: successors: an element is not a"},
		{GRAPH "\"successors\": [[1], 2]}", "g.json:2: successors: an element is not a"},
		{GRAPH "\"successors\": [[0], [2]]}",
			"g.json:2: successors: 0 is not a number from 1 to 2"},
		{GRAPH "\"successors\": [[1], [3]]}",
			"g.json:2: successors: 3 is not a number from 1 to 2"},
		{GRAPH "\"successors\": [[1, 1], [2]]}", "g.json:2: successors: 1 is there twice"},
		{GRAPH "\"successors\": [[2], [2]]}",
			"g.json:1: successors: nothing leads to function 1, g"},
		{CHAIN "\"dependencies\": []}", "g.json:2: dependencies: is not an object"},
		{CHAIN "\"dependencies\": {\"s\": \"f\"}}",
			"g.json:2: dependencies: s is not a list of functions"},
		{CHAIN "\"dependencies\": {\"s\": [\"h\"]}}",
			"g.json:2: dependencies: s depends on h, which is not there"},
		{CHAIN "\"dependencies\": {\"s\": [[]]}}",
			"g.json:2: dependencies: s depends on a list or group"},
		{CHAIN "\"dependencies\": {\"s\": [\"f\",\n\"f\"]}}",
			"g.json:3: dependencies: s names f twice"},
		{CHAIN "\"dependencies\": {\"s.1\": [\"f\"]}}",
			"g.json:2: dependencies: the name s.1 has a dot"},
		{CHAIN "\"dependencies\": {\"s\": [\"f\"]}}",
			"g.json:2: dependencies: the state s has no size"},
		{CHAIN "\"state-sizes\": {\"s\": 3}}",
			"g.json:2: state-sizes: s is not in dependencies"},
		{CHAIN "\"dependencies\": {\"s\": null}, \"state-sizes\": {\n\"s\": \"3kB\"}}",
			"g.json:3: state-sizes: s is not a number from 0 to 1073741824"},
		{CHAIN "\"dependencies\": {\"s\": null}, \"state-sizes\": {\n\"s\": -3}}",
			"g.json:3: state-sizes: s is not a number"},
		{CHAIN "\"dependencies\": {\"s\": null}, \"state-sizes\": {\n\"s\": 1073741825}}",
			"g.json:3: state-sizes: s is not a number"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sfe_tree *t = NULL;
		struct sfe_error err = {0};
		char buf[1200];
		int rc = sfe_workflow_json_read(
			cases[i].json, strlen(cases[i].json), "g.json", &t, &err);
		sfe_error_text(&err, buf, sizeof(buf));
		if (strncmp(buf, cases[i].want, strlen(cases[i].want)) != 0)
			fprintf(stderr, " got: %s\nwant: %s\n", buf, cases[i].want);
		CU_ASSERT(!strncmp(buf, cases[i].want, strlen(cases[i].want)));
		CU_ASSERT(rc == -EINVAL && !t && err.todo[0]);
	}
}

/* A function that is there often needs many states: more uses than the file has words. */
static void test_limit(void)
{
	char *json = NULL;
	size_t len;
	struct sfe_tree *t;
	struct sfe_error err = {0};
	FILE *out = open_memstream(&json, &len);

	CU_ASSERT_PTR_NOT_NULL_FATAL(out);
	fputs("{\"functions\": [\"f\"", out);
	for (int i = 1; i < 200; i++)
		fputs(", \"f\"", out);
	fputs("], \"state-sizes\": {\"s0\": 1", out);
	for (int i = 1; i < 100; i++)
		fprintf(out, ", \"s%d\": 1", i);
	fputs("}, \"dependencies\": {\"s0\": [\"f\"]", out);
	for (int i = 1; i < 100; i++)
		fprintf(out, ", \"s%d\": [\"f\"]", i);
	fputs("}}", out);
	fclose(out);
	CU_ASSERT_EQUAL(sfe_workflow_json_read(json, len, "g.json", &t, &err), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.what, "more than 16384 uses"));
	free(json);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"chain", test_chain},
		{"graph", test_graph},
		{"refused", test_refused},
		{"limit", test_limit},
	};

	return unit_main("workflow_json", tests, sizeof(tests) / sizeof(tests[0]));
}
