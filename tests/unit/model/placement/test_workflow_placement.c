/* SPDX-License-Identifier: MIT */
/* Jobs of workflows beside a trace: their clients and nodes, and what they leave as it was. */
#include "tests/unit/model/placement/placement_bench.h"

#define TRACE                                                                                      \
	"topology: {generate: iiot, premises: 1}\n"                                                \
	"workload: {tasks: " SFE_SOURCE_DIR "/scenarios/workloads/quickstart.csv, jobs: 20}\n"
#define FUNCTIONS "functions: {zoom: {ops: 5e8, output: 1kB}, add: {ops: 1e9, output: 1kB}}\n"
#define STEPS                                                                                      \
	"steps: [{name: x, function: zoom}, {name: y, function: add, after: x}, {name: z, "        \
	"function: zoom}]"
#define WORKFLOWS                                                                                  \
	FUNCTIONS "workflows:\n"                                                                   \
		  "  - {name: v, jobs: 30, arrivals: poisson 1, clients: \"rpi3_*\", " STEPS "}\n" \
		  "  - {name: w, jobs: 30, arrivals: poisson 1, argument: 100MB, " STEPS "}\n"

/* The trace's jobs are drawn, start and are placed as without workflows. */
static void test_beside_a_trace(void)
{
	struct bench with, without;

	prepare(&with, TRACE WORKFLOWS);
	prepare(&without, TRACE);
	for (uint32_t seed = 1; seed < 4; seed++) {
		assign(&with, seed);
		assign(&without, seed);
		uint32_t n = without.a->n_jobs;
		CU_ASSERT_EQUAL_FATAL(with.a->n_jobs, n + 60);
		for (uint32_t j = 0; j < n; j++) {
			const struct sfe_job *job = &without.w->jobs[without.a->job[j]];
			CU_ASSERT_EQUAL(with.a->job[j], without.a->job[j]);
			CU_ASSERT_EQUAL(with.a->client[j], without.a->client[j]);
			CU_ASSERT_EQUAL(memcmp(with.a->node[j], without.a->node[j],
						job->n_steps * sizeof(uint32_t)),
				0);
		}
	}
	uint32_t last = without.w->jobs[without.w->n_jobs - 1].number;
	CU_ASSERT_EQUAL(with.w->jobs[with.w->n_jobs - 60].number, last + 1);
	end(&with);
	end(&without);
}

/* Clients match the patterns, more than one of them is drawn, another seed draws others, and CPU
 * and GPU nodes run the steps. */
static void test_clients_and_nodes(void)
{
	struct bench b;
	uint32_t first[30], distinct = 0, moved = 0, affinity[2] = {0};

	prepare(&b, "topology: {generate: iiot, premises: 1}\n" WORKFLOWS);
	assign(&b, 1);
	CU_ASSERT_EQUAL_FATAL(b.a->n_jobs, 60);
	for (uint32_t j = 0; j < 30; j++) {
		first[j] = b.a->client[j];
		CU_ASSERT_EQUAL(strncmp(b.t->nodes[first[j]].name, "rpi3_", 5), 0);
		distinct += first[j] != first[0];
	}
	CU_ASSERT(distinct > 0);
	for (uint32_t j = 0; j < 60; j++)
		for (uint32_t s = 0; s < 3; s++)
			affinity[b.t->nodes[b.a->node[j][s]].affinity]++;
	CU_ASSERT(affinity[SFE_CPU] > 0 && affinity[SFE_GPU] > 0);
	assign(&b, 2);
	for (uint32_t j = 0; j < 30; j++)
		moved += b.a->client[j] != first[j];
	CU_ASSERT(moved > 0);
	end(&b);
}

static void test_no_such_client(void)
{
	struct bench b;

	prepare(&b, "topology: {generate: iiot, premises: 1}\n" FUNCTIONS "workflows:\n"
		    "  - name: v\n"
		    "    clients: [\"rpi3_*\", server_0]\n"
		    "    " STEPS "\n");
	fails(&b, NULL, "s.yaml:5: workflows: v: clients: no client matches server_0");
	end(&b);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"beside a trace", test_beside_a_trace},
		{"clients and nodes", test_clients_and_nodes},
		{"no such client", test_no_such_client},
	};

	return scenario_main("workflow_placement", tests, LEN(tests));
}
