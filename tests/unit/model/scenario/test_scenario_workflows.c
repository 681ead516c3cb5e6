/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "emu/model/workload/job_graph.h"
#include "sfemu/workflow.h"
#include "tests/unit/model/scenario/scenario_texts.h"

#define TOP                                                                                        \
	"topology: {generate: iiot, premises: 1}\n"                                                \
	"functions: {f: {ops: 100 + 2 * argument, output: argument / 2}, g: {ops: 7, output: "     \
	"30B}}\n"                                                /* lines 1 and 2 */
#define NAMED TOP "workflows:\n  - name: w\n    argument: 1kB\n" /* lines 3 to 5 */

#define SHARED                                                                                     \
	NAMED "    states: {one: {size: 1kB, scope: client}, own: {size: 5B}, "                    \
	      "other: {size: 1kB, scope: global}, "                                                \
	      "free: {size: 1kB, scope: function, consistency: last-write}}\n" /* line 6 */

/* The steps in another order than they run in. */
static const char diamond[] =
	NAMED "    states: {a: {size: 1kB}, b: {size: 2kB}, c: {size: 0}}\n"
	      "    jobs: 5\n"
	      "    arrivals: poisson 2.5\n"
	      "    clients: [\"rpi3_*\", tx2_0]\n"
	      "    steps:\n"
	      "      - {name: join, function: g, after: [right, left], update: a, read: [b]}\n"
	      "      - {name: right, function: f, after: start, read: [c, a]}\n"
	      "      - {name: start, function: f, write: [a]}\n"
	      "      - {name: left, function: g, after: start, update: [b], read: a}\n";

static void test_steps(void)
{
	struct sfe_scenario *s = good(diamond, NULL, 0);
	const struct sfe_workflow *w = s->workflows.of;
	static const char *const names[] = {"start", "right", "left", "join"};
	static const uint64_t args[] = {1000, 500, 500, 280}, outs[] = {500, 250, 30, 30};

	CU_ASSERT_EQUAL_FATAL(s->workflows.n, 1);
	CU_ASSERT_EQUAL_FATAL(w->n_steps, 4);
	for (uint32_t i = 0; i < 4; i++) {
		CU_ASSERT_STRING_EQUAL(w->steps[i].name, names[i]);
		CU_ASSERT_EQUAL(w->steps[i].arg_bytes, args[i]);
		CU_ASSERT_EQUAL(w->steps[i].out_bytes, outs[i]);
	}
	CU_ASSERT_EQUAL(w->steps[0].ops, 2100);
	CU_ASSERT_EQUAL(w->return_bytes, 30);
	CU_ASSERT_EQUAL(w->states_total_bytes, 3000);
	const struct sfe_workflow_step *right = &w->steps[1], *join = &w->steps[3];
	CU_ASSERT_EQUAL_FATAL(right->n_uses, 2);
	CU_ASSERT(right->uses[0] == 0 && right->uses[1] == 2); /* ascending */
	CU_ASSERT_EQUAL_FATAL(join->n_uses, 2);
	CU_ASSERT(join->access[0] == SFE_UPDATE && join->access[1] == SFE_READ);
	sfe_scenario_free(s);
}

static void test_round_trip(void)
{
	struct sfe_scenario *s = good(diamond, NULL, 0);
	char *text = written(s);

	sfe_scenario_free(s);
	s = good(text, NULL, 0);
	char *again = written(s);
	CU_ASSERT_STRING_EQUAL(text, again);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "after: [right, left]"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "clients: ['rpi3_*', 'tx2_0']"));
	free(text);
	free(again);
	sfe_scenario_free(s);
}

/* States that outlive jobs are not among those of a job. */
static void test_shared(void)
{
	static const char text[] =
		SHARED "    steps:\n"
		       "      - {name: x, function: g, update: [own, free, one], read: other}\n"
		       "      - {name: y, function: f, after: x, write: free}\n"
		       "  - name: v\n"
		       "    states: {other: {size: 1kB, scope: global}}\n"
		       "    steps: [{name: x, function: g, read: other}]\n";
	struct sfe_scenario *s = good(text, NULL, 0);
	const struct sfe_workflow *w = s->workflows.of;
	struct sfe_workload *load = NULL;

	CU_ASSERT(w->n_states == 1 && w->n_shared == 3 && w->states_total_bytes == 5);
	CU_ASSERT_EQUAL_FATAL(s->workflows.n_shared, 3);
	CU_ASSERT(s->workflows.shared[0].changes && !s->workflows.shared[1].changes);
	CU_ASSERT_EQUAL(s->workflows.shared[2].consistency, SFE_LAST_WRITE);
	CU_ASSERT_EQUAL_FATAL(sfe_scenario_workload(s, &load, NULL), 0);
	const struct sfe_job *job = &load->jobs[0];
	CU_ASSERT(job->n_states == 1 && job->steps[0].n_deps == 1);
	CU_ASSERT_EQUAL_FATAL(job->shared[0].n, 3);
	CU_ASSERT(job->shared[1].of[0].state == 2 && job->shared[1].of[0].access == SFE_WRITE);
	CU_ASSERT(load->jobs[1].shared[0].of[0].state == 1);
	/* The second workflow reads what nobody changes. */
	CU_ASSERT(sfe_job_depends_on_order(load, job));
	CU_ASSERT(!sfe_job_depends_on_order(load, &load->jobs[1]));
	sfe_workload_free(load);
	char *resolved = written(s);
	sfe_scenario_free(s);
	s = good(resolved, NULL, 0);
	char *again = written(s);
	CU_ASSERT_STRING_EQUAL(resolved, again);
	CU_ASSERT_PTR_NOT_NULL(strstr(resolved, "scope: function, consistency: last-write"));
	free(resolved);
	free(again);
	sfe_scenario_free(s);
}

static void test_jobs(void)
{
	struct sfe_scenario *s = good(diamond, NULL, 0);
	struct sfe_workload *w = NULL;

	CU_ASSERT_EQUAL_FATAL(sfe_scenario_workload(s, &w, NULL), 0);
	CU_ASSERT_EQUAL_FATAL(w->n_jobs, 5);
	CU_ASSERT(w->n_workflow_jobs == 5 && w->n_workflow_functions == 2);
	for (uint32_t j = 0; j < 5; j++) {
		const struct sfe_job *job = &w->jobs[j];
		CU_ASSERT(job->number == j + 1 && job->declared && job->graph == w->jobs[0].graph);
		CU_ASSERT_EQUAL(job->arrival_s > 0, j > 0);
		CU_ASSERT(!j || job->arrival_s > w->jobs[j - 1].arrival_s);
		CU_ASSERT_STRING_EQUAL(sfe_step_name(w, job, 3), "join");
		CU_ASSERT_STRING_EQUAL(w->function_names[job->steps[3].function], "g");
		CU_ASSERT_EQUAL(job->steps[3].arg_bytes, 280);
		CU_ASSERT(sfe_steps_parallel(job, 1, 2) && sfe_step_precedes(job, 2, 3));
		CU_ASSERT_EQUAL_FATAL(job->graph->n_states, job->n_states);
		for (uint32_t k = 0; k < job->n_steps * job->n_states; k++) {
			const struct sfe_step *step = &job->steps[k / job->n_states];
			uint32_t state = k % job->n_states, number = k / job->n_states;
			CU_ASSERT_EQUAL(sfe_bits_has(&job->graph->reads[state], number),
				sfe_step_reads(step, state));
			CU_ASSERT_EQUAL(sfe_bits_has(&job->graph->changes[state], number),
				sfe_step_changes(step, state));
		}
	}
	sfe_workload_free(w);
	sfe_scenario_free(s);
}

static void test_defaults(void)
{
	struct sfe_scenario *s = good(NAMED "    steps: [{name: only, function: g}]\n", NULL, 0);

	CU_ASSERT_EQUAL(s->workflows.of->jobs, 1);
	CU_ASSERT_EQUAL(s->workflows.of->return_bytes, 30);
	sfe_scenario_free(s);
	s = good(NAMED "    at: [2s, 500ms]\n    steps: [{name: only, function: g}]\n", NULL, 0);
	CU_ASSERT(s->workflows.of->jobs == 2 && s->workflows.of->at_ns[1] == 500000000);
	sfe_scenario_free(s);
	s = good("workload: {arrivals: sequential}\n" NAMED
		 "    jobs: 3\n    steps: [{name: only, function: g}]\n",
		NULL, 0);
	CU_ASSERT_EQUAL(s->workflows.of->jobs, 3);
	sfe_scenario_free(s);
}

/* The first content of argument and state, and its size. */
static void test_files(void)
{
	static const char content[] = "\0\1\2\377";
	struct sfe_scenario *s;

	write_file("sub/other.yaml", content, sizeof(content));
	s = good(TOP "workflows: [{name: w, argument: {file: sub/other.yaml}, states: {a: {file: "
		     "sub/other.yaml, scope: job}}, steps: [{name: x, function: f, update: a}]}]\n",
		NULL, 0);
	const struct sfe_workflow *w = s->workflows.of;
	CU_ASSERT(w->arg_bytes == sizeof(content) && w->states[0].bytes == sizeof(content));
	CU_ASSERT_PTR_NOT_NULL(strstr(w->arg_file, "/sub/other.yaml"));
	CU_ASSERT_EQUAL(w->steps[0].out_bytes, 3);
	CU_ASSERT_FATAL(w->content.argument && w->content.states[0]);
	CU_ASSERT(!memcmp(w->content.argument, content, sizeof(content)));
	CU_ASSERT(!memcmp(w->content.states[0], content, sizeof(content)));
	sfe_scenario_free(s);
	remove("sub/other.yaml");
}

static void write_graph(const char *json)
{
	write_file("sub/graph.json", json, strlen(json));
}

#define FROM TOP "workflows:\n  - {name: w, argument: 1kB, file: sub/graph.json}\n"
#define GRAPH(states)                                                                              \
	"{\"functionNames\": [\"f\", \"g\", \"g\", \"f\"],\n\"successors\": [[1, 2], [3], "        \
	"[3]],\n\"dependencies\": {" states "},\n\"state-sizes\": {\"s\": 50}}\n"

/* A file of the authors' prototype; its graph is written back, and the file no longer needed. */
static void test_graph_file(void)
{
	char want[1200], folder_now[1000];

	write_graph(GRAPH("\"s\": [\"f\"]"));
	struct sfe_scenario *s = good(FROM, NULL, 0);
	char *text = written(s);
	const struct sfe_workflow *w = s->workflows.of;
	CU_ASSERT(w->n_steps == 4 && w->n_states == 1 && w->states_total_bytes == 50);
	CU_ASSERT_STRING_EQUAL(w->steps[2].name, "g.2");
	CU_ASSERT(w->steps[0].n_uses == 1 && w->steps[0].access[0] == SFE_UPDATE);
	CU_ASSERT(!w->steps[1].n_uses && w->steps[3].n_uses == 1 && w->steps[3].arg_bytes == 60);
	sfe_scenario_free(s);
	remove("sub/graph.json");
	s = good(text, NULL, 0);
	char *again = written(s);
	CU_ASSERT_STRING_EQUAL(text, again);
	sfe_scenario_free(s);
	free(again);
	/* Names only: the file is named and not opened. */
	CU_ASSERT_EQUAL_FATAL(
		sfe_scenario_parse_named(FROM, strlen(FROM), "s.yaml", NULL, 0, &s, NULL), 0);
	again = written(s);
	CU_ASSERT_PTR_NOT_NULL(strstr(again, "file: 'sub/graph.json'"));
	sfe_scenario_free(s);
	free(again);
	free(text);

	refused(FROM, NULL, "s.yaml:4: workflows: w: file: sub/graph.json: cannot read");
	refused(TOP "workflows: [{name: w, file: sub/graph.json, steps: []}]\n", NULL,
		"s.yaml:3: workflows: w: file: beside states or steps");
	CU_ASSERT_PTR_NOT_NULL_FATAL(getcwd(folder_now, sizeof(folder_now)));
	write_graph(GRAPH("\"s\": [\"g\"]"));
	snprintf(want, sizeof(want),
		"%s/sub/graph.json:1: workflows: w: the step g.1 changes the state s", folder_now);
	refused(FROM, NULL, want);
	write_graph("{\"functions\": [\"f\",\n\"h\"]}");
	snprintf(want, sizeof(want),
		"%s/sub/graph.json:2: workflows: w: step h: there is no function h", folder_now);
	refused(FROM, NULL, want);
	write_graph("{\"functionNames\": [\"f\", \"g\", \"g\", \"f\"], "
		    "\"successors\": [[1], [2], [1, 3]]}");
	snprintf(want, sizeof(want),
		"%s/sub/graph.json:1: workflows: w: the steps g.2 and g.1 are in a cycle",
		folder_now);
	refused(FROM, NULL, want);
	write_graph("{\"functions\": [\"f\", 3]}");
	snprintf(want, sizeof(want), "%s/sub/graph.json:1: workflows: w: the name 3", folder_now);
	refused(FROM, NULL, want);
	remove("sub/graph.json");
}

static void test_refused(void)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{TOP "workflows: 3\n", "s.yaml:3: workflows: is not a list"},
		{TOP "workflows: [3]\n", "s.yaml:3: workflows: an element is not a group"},
		{TOP "workflows: [{steps: []}]\n", "s.yaml:3: workflows: an element has no name"},
		{TOP "workflows: [{name: 1e5}]\n",
			"s.yaml:3: workflows: the name 1e5 reads as a number"},
		{TOP "workflows: [{name: 'a b'}]\n", "s.yaml:3: workflows: the name a b has a"},
		{NAMED "    step: []\n", "s.yaml:6: "},
		{NAMED "    jobs: 2\n", "s.yaml:4: workflows: w: it has no steps"},
		{NAMED "    steps: [{name: x, function: g}]\n    jobs: 2\n",
			"s.yaml:4: workflows: w: when its 2 jobs start is not said"},
		{NAMED "    jobs: 0\n", "s.yaml:6: workflows: w: jobs: '0' is not a number from"},
		{NAMED "    arrivals: sequential\n",
			"s.yaml:6: workflows: w: arrivals: sequential is for all jobs"},
		{NAMED "    arrivals: poisson 0\n",
			"s.yaml:6: workflows: w: arrivals: 'poisson 0'"},
		{NAMED "    at: [1s, soon]\n", "s.yaml:6: workflows: w: at: 'soon'"},
		{NAMED "    at: []\n", "s.yaml:6: workflows: w: at: the list is empty"},
		{NAMED "    at: 1s\n    jobs: 2\n", "s.yaml:7: workflows: w: jobs: 2 jobs, but at "
						    "has 1 times"},
		{NAMED "    at: 1s\n    arrivals: poisson 1\n",
			"s.yaml:6: workflows: w: both arrivals and at"},
		{NAMED "    arrivals: poisson 1e-300\n    jobs: 2\n",
			"s.yaml:6: workflows: w: arrivals: 2 jobs at 1e-300 a second come in more "
			"than a year"},
		{NAMED "    clients: []\n", "s.yaml:6: workflows: w: clients: 0 names"},
		{NAMED "    states: [a]\n", "s.yaml:6: workflows: w: states: is not a group"},
		{NAMED "    states: {a: 3}\n", "s.yaml:6: workflows: w: states: a is not a group"},
		{NAMED "    states: {a: {}}\n",
			"s.yaml:6: workflows: w: states: a has neither a size nor a file"},
		{NAMED "    states: {a: {size: 2GiB}}\n",
			"s.yaml:6: workflows: w: size: 2GiB is more than a message may be"},
		{NAMED "    states: {a: {file: nowhere}}\n",
			"s.yaml:6: workflows: w: file: nowhere: "},
		{NAMED "    states:\n      a: {size: 1kB, consistency: last-write}\n",
			"s.yaml:7: workflows: w: consistency: the state a is of the scope of a "
			"job"},
		{NAMED "    states:\n      a: {size: 1kB, scope: client, consistency: eventual}\n",
			"s.yaml:7: workflows: w: consistency: 'eventual' is not known"},
		{SHARED "    steps: [{name: x, function: g, update: [one, other]}]\n",
			"s.yaml:7: workflows: w: step x: changes the states one and other, both "
			"first-write: sfemu has no transactions"},
		{SHARED "    steps: [{name: x, function: g, read: one, write: one}]\n",
			"s.yaml:7: workflows: w: step x: uses the state one twice"},
		{SHARED "    steps: [{name: x, function: g}]\n  - name: v\n"
			"    states: {other: {size: 2kB, scope: global}}\n"
			"    steps: [{name: x, function: g}]\n",
			"s.yaml:9: workflows: v: states: the global state other is another one at "
			"s.yaml:6"},
		{NAMED "    states:\n      a: {size: 1kB, scope: moon}\n",
			"s.yaml:7: workflows: w: scope: 'moon' is not known"},
		{NAMED "    steps: [{name: x, function: h}]\n",
			"s.yaml:6: workflows: w: step x: there is no function h"},
		{NAMED "    steps: [{name: x}]\n",
			"s.yaml:6: workflows: w: steps: an element has no function"},
		{NAMED "    steps:\n      - {name: x, function: g}\n      - {name: x, function: "
		       "g}\n",
			"s.yaml:8: workflows: w: a step x is at line 7"},
		{NAMED "    steps:\n      - {name: x, function: g}\n      - {name: y, function: g, "
		       "after: z}\n",
			"s.yaml:8: workflows: w: step y: after: there is no step z"},
		{NAMED "    steps: [{name: x, function: g, after: x}]\n",
			"s.yaml:6: workflows: w: step x: after: names the step itself"},
		{NAMED "    steps: [{name: y, function: g}, {name: x, function: g, after: [y, "
		       "y]}]\n",
			"s.yaml:6: workflows: w: step x: after: names y twice"},
		{NAMED "    steps:\n      - {name: a, function: g}\n      - {name: x, function: g, "
		       "after: [a, y]}\n      - {name: y, function: g, after: x}\n"
		       "      - {name: z, function: g, after: y}\n",
			"s.yaml:8: workflows: w: the steps y and x are in a cycle"},
		{NAMED "    states: {a: {size: 1B}}\n    steps:\n      - {name: x, function: g, "
		       "read: b}\n",
			"s.yaml:8: workflows: w: step x: there is no state b"},
		{NAMED "    states: {a: {size: 1B}}\n    steps:\n      - {name: x, function: g, "
		       "read: a, update: [a]}\n",
			"s.yaml:8: workflows: w: step x: uses the state a twice"},
		{NAMED "    states: {a: {size: 1B}}\n    steps:\n      - {name: x, function: g, "
		       "read: a}\n      - {name: y, function: g, write: a}\n",
			"s.yaml:8: workflows: w: the step y changes the state a, which the step x "
			"uses at the same time"},
		{NAMED "    states: {a: {size: 1GiB}}\n    steps: [{name: x, function: g}]\n",
			"s.yaml:7: workflows: w: the argument of step x of 1000 bytes"},
		{"workload: {arrivals: sequential}\n" NAMED
		 "    at: 1s\n    steps: [{name: x, function: g}]\n",
			"s.yaml:5: workflows: w: arrivals, but workload.arrivals is sequential"},
		{NAMED "    steps: [{name: x, function: g}]\n  - {name: w, steps: [{name: x, "
		       "function: g}]}\n",
			"s.yaml:7: workflows: w: a workflow of this name is at line 4"},
	};

	for (size_t i = 0; i < LEN(cases); i++)
		refused(cases[i].text, NULL, cases[i].want);
}

static void test_set(void)
{
	const char *const sets[] = {"workflows=[{name: v, steps: [{name: x, function: f}]}]"};
	struct sfe_scenario *s = good(diamond, sets, 1);

	CU_ASSERT(s->workflows.n == 1 && !strcmp(s->workflows.of->name, "v"));
	sfe_scenario_free(s);
	refused(diamond, "workflows=[{name: v}]",
		"--set workflows:1: workflows: v: it has no steps");
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"steps in any order, sizes by law", test_steps},
		{"written as resolved", test_round_trip},
		{"states that outlive jobs", test_shared},
		{"jobs", test_jobs},
		{"defaults", test_defaults},
		{"files", test_files},
		{"a graph of the authors' prototype", test_graph_file},
		{"refused", test_refused},
		{"--set", test_set},
	};

	return scenario_main("scenario_workflows", tests, LEN(tests));
}
