/* SPDX-License-Identifier: MIT */
/* A guest's memory: more if nodes keep data for retries. */
#include "emu/run/guest_memory.h"

#include "emu/model/workload/job_graph.h"
#include "tests/unit/unit.h"

#define MB (1 << 20)

static void test_kept(void)
{
	uint64_t state_bytes[] = {8 * MB, 4 * MB};
	uint32_t deps[] = {0, 1};
	struct sfe_step steps[] = {
		{.arg_bytes = 2 * MB, .out_bytes = MB, .n_deps = 2, .deps = deps},
		{.arg_bytes = MB, .out_bytes = MB, .n_deps = 1, .deps = deps},
	};
	const struct sfe_job job = {.n_steps = 2,
		.steps = steps,
		.n_states = 2,
		.state_bytes = state_bytes,
		.states_total_bytes = 12 * MB};
	struct sfe_deployed_job jobs[] = {{.job = &job}, {.job = &job}};
	struct sfe_plan plan = {.n_hosts = 10};
	struct sfe_scenario s = {0};
	const struct sfe_experiment e = {.scenario = &s, .plan = &plan, .n_jobs = 2, .jobs = jobs};

	/* 256 + 10 hosts + 2 jobs of 6 times (12 + 3), up to the next 16. */
	CU_ASSERT_EQUAL(sfe_guest_memory_mb(&e, NULL), 448);
	s.replicas = 2; /* 2 times 12 for each job, 6 times in flight and once kept */
	CU_ASSERT_EQUAL(sfe_guest_memory_mb(&e, NULL), 784);
	s.invocation.retries = 1; /* 5 of arguments and results, 2 times all states */
	CU_ASSERT_EQUAL(sfe_guest_memory_mb(&e, NULL), 848);
	s.workload.arrivals = SFE_ARRIVALS_SEQUENTIAL;
	/* One job in flight, the kept data of both. */
	CU_ASSERT_EQUAL(sfe_guest_memory_mb(&e, NULL), 608);
	s.keep = SFE_KEEP_STATES; /* the states of both jobs, with two copies each */
	CU_ASSERT_EQUAL(sfe_guest_memory_mb(&e, NULL), 688);
	/* Four crashes, of which each job sees at most the two of its attempts: 2 times 12 of each.
	 */
	struct sfe_schedule_entry crashes[] = {{.act = SFE_SCHEDULE_CRASH},
		{.act = SFE_SCHEDULE_CRASH, .every_ns = 1, .count = 3}};
	s.schedule = (struct sfe_schedule){2, crashes};
	CU_ASSERT_EQUAL(sfe_guest_memory_mb(&e, NULL), 736);
	/* A state that outlives jobs: at the end, and in each crash: 5 times 10. */
	struct sfe_shared_state shared = {.bytes = 10 * MB};
	struct sfe_shared_instance one = {.state = 0};
	struct sfe_experiment more = e;
	more.shared = (struct sfe_shared_instances){.states = &shared, .n = 1, .of = &one};
	CU_ASSERT_EQUAL(sfe_guest_memory_mb(&more, NULL), 784);
	s.guest_memory_mb = 77;
	CU_ASSERT_EQUAL(sfe_guest_memory_mb(&e, NULL), 77);
}

/* Branches that run at the same time have their own copies of the states, and values wait. */
static void test_graph(void)
{
	static const struct sfe_edge edges[] = {{0, 1}, {0, 2}, {1, 3}, {2, 3}};
	uint64_t state_bytes[] = {8 * MB, 4 * MB};
	uint32_t deps[] = {0, 1};
	uint8_t access[] = {SFE_READ, SFE_WRITE};
	struct sfe_step steps[4];
	struct sfe_graph *g;

	CU_ASSERT_FATAL(!sfe_graph_new(4, edges, 4, &g));
	for (int s = 0; s < 4; s++)
		steps[s] = (struct sfe_step){.arg_bytes = MB, .out_bytes = MB};
	steps[3].n_deps = 2;
	steps[3].deps = deps;
	steps[3].access = access;
	const struct sfe_job job = {.n_steps = 4,
		.steps = steps,
		.graph = g,
		.declared = true,
		.n_states = 2,
		.state_bytes = state_bytes,
		.states_total_bytes = 12 * MB};
	struct sfe_deployed_job jobs[] = {{.job = &job}};
	struct sfe_plan plan = {.n_hosts = 10};
	struct sfe_scenario s = {0};
	const struct sfe_experiment e = {.scenario = &s, .plan = &plan, .n_jobs = 1, .jobs = jobs};

	/* 256 + 10 hosts + 6 times (8 of values, two branches with 12, 4 that are replaced). */
	CU_ASSERT_EQUAL(sfe_guest_memory_mb(&e, NULL), 496);
	s.invocation.retries = 1; /* 8 of values, and all states with each of 5 calls */
	CU_ASSERT_EQUAL(sfe_guest_memory_mb(&e, NULL), 560);
	sfe_graph_free(g);
}

/* 10 000 nodes of IIoT take at most 6 GB, without their jobs' data. */
static void test_large(void)
{
	struct sfe_plan plan = {.n_hosts = 256};
	struct sfe_scenario s = {0};
	const struct sfe_experiment e = {.scenario = &s, .plan = &plan};

	CU_ASSERT_EQUAL(sfe_guest_memory_mb(&e, NULL), 256 + 256 + 16);
	plan.n_hosts = 13750;
	/* 256 + 256 + 13 494 of 384 KB, up to the next 16. */
	CU_ASSERT_EQUAL(sfe_guest_memory_mb(&e, NULL), 5584);
}

/* Jobs that run one after the other have their data one after the other, but all their records. */
static void test_many_jobs(void)
{
	enum { JOBS = 100000 };
	struct sfe_step steps[2] = {{.n_deps = 0}, {.n_deps = 1}};
	const struct sfe_job job = {.n_steps = 2, .steps = steps};
	struct sfe_deployed_job *jobs = calloc(JOBS, sizeof(*jobs));
	struct sfe_plan plan = {.n_hosts = 10};
	struct sfe_scenario s = {.workload.arrivals = SFE_ARRIVALS_SEQUENTIAL};
	struct sfe_experiment e = {.scenario = &s, .plan = &plan, .n_jobs = 1, .jobs = jobs};

	CU_ASSERT_PTR_NOT_NULL_FATAL(jobs);
	for (uint32_t j = 0; j < JOBS; j++)
		jobs[j].job = &job;
	CU_ASSERT_EQUAL(sfe_guest_memory_mb(&e, NULL), 256 + 10 + 6);
	e.n_jobs = JOBS; /* 256 + 10 hosts + 683 of 7 KB a job, less 64, up to the next 16 */
	CU_ASSERT_EQUAL(sfe_guest_memory_mb(&e, NULL), 896);
	free(jobs);
}

/* Each node that runs steps may keep all states that outlive jobs, within its memory. */
static void test_caches(void)
{
	static const struct sfe_strategy_info cached = {.options = {.cache = SFE_CACHE_ON}},
					      plain = {0};
	static struct sfe_shared_state states[] = {{.bytes = 20 * MB}, {.bytes = 30 * MB}};
	static struct sfe_shared_instance instances[] = {{.state = 0}, {.state = 1}};
	uint64_t state_bytes[] = {2 * MB};
	struct sfe_step steps[3] = {{.n_deps = 0}};
	const struct sfe_job job = {.n_steps = 3,
		.steps = steps,
		.n_states = 1,
		.state_bytes = state_bytes,
		.states_total_bytes = 2 * MB};
	const uint32_t node[] = {0, 2, 2};
	struct sfe_deployed_job jobs[] = {{.job = &job, .node = node}};
	struct sfe_endpoint endpoints[4] = {{.name = "n"}};
	struct sfe_topology topology = {.n_nodes = 4};
	struct sfe_plan plan = {.n_hosts = 10};
	struct sfe_scenario s = {.n_strategies = 2, .strategies = {&plain, &plain}};
	const struct sfe_experiment e = {.scenario = &s,
		.plan = &plan,
		.topology = &topology,
		.endpoints = endpoints,
		.shared = {.states = states, .n = 2, .of = instances},
		.n_jobs = 1,
		.jobs = jobs};

	uint32_t without = sfe_guest_memory_mb(&e, NULL);
	s.strategies[1] = &cached; /* two nodes with 50 and 2 */
	uint32_t with = sfe_guest_memory_mb(&e, NULL);
	CU_ASSERT(with >= without + 104 - 16 && with <= without + 104 + 16);
	endpoints[2].limits.memory = 10 * MB;
	CU_ASSERT(sfe_guest_memory_mb(&e, NULL) < with - 42 + 16);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"data kept for retries", test_kept},
		{"jobs that are graphs", test_graph},
		{"a large network", test_large},
		{"records of many jobs", test_many_jobs},
		{"caches of nodes", test_caches},
	};

	return unit_main("guest_memory", tests, sizeof(tests) / sizeof(tests[0]));
}
