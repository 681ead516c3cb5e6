/* SPDX-License-Identifier: MIT */
/* A guest's memory: more if nodes keep data for retries. */
#include "emu/run/guest_memory.h"
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
	s.guest_memory_mb = 77;
	CU_ASSERT_EQUAL(sfe_guest_memory_mb(&e, NULL), 77);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"data kept for retries", test_kept},
	};

	return unit_main("guest_memory", tests, sizeof(tests) / sizeof(tests[0]));
}
