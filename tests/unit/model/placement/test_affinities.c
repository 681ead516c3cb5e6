/* SPDX-License-Identifier: MIT */
/* Affinities of functions, on workflows and traces, alone and with pins and given nodes. */
#include "emu/model/placement/placed.h"
#include "tests/unit/model/placement/placement_bench.h"

#define TOP "topology: {generate: iiot, premises: 2}\n"
#define WORKFLOW(affinity)                                                                         \
	TOP "functions:\n"                                                                         \
	    "  f: {ops: 5e8, output: 1kB, affinity: " affinity "}\n"                               \
	    "  g: {ops: 1e9, output: 1kB}\n"                                                       \
	    "workflows: [{name: w, jobs: 20, arrivals: poisson 1, argument: 1MB, states: {a: "     \
	    "{size: 1MB}}, steps: [{name: x, function: f}, {name: y, function: g, after: x, "      \
	    "update: a}]}]\n"

static const struct sfe_node *node_of(const struct bench *b, uint32_t j, uint32_t step)
{
	return &b->t->nodes[b->a->node[j][step]];
}

static void test_workflow(void)
{
	static const char *const rules[] = {"placement: ProcNet\n", "placement: ProcOnly\n"};
	struct bench b, none;

	for (int i = 0; i < 2; i++) {
		char text[1000];
		snprintf(text, sizeof(text), "%s%s", WORKFLOW("GPU"), rules[i]);
		prepare(&b, text);
		assign(&b, 1);
		for (uint32_t j = 0; j < b.a->n_jobs; j++)
			CU_ASSERT_EQUAL(node_of(&b, j, 0)->affinity, SFE_GPU);
		end(&b);
		/* What allows every node changes nothing. */
		snprintf(text, sizeof(text), "%s%s", WORKFLOW("[GPU, CPU]"), rules[i]);
		prepare(&b, text);
		assign(&b, 1);
		snprintf(text, sizeof(text), "%s%s", WORKFLOW("'*'"), rules[i]);
		prepare(&none, text);
		none.s->functions.of[0].n_affinity = 0;
		assign(&none, 1);
		none.s->functions.of[0].n_affinity = 1;
		CU_ASSERT(same_places(&b, &none));
		end(&b);
		end(&none);
	}
	prepare(&b, WORKFLOW("[nuc*, 'rpi*']"));
	assign(&b, 1);
	for (uint32_t j = 0; j < b.a->n_jobs; j++) {
		const char *model = node_of(&b, j, 0)->model;
		CU_ASSERT(!strncmp(model, "nuc", 3) || !strncmp(model, "rpi", 3));
	}
	end(&b);
}

/* A trace's function may leave its kind; the others stay where they are in a run without it. */
static void test_trace(void)
{
	struct bench b;
	uint32_t with = 0;

	prepare(&b, TOP "workload: {tasks: " SFE_SOURCE_DIR
			"/scenarios/workloads/quickstart.csv, jobs: 40}\n"
			"functions: {f0: {ops: 1e8, output: 1kB, affinity: nvidia_jetson_tx2}}\n");
	assign(&b, 1);
	for (uint32_t j = 0; j < b.a->n_jobs; j++) {
		const struct sfe_job *job = &b.w->jobs[b.a->job[j]];
		for (uint32_t s = 0; s < job->n_steps; s++) {
			if (strcmp(b.w->function_names[job->steps[s].function], "f0") != 0)
				continue;
			CU_ASSERT_STRING_EQUAL(node_of(&b, j, s)->model, "nvidia_jetson_tx2");
			with++;
		}
	}
	CU_ASSERT(with > 5);
	end(&b);
}

static void test_pins(void)
{
	struct bench b;

	prepare(&b, WORKFLOW("CPU") "placement: {pin: [{function: f, node: '*_1'}]}\n");
	assign(&b, 1);
	for (uint32_t j = 0; j < b.a->n_jobs; j++) {
		const struct sfe_node *node = node_of(&b, j, 0);
		CU_ASSERT(node->affinity == SFE_CPU && strstr(node->name, "_1"));
	}
	end(&b);
	prepare(&b, WORKFLOW("GPU") "placement:\n  pin:\n    - {function: f, node: 'server_*'}\n");
	fails(&b, NULL,
		"s.yaml:8: placement: pin: no node is left for step x of job 1 (function f");
	CU_ASSERT_PTR_NOT_NULL(strstr(b.err.what, "and have the affinity of the function"));
	end(&b);
}

static void test_refused(void)
{
	struct bench b;

	prepare(&b, WORKFLOW("[GPU, moon]"));
	fails(&b, NULL, "s.yaml:3: functions.f.affinity: no node is a moon");
	end(&b);
	refused(WORKFLOW("[]"), NULL, "s.yaml:3: functions.f.affinity: is neither a name nor");
	refused(WORKFLOW("{model: x}"), NULL, "s.yaml:3: functions.f.affinity: is neither");
	refused(WORKFLOW("[[x]]"), NULL, "s.yaml:3: affinity: is a list");
}

/* The nodes of another run are those of the affinity, or the run is refused. */
static void test_placed(void)
{
	static const char jobs[] = "job,client\n1,rpi3_0\n";
	char good_steps[] = "job,step,node,function\n1,0,tx2_0,f\n1,1,server_1,g\n",
	     bad_steps[] = "job,step,node,function\n1,0,server_1,f\n1,1,server_1,g\n";
	struct sfe_placed *placed = NULL;
	struct bench b;

	prepare(&b, WORKFLOW("GPU"));
	b.w->n_jobs -= 19;
	b.w->n_workflow_jobs -= 19;
	CU_ASSERT_EQUAL_FATAL(sfe_placed_parse(jobs, strlen(jobs), "jobs.csv", good_steps,
				      strlen(good_steps), "invocations.csv", &placed, NULL),
		0);
	CU_ASSERT_EQUAL(try_assign(&b, placed, 1), 0);
	sfe_placed_free(placed);
	CU_ASSERT_EQUAL_FATAL(sfe_placed_parse(jobs, strlen(jobs), "jobs.csv", bad_steps,
				      strlen(bad_steps), "invocations.csv", &placed, NULL),
		0);
	fails(&b, placed, "s.yaml:3: functions.f.affinity: job 1 had it on server_1");
	sfe_placed_free(placed);
	b.w->n_jobs += 19;
	end(&b);
}

static void test_written(void)
{
	struct sfe_scenario *s = good(WORKFLOW("[GPU, 'rpi*']"), NULL, 0);
	char *text = written(s);

	CU_ASSERT_PTR_NOT_NULL(strstr(text, "affinity: ['GPU', 'rpi*']}"));
	sfe_scenario_free(s);
	s = good(text, NULL, 0);
	char *again = written(s);
	CU_ASSERT_STRING_EQUAL(text, again);
	sfe_scenario_free(s);
	free(text);
	free(again);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"of functions of a workflow", test_workflow},
		{"of a function of a trace", test_trace},
		{"with pins", test_pins},
		{"that cannot be", test_refused},
		{"with nodes of another run", test_placed},
		{"written as resolved", test_written},
	};

	return scenario_main("affinities", tests, LEN(tests));
}
