/* SPDX-License-Identifier: MIT */
/*
 * The closed form of jobs whose steps declare their access to states: a diamond by hand, on the
 * network of test_estimate.c (a byte takes 2 us over 2 links from node to node), and chains.
 */
#include <stdio.h>
#include <string.h>

#include "emu/model/workload/job_graph.h"
#include "emu/model/workload/job_length.h"
#include "sfemu/estimate.h"
#include "sfemu/strategy.h"
#include "tests/unit/unit.h"

#define NODES "0;c;1;1000;x;y;nvidia_jetson_tx2\n1;s;1;1000;x;y;server\n2;q;1;1000;x;y;server\n"
#define LINKS "0;8;lc;node\n1;8;ls;node\n2;8;lq;node\n"
#define EDGES "c lc\nlc c w\ns ls\nls s w\nq lq\nlq q w\nw lc ls lq\n"

enum { START, LEFT, RIGHT, JOIN, N };

/*
 * State 0 (100 kB): START writes, LEFT and RIGHT read, JOIN updates. State 1 (200 kB): LEFT
 * updates, JOIN reads. State 2 (400 kB): RIGHT reads. State 3 (800 kB): nobody uses it.
 */
static uint32_t start_deps[] = {0}, left_deps[] = {0, 1}, right_deps[] = {0, 2},
		join_deps[] = {0, 1};
static uint8_t start_access[] = {SFE_WRITE}, left_access[] = {SFE_READ, SFE_UPDATE},
	       right_access[] = {SFE_READ, SFE_READ}, join_access[] = {SFE_UPDATE, SFE_READ};
static uint64_t sizes[] = {100000, 200000, 400000, 800000};
/* START and LEFT are on s, RIGHT and JOIN on q: 2 on each, so 1, 2, 1 and 1 s. */
static struct sfe_step steps[N] = {
	[START] = {.ops = 500000000,
		.arg_bytes = 5000,
		.out_bytes = 10000,
		.n_deps = 1,
		.deps = start_deps,
		.access = start_access},
	[LEFT] = {.ops = 1000000000,
		.arg_bytes = 10000,
		.out_bytes = 20000,
		.n_deps = 2,
		.deps = left_deps,
		.access = left_access},
	[RIGHT] = {.ops = 500000000,
		.arg_bytes = 10000,
		.out_bytes = 30000,
		.n_deps = 2,
		.deps = right_deps,
		.access = right_access},
	[JOIN] = {.ops = 500000000,
		.arg_bytes = 50000,
		.out_bytes = 40000,
		.n_deps = 2,
		.deps = join_deps,
		.access = join_access},
};

struct bench {
	struct sfe_topology *t;
	struct sfe_routing *r;
	struct sfe_error err;
	struct sfe_graph *graph;
	struct sfe_job job;
	struct sfe_workload w;
	uint32_t nodes[N], *node[1], jobs[1], client[1], load[3];
	struct sfe_assignment a;
};

static void set_up(struct bench *b)
{
	static const struct sfe_edge edges[] = {
		{START, LEFT}, {START, RIGHT}, {LEFT, JOIN}, {RIGHT, JOIN}};

	*b = (struct bench){.nodes = {1, 1, 2, 2}, .node = {b->nodes}, .load = {0, 2, 2}};
	CU_ASSERT_FATAL(!sfe_topology_parse(NODES, strlen(NODES), "n", LINKS, strlen(LINKS), "l",
		EDGES, strlen(EDGES), "e", &b->t, &b->err));
	CU_ASSERT_FATAL(!sfe_routing_new(b->t, SFE_PHYSICAL, &b->r, &b->err));
	CU_ASSERT_FATAL(!sfe_graph_new(N, edges, 4, &b->graph));
	b->job = (struct sfe_job){.number = 1,
		.n_steps = N,
		.steps = steps,
		.graph = b->graph,
		.declared = true,
		.n_states = 4,
		.state_bytes = sizes,
		.states_total_bytes = 1500000,
		.return_bytes = 40000};
	b->w = (struct sfe_workload){
		.n_jobs = 1, .jobs = &b->job, .n_graphs = 1, .graphs = &b->graph};
	b->a = (struct sfe_assignment){1, b->jobs, b->client, b->node, b->load};
}

static void tear_down(struct bench *b)
{
	sfe_graph_free(b->graph);
	sfe_routing_free(b->r);
	sfe_topology_free(b->t);
}

static struct sfe_estimate estimate(struct bench *b, const char *strategy)
{
	const struct sfe_estimate_params cloud = {.cloud_latency_s = 0.1, .cloud_rate_mbps = 80};
	struct sfe_estimate *e, one;

	CU_ASSERT_EQUAL_FATAL(
		sfe_estimate(b->t, b->r, &b->w, &b->a, strategy, &cloud, &e, &b->err), 0);
	one = e[0];
	free(e);
	return one;
}

static void expect(
	struct bench *b, const char *strategy, double net_s, double proc_s, uint64_t traffic)
{
	struct sfe_estimate e = estimate(b, strategy);

	CU_ASSERT_DOUBLE_EQUAL(e.net_delay_s, net_s, 1e-6);
	CU_ASSERT_DOUBLE_EQUAL(e.proc_delay_s, proc_s, 1e-6);
	CU_ASSERT_EQUAL(e.traffic_bytes, traffic);
}

static void test_diamond(void)
{
	struct bench b;

	set_up(&b);
	CU_ASSERT_EQUAL(sfe_job_length(&b.job), 3);
	/*
	 * Calls and results in kB. START 5 + 1400 (it only writes state 0), 10 + 100. LEFT 10 +
	 * 1500, 20 + 200. RIGHT 10 + 1300 (LEFT changes state 1), 30. JOIN 50 + 1500, 40 + 100.
	 * Over LEFT: 1515 + 1730 + 1690.
	 */
	expect(&b, "PureFaaS", 9.87, 4, 12550000);
	/* To START 5 + 600. To RIGHT 10 + 500. LEFT to JOIN 20 + 300. To the client 40 + 300. */
	expect(&b, "StatePropagate", 2.53, 4, 3550000);
	/*
	 * To START 5, to RIGHT 10, LEFT to JOIN 20, to the client 40. LEFT fetches 200; RIGHT 100
	 * and 400, copies; JOIN 100, which START left, and 200.
	 */
	expect(&b, "StateLocal", 1.13, 4, 2150000);
	/*
	 * Calls and results 5 + 10, 10 + 20, 10 + 30, 50 + 40. To and from the cloud: START gives
	 * 100; LEFT fetches 100, 200 and gives 200; RIGHT fetches 100, 400; JOIN 100, 200, gives
	 * 100.
	 */
	expect(&b, "UnchainedExternal", 1.07, 4, 1850000);
	/* The central node is the client. */
	expect(&b, "UnchainedInEdge", 2.27, 4, 3350000);
	/* RIGHT fetches 100, JOIN 100 and 200, from s. */
	expect(&b, "UnchainedInFunction", 0.87, 4, 1150000);
	/* START 5, 110; LEFT 310, 220; RIGHT 510, 30; JOIN 350, 140. */
	expect(&b, "UnchainedInClient", 2.27, 4, 3350000);
	tear_down(&b);
}

/* Which path is the longest depends on the strategy, and so does the processing on it. */
static void test_other_path(void)
{
	const struct sfe_step right = steps[RIGHT];
	struct bench b;

	set_up(&b);
	steps[RIGHT].ops = 1250000000; /* 2.5 s */
	expect(&b, "PureFaaS", 9.87, 4, 12550000);
	expect(&b, "StateLocal", 1.71, 4.5, 2150000);
	steps[RIGHT] = right;
	tear_down(&b);
}

/* Two results go to the client; the last one ends the job. The first step is on the client. */
static void test_two_ends(void)
{
	static const struct sfe_edge edges[] = {{START, LEFT}, {START, RIGHT}};
	struct bench b;

	set_up(&b);
	sfe_graph_free(b.graph);
	CU_ASSERT_FATAL(!sfe_graph_new(3, edges, 2, &b.graph));
	b.job.graph = b.graph;
	b.job.n_steps = 3;
	b.nodes[START] = 0;
	b.load[0] = b.load[1] = b.load[2] = 1; /* 0.5, 1 and 0.5 s */
	/*
	 * LEFT gets 10 + 300 and returns 20 + 300, as state 0 is in its last version; RIGHT gets
	 * 10 + 500 and returns 30 + 100.
	 */
	expect(&b, "StatePropagate", 0.62 + 0.64, 1.5, 2 * 1270000);
	/* LEFT 10, fetches 300, returns 20. RIGHT 10, fetches 500, returns 30. */
	expect(&b, "StateLocal", 0.02 + 0.6 + 0.04, 1.5, 2 * 870000);
	steps[LEFT].ops = 500000000;
	expect(&b, "StateLocal", 0.02 + 1 + 0.06, 1, 2 * 870000);
	steps[LEFT].ops = 1000000000;
	tear_down(&b);
}

/* A chain that updates all states in all steps: declared or not is the same. */
static void expect_equal(const struct sfe_estimate *a, const struct sfe_estimate *b)
{
	CU_ASSERT_DOUBLE_EQUAL(a->net_delay_s, b->net_delay_s, 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(a->proc_delay_s, b->proc_delay_s, 1e-9);
	CU_ASSERT_EQUAL(a->traffic_bytes, b->traffic_bytes);
}

/* A strategy that was not published: all follows from its rules, of chains too. */
static void expect_copy(struct bench *b, const char *name, const struct sfe_estimate *published,
	const struct sfe_estimate *declared)
{
	static struct sfe_strategy_info copies[8];
	static char names[8][32];
	static unsigned n;
	struct sfe_strategy_info *copy = &copies[n];

	*copy = *sfe_strategy_find(name);
	snprintf(names[n], sizeof(names[n]), "my%s", name);
	copy->name = names[n++];
	CU_ASSERT_EQUAL_FATAL(sfe_strategy_register(copy), 0);
	CU_ASSERT_EQUAL(sfe_strategy_register(copy), -17);
	b->job.declared = false;
	const struct sfe_estimate chain = estimate(b, copy->name);
	b->job.declared = true;
	const struct sfe_estimate other = estimate(b, copy->name);
	expect_equal(&chain, published);
	expect_equal(&other, declared);
}

static uint32_t nowhere(const struct sfe_placed_job *j, uint32_t state, uint32_t step)
{
	(void)j, (void)state;
	return step > 1 ? UINT32_MAX : 0;
}

/* A rule that names no node: an error, and nothing is read beyond a table. */
static void test_bad_rule(void)
{
	static const struct sfe_strategy_info bad = {
		.abi = SFE_STRATEGY_ABI, .name = "Nowhere", .keeper = nowhere};
	struct sfe_estimate *e;
	struct bench b;

	set_up(&b);
	CU_ASSERT_EQUAL_FATAL(sfe_strategy_register(&bad), 0);
	CU_ASSERT_EQUAL(sfe_estimate(b.t, b.r, &b.w, &b.a, "Nowhere", NULL, &e, &b.err), -22);
	tear_down(&b);
}

static void test_chain(void)
{
	static const char *const same[] = {
		"PureFaaS", "StatePropagate", "StateLocal", "UnchainedInClient"};
	static uint32_t all[] = {0, 1, 2, 3};
	struct sfe_step chain[N];
	struct bench b;

	set_up(&b);
	for (int s = 0; s < N; s++)
		chain[s] = (struct sfe_step){.ops = 333333333u * (s + 1u),
			.n_deps = 4,
			.deps = all,
			.arg_bytes = 10007u * (s + 1u),
			.out_bytes = 10007u * (s + 2u)};
	b.nodes[LEFT] = 2;
	b.nodes[RIGHT] = 1;
	b.job.graph = NULL;
	b.job.steps = chain;
	b.job.return_bytes = chain[JOIN].out_bytes;
	CU_ASSERT_EQUAL(sfe_job_length(&b.job), N);
	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
		b.job.declared = false;
		const struct sfe_estimate published = estimate(&b, same[i]);
		b.job.declared = true;
		const struct sfe_estimate declared = estimate(&b, same[i]);
		expect_copy(&b, same[i], &published, &declared);
		CU_ASSERT_DOUBLE_EQUAL(declared.net_delay_s, published.net_delay_s, 1e-9);
		CU_ASSERT_EQUAL(declared.proc_delay_s, published.proc_delay_s);
		CU_ASSERT_EQUAL(declared.traffic_bytes, published.traffic_bytes);
		CU_ASSERT(declared.traffic_bytes > 0);
	}
	tear_down(&b);
}

/* Many jobs: processing is a column of each strategy. */
static void test_compare(void)
{
	static const char *const strategies[] = {"PureFaaS", "StateLocal"};
	static char *names[] = {"f0", "f1", "f2"};
	struct sfe_comparison_params params = {.n_placements = 1,
		.placements = {SFE_PROC_ONLY},
		.n_strategies = 2,
		.strategies = strategies,
		.first_seed = 1,
		.replications = 2,
		.threads = 1,
		.by_chain = true};
	const struct sfe_step right = steps[RIGHT];
	struct sfe_comparison *c;
	struct bench b;

	set_up(&b);
	steps[RIGHT].ops = 1250000000;
	b.w.n_functions = 3;
	b.w.function_names = names;
	CU_ASSERT_EQUAL_FATAL(sfe_compare(b.t, b.r, &b.w, &params, &c, &b.err), 0);
	CU_ASSERT(c->graphs);
	CU_ASSERT_EQUAL_FATAL(c->n_rows, 4);
	for (unsigned i = 0; i < 4; i++) {
		const struct sfe_comparison_row *row = &c->rows[i];
		CU_ASSERT_EQUAL(row->chain, i % 2 ? 3 : 0);
		/* All functions are f0: the nodes take turns, beginning with q. LEFT is on s. */
		CU_ASSERT_DOUBLE_EQUAL(row->proc_delay_s.mean, i < 2 ? 4 : 4.5, 1e-6);
		CU_ASSERT(row->net_delay_s.mean > 0);
	}
	CU_ASSERT(c->rows[0].net_delay_s.mean > c->rows[2].net_delay_s.mean);
	steps[RIGHT] = right;
	sfe_comparison_free(c);
	tear_down(&b);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"a diamond under each strategy", test_diamond},
		{"the longest path depends on the strategy", test_other_path},
		{"a job with two ends", test_two_ends},
		{"a chain with declared access", test_chain},
		{"a rule that names no node", test_bad_rule},
		{"a comparison of graphs", test_compare},
	};

	return unit_main("declared", tests, sizeof(tests) / sizeof(tests[0]));
}
