/* SPDX-License-Identifier: MIT */
/* Pins and given nodes, on traces and workflows. */
#include "emu/model/placement/placed.h"
#include "tests/unit/model/placement/placement_bench.h"

#define TRACE                                                                                      \
	"topology: {generate: iiot, premises: 2}\n"                                                \
	"workload: {tasks: " SFE_SOURCE_DIR "/scenarios/workloads/quickstart.csv, jobs: 40}\n"
#define WORKFLOW                                                                                   \
	"topology: {generate: iiot, premises: 2}\n"                                                \
	"functions: {f: {ops: 5e8, output: 1kB}, g: {ops: 1e9, output: 1kB}}\n"                    \
	"workflows: [{name: w, jobs: 20, arrivals: poisson 1, argument: 1MB, states: {a: {size: "  \
	"1MB}}, steps: [{name: x, function: f}, {name: y, function: g, after: x, update: a}]}]\n"

static const char *node_of(const struct bench *b, uint32_t j, uint32_t step)
{
	return b->t->nodes[b->a->node[j][step]].name;
}

/* Node by node gives the same as by groups, in both rules. */
static void test_every_node(void)
{
	static const char *const rules[] = {"ProcNet", "ProcOnly"};
	char text[1000];

	for (int i = 0; i < 2; i++) {
		struct bench pinned, free_of;
		snprintf(text, sizeof(text),
			TRACE "placement: {rule: %s, pin: [{client: '*', node: '*'}]}\n", rules[i]);
		prepare(&pinned, text);
		snprintf(text, sizeof(text), TRACE "placement: %s\n", rules[i]);
		prepare(&free_of, text);
		for (uint32_t seed = 1; seed <= 5; seed++) {
			assign(&pinned, seed);
			assign(&free_of, seed);
			CU_ASSERT(same_places(&pinned, &free_of));
		}
		end(&pinned);
		end(&free_of);
	}
}

/* Of a trace: by number of the step and by function; several pins hold together. */
static void test_trace(void)
{
	struct bench b;
	uint32_t first = 0, others = 0;

	prepare(&b, TRACE "placement:\n"
			  "  pin:\n"
			  "    - {step: 0, node: 'server_*'}\n"
			  "    - {step: 0, client: 'rpi3_*', node: '*_[1-4]'}\n");
	assign(&b, 1);
	for (uint32_t j = 0; j < b.a->n_jobs; j++) {
		const char *name = node_of(&b, j, 0);
		bool rpi3 = !strncmp(b.t->nodes[b.a->client[j]].name, "rpi3_", 5);
		CU_ASSERT_EQUAL(strncmp(name, "server_", 7), 0);
		CU_ASSERT(!rpi3 || (strlen(name) == 8 && strchr("1234", name[7])));
		first++;
		for (uint32_t s = 1; s < b.w->jobs[b.a->job[j]].n_steps; s++)
			others += strncmp(node_of(&b, j, s), "server_", 7) != 0;
	}
	CU_ASSERT(first > 0 && others > 0);
	end(&b);
}

static void test_workflow(void)
{
	struct bench b;
	uint32_t used = 0;

	prepare(&b, WORKFLOW "placement: {pin: [{workflow: w, step: y, node: 'server_[57]'}, "
			     "{function: f, node: nuc_1}]}\n");
	assign(&b, 1);
	CU_ASSERT_EQUAL_FATAL(b.a->n_jobs, 20);
	for (uint32_t j = 0; j < 20; j++) {
		CU_ASSERT_STRING_EQUAL(node_of(&b, j, 0), "nuc_1");
		const char *y = node_of(&b, j, 1);
		CU_ASSERT(!strcmp(y, "server_5") || !strcmp(y, "server_7"));
		used |= y[7] == '5' ? 1 : 2;
	}
	CU_ASSERT_EQUAL(used, 3); /* the rule chooses among both */
	end(&b);
}

static void test_refused(void)
{
	static const struct {
		const char *pin, *want;
	} cases[] = {
		{"{step: y, node: moon}", "s.yaml:4: placement: pin: no node matches moon"},
		{"{step: z, node: '*'}", "s.yaml:4: placement: pin: no step matches z"},
		{"{function: h, node: '*'}", "s.yaml:4: placement: pin: no function matches h"},
		{"{function: y, node: '*'}", "s.yaml:4: placement: pin: no function matches y; "
					     "that is a step: write step: in place of function:"},
		{"{step: g, node: '*'}", "s.yaml:4: placement: pin: no step matches g; that is a "
					 "function: write function: in place of step:"},
		{"{workflow: v, node: '*'}", "s.yaml:4: placement: pin: no workflow matches v"},
		{"{client: server_0, node: '*'}",
			"s.yaml:4: placement: pin: no client matches server_0"},
		{"{step: y, node: server_0}, {function: g, node: server_1}",
			"s.yaml:4: placement: pin: no node is left for step y of job 1 (function "
			"g, client "},
	};
	char text[1000];
	struct bench b;

	for (size_t i = 0; i < LEN(cases); i++) {
		snprintf(text, sizeof(text), WORKFLOW "placement: {pin: [%s]}\n", cases[i].pin);
		prepare(&b, text);
		fails(&b, NULL, cases[i].want);
		end(&b);
	}
	/* A trace's function keeps its kind of node. */
	prepare(&b, TRACE "placement: {pin: [{function: f0, node: 'tx2_*'}]}\n");
	fails(&b, NULL, "s.yaml:3: placement: pin: no node is left for step ");
	CU_ASSERT_PTR_NOT_NULL(strstr(b.err.what, ", and be a CPU node"));
	end(&b);
}

struct tables {
	char *jobs, *invocations;
	size_t jobs_len, invocations_len;
};

static struct tables tables_of(const struct bench *b)
{
	struct tables t = {0};
	FILE *jobs = open_memstream(&t.jobs, &t.jobs_len),
	     *invocations = open_memstream(&t.invocations, &t.invocations_len);

	CU_ASSERT_FATAL(jobs && invocations);
	sfe_placed_write_jobs(b->t, b->w, b->a, jobs);
	sfe_placed_write_invocations(b->t, b->w, b->a, invocations);
	fclose(jobs);
	fclose(invocations);
	return t;
}

static int parse(const struct tables *t, struct sfe_placed **out, struct sfe_error *err)
{
	return sfe_placed_parse(t->jobs, t->jobs_len, "jobs.csv", t->invocations,
		t->invocations_len, "invocations.csv", out, err);
}

/* Whatever the rule and the rates, with another seed too: all is where it was. */
static void test_placed(void)
{
	static const char *const texts[] = {TRACE, WORKFLOW};
	char other[1200];

	for (int i = 0; i < 2; i++) {
		struct bench b, again;
		struct sfe_placed *placed = NULL;
		prepare(&b, texts[i]);
		b.s->workload.jobs = 0;
		assign(&b, 1);
		struct tables t = tables_of(&b);
		CU_ASSERT_EQUAL_FATAL(parse(&t, &placed, NULL), 0);
		snprintf(other, sizeof(other),
			"%splacement: ProcOnly\nlink: {node: {rate: 1Mbit}}\n", texts[i]);
		prepare(&again, other);
		again.s->workload.jobs = 0;
		assign(&again, 2);
		CU_ASSERT(!same_places(&b, &again));
		CU_ASSERT_EQUAL_FATAL(try_assign(&again, placed, 2), 0);
		CU_ASSERT(same_places(&b, &again));
		sfe_placed_free(placed);
		free(t.jobs);
		free(t.invocations);
		end(&b);
		end(&again);
	}
}

#define JOBS "strategy,job,client\nA,1,rpi3_0\n"
#define STEPS "job,step,node,function\n"

static void test_placed_refused(void)
{
	static const struct {
		const char *jobs, *invocations, *want;
	} cases[] = {
		{"", STEPS, "jobs.csv: the file is empty"},
		{"job\n", STEPS, "jobs.csv:1: there is no column client"},
		{"job,client\n1\n", STEPS, "jobs.csv:2: the row has no client"},
		{"job,client\nx,y\n", STEPS, "jobs.csv:2: 'x' is not a number"},
		{"job,client\n1,\"y\n", STEPS, "jobs.csv:2: the line is not CSV"},
		{JOBS "B,1,rpi3_1\n", STEPS, "invocations.csv: job 1 has the clients rpi3_0 and "},
		{JOBS, STEPS "1,0,server_0,f\n1,0,server_1,f\n",
			"invocations.csv:3: step 0 of job 1 ran f on server_1, and in line 2 f on"},
		{JOBS, STEPS, "invocations.csv: there is no row for step 0 of job 1"},
		{JOBS, STEPS "1,0,server_0,g\n",
			"invocations.csv:2: step 0 of job 1 ran g, but here it runs f"},
		{JOBS, STEPS "1,0,moon,f\n1,1,server_1,g\n",
			"invocations.csv: job 1 used the node moon, which the topology"},
		{"job,client\n1,server_0\n", STEPS "1,0,server_1,f\n",
			"invocations.csv: job 1 started at server_0, which is no client"},
		{"job,client\n2,rpi3_0\n", STEPS, "invocations.csv: that run did not have job 1"},
		{JOBS "A,2,rpi3_0\n", STEPS "1,0,server_0,f\n1,1,server_1,g\n",
			"invocations.csv: that run had 2 jobs with 2 steps, here there are 1 with "
			"2"},
	};
	struct bench b;

	prepare(&b, WORKFLOW);
	b.w->n_jobs -= 19; /* one is enough */
	b.w->n_workflow_jobs -= 19;
	for (size_t i = 0; i < LEN(cases); i++) {
		const struct tables t = {(char *)cases[i].jobs, (char *)cases[i].invocations,
			strlen(cases[i].jobs), strlen(cases[i].invocations)};
		struct sfe_placed *placed = NULL;
		struct sfe_error err = {0};
		char text[1200];
		if (parse(&t, &placed, &err)) {
			sfe_error_text(&err, text, sizeof(text));
			CU_ASSERT_EQUAL(strncmp(text, cases[i].want, strlen(cases[i].want)), 0);
		} else {
			fails(&b, placed, cases[i].want);
		}
		sfe_placed_free(placed);
	}
	b.w->n_jobs += 19;
	end(&b);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"pinned to every node", test_every_node},
		{"pins of a trace", test_trace},
		{"pins of a workflow", test_workflow},
		{"pins that cannot be", test_refused},
		{"nodes of another run", test_placed},
		{"other runs that do not fit", test_placed_refused},
	};

	return scenario_main("pins", tests, LEN(tests));
}
