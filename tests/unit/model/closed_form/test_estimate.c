/* SPDX-License-Identifier: MIT */
/*
 * Placement and the closed form on a network small enough to compute by hand: a client c (GPU) and
 * two servers s and q, each behind an 8 Mb/s access link at one switch: a byte takes 2 us from node
 * to node.
 */
#include <stdio.h>
#include <string.h>

#include "sfemu/estimate.h"
#include "tests/unit/unit.h"

#define NODES "0;c;1;1000;x;y;nvidia_jetson_tx2\n1;s;1;1000;x;y;server\n2;q;1;1000;x;y;server\n"
#define LINKS "0;8;lc;node\n1;8;ls;node\n2;8;lq;node\n"
#define EDGES "c lc\nlc c w\ns ls\nls s w\nq lq\nlq q w\nw lc ls lq\n"
/* Chain 1, 3, 4; states: 0 (task 2, 100 kB) for 3 and 4. Arguments 10, 30 and 40 kB. */
#define JOBS                                                                                       \
	"0,j_1,T1,1,100,0.01,1\n0,j_1,T2,1,100,0.1,1\n0,j_1,T3_1_2,1,100,0.03,1\n"                 \
	"0,j_1,T4_3_2,1,100,0.04,1\n"

struct bench {
	struct sfe_topology *t;
	struct sfe_routing *r;
	struct sfe_workload *w;
	struct sfe_error err;
};

static struct bench set_up(const char *nodes, const char *links, const char *edges,
	const char *jobs, uint32_t functions)
{
	const struct sfe_workload_params params = {
		.functions = functions, .ops_factor = 1e9, .arg_factor = 1e6, .state_factor = 1e6};
	struct bench b = {0};

	CU_ASSERT_EQUAL_FATAL(sfe_topology_parse(nodes, strlen(nodes), "n", links, strlen(links),
				      "l", edges, strlen(edges), "e", &b.t, &b.err),
		0);
	CU_ASSERT_EQUAL_FATAL(sfe_routing_new(b.t, SFE_PHYSICAL, &b.r, &b.err), 0);
	CU_ASSERT_EQUAL_FATAL(
		sfe_workload_parse(jobs, strlen(jobs), "w", &params, &b.w, &b.err), 0);
	return b;
}

static void tear_down(struct bench *b)
{
	sfe_routing_free(b->r);
	sfe_topology_free(b->t);
	sfe_workload_free(b->w);
}

static void expect(struct bench *b, const struct sfe_assignment *a, const char *strategy,
	double delay_s, uint64_t bytes)
{
	const struct sfe_estimate_params cloud = {.cloud_latency_s = 0.1, .cloud_rate_mbps = 80};
	struct sfe_estimate *e;

	CU_ASSERT_EQUAL_FATAL(sfe_estimate(b->t, b->r, b->w, a, strategy, &cloud, &e, &b->err), 0);
	CU_ASSERT_DOUBLE_EQUAL(e[0].net_delay_s, delay_s, 1e-6);
	CU_ASSERT_EQUAL(e[0].traffic_bytes, bytes);
	CU_ASSERT_DOUBLE_EQUAL(e[0].proc_delay_s, 5, 1e-6); /* 2 + 2 + 1: two share a server */
	free(e);
}

static void test_strategies(void)
{
	struct bench b = set_up(NODES, LINKS, EDGES, JOBS, 3);
	uint32_t nodes[3] = {1, 1, 2}, *node[1] = {nodes};
	uint32_t job[1] = {0}, client[1] = {0}, load[3] = {0, 2, 1};
	struct sfe_assignment a = {1, job, client, node, load};

	/* To the nodes 110 + 130 + 140 kB, back 130 + 140 + 110 kB. */
	expect(&b, &a, "PureFaaS", 1.52, 1520000);
	/* To s 110, s to s, s to q 140, back 110. */
	expect(&b, &a, "StatePropagate", 0.72, 720000);
	/* To s 10; state to s 100; s to q 40 and the state 100; back 10. */
	expect(&b, &a, "StateLocal", 0.52, 520000);
	/* Arguments 10 + 30 + 40, results 30 + 40 + 10; the state to the cloud and back twice. */
	expect(&b, &a, "UnchainedExternal", 0.32 + 4 * 0.11, 320000 + 400000);
	/* The central node is c, the client: the first by name among equals. */
	expect(&b, &a, "UnchainedInEdge", 0.32, 320000);
	expect(&b, &a, "UnchainedInFunction", 0.32, 320000);
	expect(&b, &a, "UnchainedInClient", 0.32 + 0.8, 320000 + 800000);
	struct sfe_estimate *e;
	CU_ASSERT_EQUAL(sfe_estimate(b.t, b.r, b.w, &a, "Magic", NULL, &e, &b.err), -2);
	CU_ASSERT_EQUAL(
		sfe_estimate(b.t, b.r, b.w, &a, "UnchainedExternal", NULL, &e, &b.err), -22);
	for (unsigned i = 0; i < 7; i++)
		CU_ASSERT_PTR_NOT_NULL(sfe_estimate_strategy(i));
	CU_ASSERT_PTR_NULL(sfe_estimate_strategy(7));
	tear_down(&b);
}

/* 3 functions, 2/3 of the speed is CPU: f0 and f1 are CPU, f2 is GPU. Drawn: f0, f1, f0. */
static void test_placement(void)
{
	struct bench b = set_up(NODES, LINKS, EDGES, JOBS, 3);
	struct sfe_assignment *a;

	CU_ASSERT_EQUAL(b.w->jobs[0].steps[0].function, 0);
	CU_ASSERT_EQUAL(b.w->jobs[0].steps[1].function, 1);
	CU_ASSERT_EQUAL(b.w->jobs[0].steps[2].function, 0);
	CU_ASSERT_EQUAL_FATAL(sfe_assign(b.t, b.r, b.w, SFE_PROC_ONLY, 0, 1, &a, &b.err), 0);
	CU_ASSERT_EQUAL(a->n_jobs, 1);
	CU_ASSERT_EQUAL(a->client[0], 0);
	/* q comes before s by name; then s is empty; then both have one and q is first again. */
	CU_ASSERT_EQUAL(a->node[0][0], 2);
	CU_ASSERT_EQUAL(a->node[0][1], 1);
	CU_ASSERT_EQUAL(a->node[0][2], 2);
	CU_ASSERT_EQUAL(a->load[0], 0);
	CU_ASSERT_EQUAL(a->load[1], 1);
	CU_ASSERT_EQUAL(a->load[2], 2);
	sfe_assignment_free(a);
	tear_down(&b);
}

/* A q that is a thousand times slower to reach is used by ProcOnly only. */
static void test_placement_sees_network(void)
{
	struct bench b =
		set_up(NODES, "0;8;lc;node\n1;8;ls;node\n2;0.008;lq;node\n", EDGES, JOBS, 3);
	struct sfe_assignment *a;

	CU_ASSERT_EQUAL_FATAL(sfe_assign(b.t, b.r, b.w, SFE_PROC_NET, 0, 1, &a, &b.err), 0);
	for (int i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(a->node[0][i], 1);
	sfe_assignment_free(a);
	tear_down(&b);
}

static void test_assign_errors(void)
{
	struct sfe_assignment *a;
	struct bench b = set_up("0;c;1;1;x;y;server\n1;s;1;1;x;y;server\n2;q;1;1;x;y;server\n",
		LINKS, EDGES, JOBS, 3);

	CU_ASSERT_EQUAL(sfe_assign(b.t, b.r, b.w, SFE_PROC_NET, 0, 1, &a, &b.err), -22);
	CU_ASSERT_PTR_NOT_NULL(strstr(b.err.what, "no node is a client"));
	tear_down(&b);
	/* If all nodes are GPU, so are all functions. */
	b = set_up("0;c;1;1;x;y;nvidia_jetson_tx2\n1;s;1;1;x;y;nvidia_jetson_tx2\n"
		   "2;q;1;1;x;y;nvidia_jetson_tx2\n",
		LINKS, EDGES, JOBS, 3);
	CU_ASSERT_EQUAL_FATAL(sfe_assign(b.t, b.r, b.w, SFE_PROC_NET, 0, 1, &a, &b.err), 0);
	sfe_assignment_free(a);
	tear_down(&b);
}

/* The number of selected jobs; equal seeds select the same jobs; clients are client nodes. */
static void test_draws(void)
{
	char jobs[64 * 200 * 3], *at = jobs;

	for (int j = 1; j <= 200; j++)
		at += sprintf(at,
			"0,j_%d,T1,1,100,0,1\n0,j_%d,T2,1,100,1,1\n0,j_%d,T3_1_2,1,100,0,1\n", j, j,
			j);
	struct bench b = set_up(NODES, LINKS, EDGES, jobs, 3);
	struct sfe_assignment *a, *again;
	CU_ASSERT_EQUAL_FATAL(sfe_assign(b.t, b.r, b.w, SFE_PROC_NET, 50, 9, &a, &b.err), 0);
	CU_ASSERT_EQUAL_FATAL(sfe_assign(b.t, b.r, b.w, SFE_PROC_NET, 50, 9, &again, &b.err), 0);
	CU_ASSERT(a->n_jobs > 25 && a->n_jobs < 80);
	CU_ASSERT_EQUAL_FATAL(a->n_jobs, again->n_jobs);
	CU_ASSERT(!memcmp(a->job, again->job, a->n_jobs * sizeof(*a->job)));
	uint32_t placed = 0;
	for (uint32_t j = 0; j < a->n_jobs; j++) {
		CU_ASSERT(!j || a->job[j] > a->job[j - 1]);
		CU_ASSERT_EQUAL(a->client[j], 0);
		placed += b.w->jobs[a->job[j]].n_steps;
	}
	CU_ASSERT_EQUAL(a->load[0] + a->load[1] + a->load[2], placed);
	sfe_assignment_free(a);
	sfe_assignment_free(again);
	CU_ASSERT_EQUAL_FATAL(sfe_assign(b.t, b.r, b.w, SFE_PROC_NET, 0, 9, &a, &b.err), 0);
	CU_ASSERT_EQUAL(a->n_jobs, 200);
	sfe_assignment_free(a);
	tear_down(&b);
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"the strategies by hand", test_strategies},
		{"placement by processing", test_placement},
		{"placement sees the network", test_placement_sees_network},
		{"jobs that cannot be placed", test_assign_errors},
		{"random draws", test_draws},
	};

	return unit_main("estimate", tests, sizeof(tests) / sizeof(tests[0]));
}
