/* SPDX-License-Identifier: MIT */
/* The section `functions`. */
#include "tests/unit/model/scenario/scenario_texts.h"

#include "emu/model/scenario/scenario_functions.h"

#define TASKS                                                                                      \
	"1,j_1,T1,3,50,2,1\n1,j_1,T2,1,50,4,1\n1,j_1,T3_1_2,5,100,8,1\n1,j_1,T4_3,2,100,16,1\n"
#define WORKLOAD                                                                                   \
	"topology: {generate: iiot}\nworkload: {tasks: tasks.csv, functions: 1, arg_factor: "      \
	"100}\n"

static void make_files(void)
{
	write_file("tasks.csv", TASKS, strlen(TASKS));
	write_file("f.so", "so", 2);
	write_file("count.py", "print()", 7);
	mkdir("more", 0755);
	write_file("more/count.py", "print()", 7);
}

static void test_read(void)
{
	struct sfe_scenario *s =
		good(BASE "functions:\n"
			  "  b: {exec: [python3, count.py, -v, no.py, /usr/bin/env], timeout: 5s}\n"
			  "  a: {plugin: f.so, ops: 3 * argument}\n"
			  "  c: {ops: 2e8, output: argument / 10 + 1kB}\n",
			NULL, 0);
	const struct sfe_function_spec *a = sfe_scenario_function(s, "a"),
				       *b = sfe_scenario_function(s, "b"),
				       *c = sfe_scenario_function(s, "c");

	CU_ASSERT_PTR_NULL(sfe_scenario_function(s, "d"));
	CU_ASSERT_PTR_NOT_NULL_FATAL(a);
	CU_ASSERT_PTR_NOT_NULL_FATAL(b);
	CU_ASSERT_PTR_NOT_NULL_FATAL(c);
	CU_ASSERT_EQUAL(a->kind, SFE_FUNCTION_PLUGIN);
	CU_ASSERT(a->words[0].file && a->words[0].text[0] == '/');
	CU_ASSERT_STRING_EQUAL(a->where, "s.yaml:5");
	CU_ASSERT(a->ops.factor == 3);
	CU_ASSERT_EQUAL(b->kind, SFE_FUNCTION_EXEC);
	CU_ASSERT_EQUAL(b->n_words, 5);
	CU_ASSERT_EQUAL(b->timeout_ns, 5000000000u);
	for (uint32_t i = 0; i < b->n_words; i++)
		CU_ASSERT_EQUAL(b->words[i].file, i == 1);
	CU_ASSERT_STRING_EQUAL(b->words[4].text, "/usr/bin/env");
	CU_ASSERT_EQUAL(c->kind, SFE_FUNCTION_SYNTHETIC);
	CU_ASSERT_EQUAL(sfe_law_value(&c->output, 50), 1005);
	sfe_scenario_free(s);
}

static char *resolved(const struct sfe_scenario *s)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	CU_ASSERT_EQUAL(sfe_scenario_write(s, f), 0);
	fclose(f);
	return text;
}

static void test_written(void)
{
	struct sfe_scenario *s = good(BASE
		"functions: {z: {exec: [python3, 'count.py', \"it's\"]}, a: {plugin: f.so}, "
		"c: {ops: 0.1 * argument, output: 1kB}}\n",
		NULL, 0);
	char *text = resolved(s);
	struct sfe_scenario *again = good(text, NULL, 0);
	char *text_again = resolved(again);

	CU_ASSERT_STRING_EQUAL(text, text_again);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "ops: 0.1 * argument"));
	CU_ASSERT(sfe_scenario_function(again, "z")->words[1].file);
	free(text);
	free(text_again);
	sfe_scenario_free(s);
	sfe_scenario_free(again);
	/* An empty --set removes the section. */
	static const char *const none[] = {"functions="};
	s = good(BASE "functions: {c: {ops: 1, output: 1kB}}\n", none, 1);
	CU_ASSERT_EQUAL(s->functions.n, 0);
	sfe_scenario_free(s);
}

static void test_refused(void)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{"functions: [a]\n", "s.yaml:3: functions: is not a group of at most 1000"},
		{"functions: {a/b: {}}\n", "s.yaml:3: functions: the name a/b has a character"},
		{"functions: {a: blur.so}\n", "s.yaml:3: functions.a: is not a group of keys"},
		{"functions: {a: {}}\n", "s.yaml:3: functions.a: it is not said what runs"},
		{"functions: {a: {ops: 1}}\n", "s.yaml:3: functions.a: it is not said what runs"},
		{"functions:\n  a: {ops: 1, output: 1kB, size: 3}\n",
			"s.yaml:4: unknown key 'size'"},
		{"functions: {a: {plugin: f.so, timeout: 1s}}\n",
			"s.yaml:3: unknown key 'timeout'; the keys are plugin, output, ops"},
		{"functions: {a: {plugin: f.so, exec: [x]}}\n", "s.yaml:3: unknown key 'exec'"},
		{"functions: {a: {plugin: no.so}}\n",
			"s.yaml:3: functions.a.plugin: cannot read no.so: No such file"},
		{"functions: {a: {plugin: [f.so]}}\n", "s.yaml:3: plugin: is a list"},
		{"functions: {a: {exec: []}}\n",
			"s.yaml:3: functions.a.exec: is not a list of 1 to 64 words"},
		{"functions: {a: {exec: ['']}}\n",
			"s.yaml:3: functions.a.exec: the program has no name"},
		{"functions: {a: {exec: [x, count.py, more/count.py]}}\n",
			"s.yaml:3: functions.a.exec: two files of the name count.py"},
		{"functions: {a: {exec: [x], timeout: 5}}\n",
			"s.yaml:3: functions.a.timeout: '5' has no unit"},
		{"functions: {a: {exec: [x], timeout: 0}}\n",
			"s.yaml:3: functions.a.timeout: 0 is out of range"},
		{"functions: {a: {ops: x, output: 1kB}}\n",
			"s.yaml:3: functions.a.ops: 'x' is not a number"},
		{"functions: {a: {ops: 1, output: 40}}\n",
			"s.yaml:3: functions.a.output: '40' has no unit"},
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		char text[512];
		snprintf(text, sizeof(text), "%s%s", BASE, cases[i].text);
		refused(text, NULL, cases[i].want);
	}
}

/* The laws become the sizes of the workload, from step to step. */
static void test_sizes(void)
{
	struct sfe_scenario *s = good(
		WORKLOAD "functions: {f0: {ops: 10 + argument, output: 2 * argument}}\n", NULL, 0);
	struct sfe_workload *w = NULL;
	struct sfe_error err = {0};

	CU_ASSERT_EQUAL_FATAL(sfe_scenario_workload(s, &w, &err), 0);
	const struct sfe_job *job = &w->jobs[0];
	uint64_t bytes = 200;
	for (uint32_t i = 0; i < job->n_steps; i++) {
		CU_ASSERT_EQUAL(job->steps[i].arg_bytes, bytes);
		CU_ASSERT_EQUAL(job->steps[i].ops, 10 + bytes);
		bytes *= 2;
		CU_ASSERT_EQUAL(job->steps[i].out_bytes, bytes);
	}
	CU_ASSERT_EQUAL(job->return_bytes, bytes);
	sfe_workload_free(w);
	sfe_scenario_free(s);

	s = good(WORKLOAD "functions:\n  blur: {ops: 1, output: 1kB}\n", NULL, 0);
	CU_ASSERT_EQUAL(sfe_scenario_workload(s, &w, &err), -EINVAL);
	CU_ASSERT_STRING_EQUAL(err.where, "s.yaml:4");
	CU_ASSERT_PTR_NOT_NULL(strstr(err.what, "nothing calls it"));
	sfe_scenario_free(s);
}

/* What is said of code of the user's is expected of it; what is not is named. */
static void test_unpredicted(void)
{
	static const struct {
		const char *functions, *want;
	} cases[] = {
		{"f0: {plugin: f.so, output: 3 * argument, ops: 7}", NULL},
		{"f0: {plugin: f.so, ops: 7}",
			"no output: is said for f0 (they count as the trace has them)"},
		{"f0: {exec: [python3], output: 3 * argument}",
			"no ops: is said for f0 (computing takes no time)"},
		{"f0: {exec: [python3]}",
			"no output: is said for f0 (they count as the trace has them), and no "
			"ops: is said for f0 (computing takes no time)"},
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		char text[512], *said = NULL;
		snprintf(text, sizeof(text), "%sfunctions: {%s}\n", WORKLOAD, cases[i].functions);
		struct sfe_scenario *s = good(text, NULL, 0);
		struct sfe_workload *w = NULL;
		struct sfe_error err = {0};
		CU_ASSERT_EQUAL_FATAL(sfe_scenario_workload(s, &w, &err), 0);
		const struct sfe_job *job = &w->jobs[0];
		bool says = strstr(cases[i].functions, "output");
		CU_ASSERT(job->n_steps > 1);
		CU_ASSERT_EQUAL(job->steps[0].out_bytes == 3 * job->steps[0].arg_bytes, says);
		CU_ASSERT_EQUAL(job->steps[1].arg_bytes, job->steps[0].out_bytes);
		CU_ASSERT_EQUAL_FATAL(sfe_functions_unpredicted(s, w, &said), 0);
		CU_ASSERT_EQUAL(!said, !cases[i].want);
		if (said && cases[i].want)
			CU_ASSERT_STRING_EQUAL(said, cases[i].want);
		free(said);
		/* What is written says it again, and no more. */
		char *again = resolved(s);
		CU_ASSERT_EQUAL(!strstr(again, "output:"), !says);
		CU_ASSERT_EQUAL(!strstr(again, ", ops:"), !strstr(cases[i].functions, "ops"));
		free(again);
		sfe_workload_free(w);
		sfe_scenario_free(s);
	}
}

/* In workflows; of many functions some are named. */
static void test_many_unpredicted(void)
{
	char text[2048], *said = NULL;
	FILE *out = fmemopen(text, sizeof(text), "w");
	struct sfe_workload *w = NULL;
	struct sfe_error err = {0};

	fputs("topology: {generate: iiot}\nfunctions: {", out);
	for (int i = 0; i < 11; i++)
		fprintf(out, "%sg%02d: {exec: ['true'], ops: 1}", i ? ", " : "", i);
	fputs("}\nworkflows: [{name: w, steps: [", out);
	for (int i = 0; i < 11; i++)
		fprintf(out, "%s{name: s%d, function: g%02d}", i ? ", " : "", i, i);
	fputs("]}]\n", out);
	fclose(out);
	struct sfe_scenario *s = good(text, NULL, 0);
	CU_ASSERT_EQUAL_FATAL(sfe_scenario_workload(s, &w, &err), 0);
	CU_ASSERT_EQUAL_FATAL(sfe_functions_unpredicted(s, w, &said), 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(said);
	CU_ASSERT_STRING_EQUAL(said, "no output: is said for g00, g01, g02, g03, g04, g05, g06, "
				     "g07 and 3 others (they count as 0 bytes)");
	free(said);
	sfe_workload_free(w);
	sfe_scenario_free(s);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"files", make_files},
		{"read", test_read},
		{"written and read back", test_written},
		{"what is refused", test_refused},
		{"sizes of the workload", test_sizes},
		{"what no prediction knows", test_unpredicted},
		{"of many functions", test_many_unpredicted},
	};

	return scenario_main("scenario functions", tests, LEN(tests));
}
