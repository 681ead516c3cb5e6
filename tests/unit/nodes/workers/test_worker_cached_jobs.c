/* SPDX-License-Identifier: MIT */
/* The option cache=on and the states of a job: what a step has fetched or left serves later steps
 * of the job on the same node. All strategies leave the same bytes with it as without it. */
#include "tests/unit/nodes/workers/cache_lab.h"

/* Steps on the nodes 2, 2, 2, 1, 2. */

#define N_STEPS 5

struct chain {
	uint32_t deps[2], node[N_STEPS];
	uint8_t access[N_STEPS][2];
	uint64_t state_bytes[2];
	struct sfe_step steps[N_STEPS];
	struct sfe_job job;
	struct sfe_deployed_job deployed;
	struct sfe_endpoint nodes[N_NODES];
	struct sfe_deployment deployment;
};

static void make_chain(struct chain *c, const struct sfe_strategy_info *strategy)
{
	*c = (struct chain){.deps = {0, 1},
		.node = {READER, READER, READER, HOME, READER},
		.access = {{SFE_READ, SFE_UPDATE}, {SFE_READ, SFE_UPDATE}, {SFE_READ, SFE_READ},
			{SFE_READ, SFE_UPDATE}, {SFE_READ, SFE_READ}},
		.state_bytes = {3000, 400}};
	for (uint32_t s = 0; s < N_STEPS; s++)
		c->steps[s] = (struct sfe_step){.ops = MS,
			.arg_bytes = 100,
			.out_bytes = 100,
			.n_deps = 2,
			.deps = c->deps,
			.access = c->access[s]};
	c->job = (struct sfe_job){.number = 1,
		.n_steps = N_STEPS,
		.steps = c->steps,
		.declared = true,
		.n_states = 2,
		.state_bytes = c->state_bytes,
		.states_total_bytes = 3400};
	c->deployed = (struct sfe_deployed_job){&c->job, 0, c->node};
	for (uint32_t i = 0; i < N_NODES; i++)
		c->nodes[i] = lab_node(i, "n");
	c->deployment = (struct sfe_deployment){.strategy = strategy,
		.n_nodes = N_NODES,
		.nodes = c->nodes,
		.n_jobs = 1,
		.jobs = &c->deployed,
		.n_functions = 1,
		.function_names = function_names,
		.seed = 7,
		.store = STORE};
}

static struct outcome run_chain(const struct sfe_strategy_info *strategy, unsigned fetch, bool on)
{
	struct lab lab = {.kind = LAB_PROCESSES};
	struct outcome o = {0};
	struct chain c;

	cached = *strategy;
	cached.options.cache = on;
	cached.options.fetch = fetch;
	make_chain(&c, &cached);
	lab_start(&lab, &c.deployment);
	run_job(&lab, &o, 0);
	end(&lab, &o);
	return o;
}

static void test_job(void)
{
	static const struct {
		const struct sfe_strategy_info *strategy;
		uint32_t hits, serial, parallel;
		uint64_t bytes;
	} cases[] = {
		/* The first state comes once to each node. The second moves with its changes: the
		 * first step on each node fetches it, and the last one copies it. */
		{&sfe_state_local, 3, 5, 4, 2 * 3000 + 3 * 400},
		/* What a step left in the store is here for the steps after it. */
		{&sfe_unchained_in_edge, 5, 5, 3, 2 * 3000 + 3 * 400},
		{&sfe_unchained_external, 5, 5, 3, 2 * 3000 + 3 * 400},
		/* States are where they were used last: there is nothing that came before. */
		{&sfe_unchained_in_function, 0, 3, 2, 3000 + 2 * 400},
		/* Nothing is fetched. */
		{&sfe_pure_faas, 0, 0, 0, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (unsigned fetch = 0; fetch < (cases[i].strategy->keeper ? 2 : 1); fetch++) {
			const struct outcome plain = run_chain(cases[i].strategy, fetch, false),
					     o = run_chain(cases[i].strategy, fetch, true);
			expect_moved(&o, 0, cases[i].hits,
				fetch ? cases[i].parallel : cases[i].serial, cases[i].bytes);
			CU_ASSERT_EQUAL(plain.job[0].hits, 0);
			CU_ASSERT(plain.job[0].fetched_bytes >= o.job[0].fetched_bytes);
			for (uint32_t s = 0; s < 2; s++)
				CU_ASSERT(o.job[0].digest[s] &&
					  o.job[0].digest[s] == plain.job[0].digest[s]);
		}
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"a chain under each strategy", test_job},
	};

	if (!lab_enter()) {
		puts("SKIPPED: network namespaces are not allowed here");
		return 77;
	}
	return unit_main("cache of states of a job", tests, sizeof(tests) / sizeof(tests[0]));
}
